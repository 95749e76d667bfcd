"""Leads done again: one, a list of any length, never twice at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from conexoes.erros import ErroDeDominio
from conexoes.models import EventoPendente, RegistroAuditoria
from conexoes.tenancy import na, sistema
from crm.models import Contato, Oportunidade
from meta.models import LeadCapturado
from meta.services.leads import reprocesso
from meta.services.leads.consulta import Filtro
from tests.meta.chegada.graph import FORMULARIO, SEM_ACESSO, avisar, entregar
from tests.meta.formularios.dominio import mapear, novo_lead
from tests.meta.leituras.formulario import conferir, contar, os_leads
from tests.meta.leituras.telas import LISTA, do, ver
from tests.paralelo import alguem_espera
from tests.produto import esperar
from tests.trabalho import drenar

pytestmark = pytest.mark.django_db


def test_reprocessing_goes_the_real_way_and_makes_nothing_twice(graph, mapa, entrar):
    graph.criar("9001")
    entregar(graph, graph.leads["9001"])
    lead = os_leads()[0]

    resposta = entrar("ana").post(
        do(lead, "reprocessar_lead"), headers={"HX-Request": "true"}
    )
    drenar()

    assert resposta.status_code == 200
    assert os_leads()[0].processado_em > lead.processado_em
    assert contar(Contato) == contar(Oportunidade) == 1
    assert contar(RegistroAuditoria, acao="lead.reprocessado") == 1
    depois = entrar("ana").get(do(lead)).context["passos"]
    passos = {p.nome: p for p in depois}
    assert passos["contato"].em <= passos["oportunidade"].em


def test_many_are_counted_and_then_reprocessed(graph, gente, mapa, entrar, pagina):
    graph.criar(*(str(n) for n in range(9001, 9004)))
    with sistema("comando"):
        mapa.delete()
    conferir()
    with sistema("comando"):
        LeadCapturado.objects.update(status="falhou")
    ana = entrar("ana")
    url = reverse("meta:reprocessar_leads")
    antes = ver(ana, url, situacao="falhou")
    assert "<strong>3</strong>" in antes
    assert contar(EventoPendente, status="pending") == 0
    mapear(pagina, FORMULARIO, autor=gente.ana)

    ana.post(url, {"situacao": "falhou"})
    drenar()

    assert {um.status for um in os_leads()} == {"processado"}
    assert contar(RegistroAuditoria, acao="leads.reprocessados") == 1


def test_a_list_of_any_length_is_reprocessed_and_says_how_far_it_is(
    graph, gente, mapa, entrar, monkeypatch
):
    monkeypatch.setattr(reprocesso, "_DE_UMA_VEZ", 2)
    graph.criar(*(str(n) for n in range(9001, 9006)))
    conferir()
    with sistema("comando"):
        LeadCapturado.objects.update(status="falhou")
    ana = entrar("ana")
    ana.post(reverse("meta:reprocessar_leads"), {"situacao": "falhou"})
    with na(gente.aurora):
        no_comeco = reprocesso.andamento(gente.aurora)
        with pytest.raises(ErroDeDominio):
            reprocesso.muitos(
                *(gente.aurora, Filtro(situacao="falhou")),
                ate=timezone.now(),
                autor=gente.ana,
            )
    assert "0 de 5" in ver(ana, LISTA)

    drenar()

    with na(gente.aurora):
        no_fim = reprocesso.andamento(gente.aurora)
    assert no_comeco == reprocesso.Andamento(True, 0, 5, 0, "")
    assert no_fim == reprocesso.Andamento(False, 5, 5, 0, "")
    assert {um.status for um in os_leads()} == {"processado"}
    assert "5 de 5" in ver(ana, LISTA)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_reprocess_at_the_same_instant_one_does(gente, pagina):
    novo_lead(pagina, FORMULARIO, status="falhou")

    with ThreadPoolExecutor(1) as fora:
        with na(gente.aurora, gente.ana):
            assert reprocessar(gente) == "1"
            outra = fora.submit(reprocessar_a_parte, gente)
            esperar(lambda: outra.done() or alguem_espera())
        assert outra.result(20) == "Já há leads sendo postos na fila. Espere um pouco."

    assert contar(EventoPendente, destino="meta.reprocesso") == 1


def reprocessar_a_parte(gente):
    try:
        with na(gente.aurora, gente.ana):
            return reprocessar(gente)
    finally:
        connection.close()


def reprocessar(gente):
    filtro, agora = Filtro(situacao="falhou"), timezone.now()
    try:
        return str(reprocesso.muitos(gente.aurora, filtro, ate=agora, autor=gente.ana))
    except ErroDeDominio as erro:
        return erro.mensagem


def test_a_list_that_is_cut_short_goes_on_where_it_was(graph, gente, mapa, monkeypatch):
    monkeypatch.setattr(reprocesso, "_DE_UMA_VEZ", 2)
    monkeypatch.setattr(reprocesso, "_TURNO_S", 0.0)
    graph.criar(*(str(n) for n in range(9001, 9006)))
    conferir()
    with sistema("comando"):
        LeadCapturado.objects.update(status="falhou")
    with na(gente.aurora, gente.ana):
        reprocesso.muitos(
            *(gente.aurora, Filtro(situacao="falhou")),
            ate=timezone.now(),
            autor=gente.ana,
        )

    drenar()

    assert contar(EventoPendente, chave__startswith="meta.processamento:9") == 10
    assert {um.status for um in os_leads()} == {"processado"}


def test_what_waits_for_meta_keeps_no_list_open(graph, gente, mapa):
    graph.saude = SEM_ACESSO
    avisar("9001")
    drenar()
    with na(gente.aurora, gente.ana):
        reprocesso.muitos(
            *(gente.aurora, Filtro(situacao="sem_acesso")),
            ate=timezone.now(),
            autor=gente.ana,
        )

    drenar()

    with na(gente.aurora):
        assert reprocesso.andamento(gente.aurora) == reprocesso.Andamento(
            False, 1, 1, 1, ""
        )


@pytest.mark.parametrize("situacao", ["", "processado", "x"])
def test_a_list_of_what_is_done_is_not_reprocessed(entrar, um_de_cada, situacao):
    url = reverse("meta:reprocessar_leads")

    assert entrar("ana").post(url, {"situacao": situacao}).status_code == 404
    assert contar(EventoPendente) == 0
