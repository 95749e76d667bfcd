"""What Meta refuses while a lead comes in by its door, and what becomes of the lead."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from conexoes import repeticao, valkey
from conexoes.models import EventoPendente, Notificacao
from conexoes.tenancy import na, sistema
from crm.models import Contato, Oportunidade
from meta.models import ConexaoMeta, LeadCapturado
from tests.meta.chegada.graph import (
    PAGINA,
    SEM_OBJETO,
    GraphDeLeads,
    avisar,
    corpo,
    entregar,
    lead,
    mudanca,
)
from tests.meta.conftest import ler
from tests.meta.formularios.dominio import nova_pagina
from tests.meta.portas import postar
from tests.trabalho import apressar, drenar

pytestmark = pytest.mark.django_db

OUTRA = "103000000000002"


def um(modelo: Any, **filtro: Any) -> Any:
    with sistema("comando"):
        return modelo.objects.get(**filtro)


def contar(modelo: Any, **filtro: Any) -> int:
    with sistema("comando"):
        return int(modelo.objects.filter(**filtro).count())


def nada_nasceu() -> bool:
    return contar(Contato) == contar(Oportunidade) == contar(Notificacao) == 0


def recusa(codigo: int, subcodigo: int = 0, status: int = 400) -> tuple[int, Any]:
    erro: dict[str, Any] = {"message": "-", "type": "OAuthException", "code": codigo}
    if subcodigo:
        erro["error_subcode"] = subcodigo
    return status, {"error": erro}


def passar(segundos: int) -> None:
    """As if the pause that Meta asked for were over; no sooner than in ``segundos``."""
    for chave in valkey.cliente().keys("pausa*"):
        resta = valkey.cliente().ttl(chave)
        assert segundos - 30 < resta <= segundos, (chave, resta)
        valkey.cliente().delete(chave)
    apressar()


@pytest.mark.parametrize(
    ("subcodigo", "status", "palavras"),
    [
        (0, "expired", "Reconecte a conta"),
        (458, "revoked", "removeu o aplicativo"),
        (459, "expired", "verificação de segurança"),
        (460, "expired", "senha do Facebook foi trocada"),
        (463, "expired", "venceu"),
        (464, "expired", "confirme a conta"),
        (467, "expired", "foi encerrado"),
        (492, "expired", "não tem mais função"),
    ],
)
def test_lead_waits_for_an_account_whose_token_died(
    graph: GraphDeLeads,
    gente: SimpleNamespace,
    mapa: Any,
    subcodigo: int,
    status: str,
    palavras: str,
) -> None:
    graph.recusa = recusa(190, subcodigo)
    graph.inspecao = ler("inspecao__vencida")
    graph.inspecao["data"]["error"]["subcode"] = subcodigo

    avisar("9002001")
    drenar()

    conexao, pedido = um(ConexaoMeta), um(EventoPendente, destino="meta.leitura")
    assert (conexao.status, palavras in conexao.ultimo_erro) == (status, True)
    assert (pedido.status, pedido.motivo, pedido.tentativas) == (
        "pending",
        "pausada",
        0,
    )
    assert um(LeadCapturado).status == "a_ler"
    assert contar(Contato) == contar(Oportunidade) == 0
    assert um(Notificacao).usuario_id == gente.ana.pk

    # Connected again, it goes on where it stood.
    graph.recusa, graph.leads["9002001"] = None, lead("9002001")
    with na(gente.aurora):
        ConexaoMeta.da(gente.aurora).update(status="active", ultimo_erro="")
        repeticao.retomar(gente.aurora.pk, conexao_id=conexao.pk)
    drenar()
    assert um(LeadCapturado).status == "processado"
    assert contar(Contato) == contar(Oportunidade) == 1


def test_person_whose_token_died_in_one_organisation_goes_on_in_the_other(
    graph: GraphDeLeads, gente: SimpleNamespace, mapa: Any
) -> None:
    """The same Facebook user and page, and a token of each organisation's own."""
    da_brisa = nova_pagina(gente.brisa, PAGINA)
    with na(gente.brisa):
        da_brisa.page_access_token = "token-da-brisa"
        da_brisa.save()
    graph.leads["9002001"] = lead("9002001")
    graph.sem_token = {"token-da-pagina"}
    graph.inspecao = ler("inspecao__vencida")

    avisar("9002001")
    drenar()

    achados = {
        organizacao.nome: (
            um(ConexaoMeta, organizacao=organizacao).status,
            um(LeadCapturado, organizacao=organizacao).lido_em is not None,
            contar(Notificacao, organizacao=organizacao),
        )
        for organizacao in (gente.aurora, gente.brisa)
    }
    assert achados == {
        "Aurora Imóveis": ("expired", False, 1),
        "Brisa Odontologia": ("active", True, 0),
    }


@pytest.mark.parametrize(
    ("codigo", "http", "segundos"),
    [
        (4, 403, 60),
        (17, 400, 60),
        (32, 403, 60),
        (613, 400, 3600),
        (80005, 400, 60),
        (368, 400, 6 * 3600),
    ],
)
def test_limit_by_its_code_costs_time_and_no_attempt(
    graph: GraphDeLeads, mapa: Any, codigo: int, http: int, segundos: int
) -> None:
    graph.recusa = recusa(codigo, status=http)
    avisar("9002001")

    drenar()

    pedido = um(EventoPendente, destino="meta.leitura")
    assert (pedido.status, pedido.motivo, pedido.tentativas) == ("pending", "retry", 0)
    espera = pedido.proxima_tentativa - timezone.now()
    # Plus some chance, so that not all come back in the same second.
    assert timedelta(seconds=segundos - 30) < espera < timedelta(seconds=segundos * 1.5)
    assert nada_nasceu()

    graph.recusa, graph.leads["9002001"] = None, lead("9002001")
    passar(segundos)
    drenar()
    assert um(LeadCapturado).status == "processado"
    assert len(graph.lidos) == 2


def uso(**campos: int) -> dict[str, str]:
    medida = {"type": "leadgen", "call_count": 10, "total_time": 1, "total_cputime": 1}
    medida |= {"estimated_time_to_regain_access": 0} | campos
    return {"X-Business-Use-Case-Usage": json.dumps({PAGINA: [medida]})}


@pytest.mark.parametrize(
    ("cabecalho", "segundos"),
    [
        (uso(call_count=100, estimated_time_to_regain_access=19), 19 * 60),
        (uso(total_time=100), 60),
        (uso(total_cputime=130), 60),
        ({"X-App-Usage": '{"call_count":100,"total_time":1,"total_cputime":1}'}, 60),
    ],
    ids=["minutes", "time", "cpu", "the app"],
)
def test_limit_by_its_header_lets_the_next_lead_of_the_page_wait(
    graph: GraphDeLeads, mapa: Any, cabecalho: dict[str, str], segundos: int
) -> None:
    graph.extras = cabecalho
    entregar(graph, lead("9002001"))
    entregar(graph, lead("9002002"))

    assert um(LeadCapturado, leadgen_id="9002001").status == "processado"
    assert um(LeadCapturado, leadgen_id="9002002").status == "a_ler"
    assert graph.lidos == [["9002001"]]

    graph.extras = {}
    passar(segundos)
    drenar()
    assert contar(LeadCapturado, status="processado") == 2


@pytest.mark.parametrize("cabecalho", ["", "nada", "[]", '{"1":null}', '{"1":[7]}'])
def test_usage_that_cannot_be_read_stops_nothing(
    graph: GraphDeLeads, mapa: Any, cabecalho: str
) -> None:
    graph.extras = {"X-Business-Use-Case-Usage": cabecalho, "X-App-Usage": cabecalho}

    entregar(graph, lead("9002001"), lead("9002002"))

    assert contar(LeadCapturado, status="processado") == 2


def test_pages_limit_is_no_other_pages(
    graph: GraphDeLeads, gente: SimpleNamespace, mapa: Any
) -> None:
    nova_pagina(gente.aurora, OUTRA)
    graph.extras = uso(call_count=100, estimated_time_to_regain_access=5)
    entregar(graph, lead("9002001"))
    graph.extras = {}

    entregar(graph, lead("9002002"))
    entregar(graph, lead("9002003"), page_id=OUTRA)

    assert um(LeadCapturado, leadgen_id="9002002").lido_em is None
    assert um(LeadCapturado, leadgen_id="9002003").lido_em is not None


def test_lead_goes_to_the_page_it_names_and_not_to_the_entrys(
    graph: GraphDeLeads, gente: SimpleNamespace, mapa: Any
) -> None:
    nova_pagina(gente.brisa, OUTRA)
    graph.leads["9002001"] = lead("9002001")

    cru = corpo(mudanca("9002001", PAGINA), page_id=OUTRA)
    assert postar(cru).status_code == 200
    drenar()

    achado = um(LeadCapturado)
    assert (achado.organizacao_id, achado.page_id) == (gente.aurora.pk, PAGINA)
    assert um(Contato).organizacao_id == gente.aurora.pk


def test_lead_of_another_page_cannot_be_read_and_is_nobodys_contact(
    graph: GraphDeLeads, mapa: Any
) -> None:
    """Signed and all, it is another page's: Graph says so with the page's token."""
    graph.leads["9002001"] = SEM_OBJETO

    avisar("9002001")
    drenar()

    assert um(LeadCapturado).status == "a_ler"
    assert nada_nasceu()


def test_answers_of_every_kind_are_kept_as_they_came(
    graph: GraphDeLeads, mapa: Any
) -> None:
    """What the database cannot hold is the only thing that changes."""
    longa, direita = "ã" * 30_000, "שלום \u202eabc\u202c مرحبا"
    respostas = {
        "mensagem": longa,
        "direita": direita,
        "nula": "a\x00b",
        "vazia": [],
        "em_branco": [""],
        "cores": ["azul", "verde", "azul"],
        "café?_\u202e": "Sim",
    }

    entregar(graph, lead("9002001", **respostas))

    achado = um(LeadCapturado)
    ditas = {uma["name"]: uma["values"] for uma in achado.respostas}
    assert achado.status == "processado"
    assert ditas["mensagem"] == [longa]
    assert ditas["direita"] == [direita]
    assert ditas["nula"] == ["ab"]
    assert (ditas["vazia"], ditas["em_branco"]) == ([], [""])
    assert ditas["cores"] == ["azul", "verde", "azul"]
    assert ditas["café?_\u202e"] == ["Sim"]
    assert contar(Contato) == contar(Oportunidade) == 1
