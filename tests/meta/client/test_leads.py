"""Reading leads: one, many at once with bad ones among them, a whole form."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from conexoes.erros import (
    CredencialInvalida,
    ErroPermanente,
    ErroTransitorio,
    PermissaoInsuficiente,
    ResultadoIncerto,
)
from conexoes.graph import codigo
from meta.client import MetaClient
from meta.payloads import Lead
from tests.meta.client.conftest import (
    FORMULARIO,
    PAGINA,
    SEM_OBJETO,
    pedido,
)
from tests.meta.conftest import ler
from tests.servidor import Servidor


def test_one_lead(meta: MetaClient, graph: Servidor) -> None:
    graph.respostas = [(200, ler("lead__completo"))]

    assert meta.ler_lead("9002001", page_id=PAGINA).ad_name == "Anúncio A"

    campos = pedido(graph)[2]["fields"].split(",")
    assert {"field_data", "custom_disclaimer_responses", "campaign_name"} < set(campos)


def test_lead_is_read_without_its_ad_when_that_is_not_allowed(
    meta: MetaClient, graph: Servidor
) -> None:
    graph.respostas = [(400, ler("erro__sem_anuncio")), (200, ler("lead__organico"))]

    assert meta.ler_lead("9002002").id == "9002002"

    campos = pedido(graph)[2]["fields"]
    assert "field_data" in campos
    assert not {"ad_id", "adset_id", "campaign_id"} & set(campos.split(","))


def test_lead_without_permission_at_all_is_asked_twice_and_no_more(
    meta: MetaClient, graph: Servidor
) -> None:
    graph.respostas = [(400, ler("erro__sem_anuncio"))] * 2

    with pytest.raises(PermissaoInsuficiente):
        meta.ler_lead("9002002")

    assert len(graph.pedidos) == 2


def test_lead_that_is_not_there_is_asked_once(
    meta: MetaClient, graph: Servidor
) -> None:
    graph.respostas = [SEM_OBJETO]

    with pytest.raises(ErroPermanente) as erro:
        meta.ler_lead("9002002")

    assert codigo(erro.value) == (100, 33)
    assert len(graph.pedidos) == 1


def leads(*ids: str) -> tuple[int, Any]:
    return 200, {id_: {**ler("lead__completo"), "id": id_} for id_ in ids}


def test_many_leads_in_one_call(meta: MetaClient, graph: Servidor) -> None:
    graph.respostas = [leads("1", "2", "3")]

    lidos = meta.ler_leads(["1", "2", "3", "1"], page_id=PAGINA)

    assert [lido.id for lido in lidos.values() if isinstance(lido, Lead)] == [
        "1",
        "2",
        "3",
    ]
    assert pedido(graph)[1:][0] == "/"
    assert pedido(graph)[2]["ids"] == "1,2,3"


@pytest.mark.parametrize("nome", ["erro__sem_objeto", "erro__apelido"])
def test_one_bad_id_is_isolated_by_its_name(
    meta: MetaClient, graph: Servidor, nome: str
) -> None:
    graph.respostas = [(400, ler(nome)), leads("9002001", "9002003")]

    lidos = meta.ler_leads(["9002001", "9002002", "9002003"])

    assert {id_: type(lido) for id_, lido in lidos.items()} == {
        "9002001": Lead,
        "9002002": ErroPermanente,
        "9002003": Lead,
    }
    assert len(graph.pedidos) == 2


def test_one_bad_id_that_is_not_named_is_found_by_halves(
    meta: MetaClient, graph: Servidor
) -> None:
    sem_nome = {"error": {"code": 803, "message": "Some aliases do not exist"}}
    graph.respostas = [
        (400, sem_nome),
        leads("1", "2"),
        (400, sem_nome),
        (400, sem_nome),
        leads("4"),
    ]

    lidos = meta.ler_leads(["1", "2", "3", "4"])

    assert [id_ for id_, lido in lidos.items() if not isinstance(lido, Lead)] == ["3"]
    assert [pedido(graph, n)[2]["ids"] for n in range(5)] == [
        "1,2,3,4",
        "1,2",
        "3,4",
        "3",
        "4",
    ]


def test_page_that_hides_its_leads_is_not_asked_for_each(
    meta: MetaClient, graph: Servidor
) -> None:
    graph.respostas = [(400, ler("erro__sem_objeto"))]
    perguntas: list[int] = []

    def insistir(escondidos: int) -> bool:
        perguntas.append(escondidos)
        return False

    ids = ["9002001", "9002002", "9002003"]
    lidos = meta.ler_leads(ids, insistir=insistir)

    # Whom nobody was asked about is in no answer.
    assert list(lidos) == ["9002002"]
    assert (len(graph.pedidos), perguntas) == (1, [1])


def test_bad_id_inside_a_200(meta: MetaClient, graph: Servidor) -> None:
    _status, corpo = leads("1")
    graph.respostas = [(200, {**corpo, "2": ler("erro__sem_objeto")})]

    lidos = meta.ler_leads(["1", "2", "3"])

    assert isinstance(lidos["1"], Lead)
    for id_ in ("2", "3"):
        erro = lidos[id_]
        assert isinstance(erro, ErroPermanente)
        assert codigo(erro) == (100, 33)


def test_what_concerns_every_lead_is_raised(meta: MetaClient, graph: Servidor) -> None:
    graph.respostas = [(400, ler("erro__token_vencido"))]

    with pytest.raises(CredencialInvalida):
        meta.ler_leads(["1", "2"])

    assert len(graph.pedidos) == 1


def test_throttled_page_is_left_alone(meta: MetaClient, graph: Servidor) -> None:
    graph.respostas = [(403, ler("erro__limite"))]

    for _ in range(2):
        with pytest.raises(ErroTransitorio) as erro:
            meta.ler_leads(["1"], page_id=PAGINA)

    assert erro.value.limitado is True
    assert len(graph.pedidos) == 1


def test_no_more_than_fifty_leads_and_none_for_none(
    meta: MetaClient, graph: Servidor
) -> None:
    assert meta.ler_leads([]) == {}
    with pytest.raises(ValueError, match="at most 50"):
        meta.ler_leads([str(n) for n in range(51)])

    assert graph.pedidos == []


def test_leads_of_a_form_since(meta: MetaClient, graph: Servidor) -> None:
    corpo = {"data": [ler("lead__completo"), {"sem": "id"}]}
    corpo["paging"] = {"cursors": {"after": "B"}, "next": "https://x/?after=B"}
    graph.respostas = [(200, corpo), (200, {"data": []})]
    desde = datetime(2025, 12, 31, tzinfo=UTC)

    folha = meta.leads_do_formulario(FORMULARIO, desde=desde)
    fim = meta.leads_do_formulario(FORMULARIO, desde=desde, depois=folha.depois)

    assert ([lead.id for lead in folha.dados], folha.depois) == (["9002001"], "B")
    assert (fim.dados, fim.depois) == ([], "")
    assert pedido(graph)[2]["after"] == "B"
    assert pedido(graph)[2]["filtering"] == (
        '[{"field": "time_created", "operator": "GREATER_THAN_OR_EQUAL",'
        ' "value": 1767139200}]'
    )


def test_test_lead(meta: MetaClient, graph: Servidor) -> None:
    graph.respostas = [
        (200, {"id": "9002003"}),
        (200, {"data": [ler("lead__de_teste")]}),
        (200, {"success": True}),
    ]

    assert meta.criar_lead_de_teste(FORMULARIO) == "9002003"
    assert [lead.id for lead in meta.leads_de_teste(FORMULARIO)] == ["9002003"]
    meta.apagar_lead("9002003")

    assert [pedido(graph, n)[:2] for n in range(3)] == [
        ("POST", f"/{FORMULARIO}/test_leads"),
        ("GET", f"/{FORMULARIO}/test_leads"),
        ("DELETE", "/9002003"),
    ]


@pytest.mark.parametrize("resposta", [(200, {}), (500, {}), "corta"])
def test_test_lead_whose_answer_is_lost_is_uncertain(
    meta: MetaClient, graph: Servidor, resposta: Any
) -> None:
    graph.respostas = [resposta]

    with pytest.raises(ResultadoIncerto):
        meta.criar_lead_de_teste(FORMULARIO)
