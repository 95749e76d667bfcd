from datetime import timedelta

import pytest
from django.utils import timezone

from conexoes.models import EventoPendente
from conexoes.tenancy import na, sistema
from crm.models import Contato, Oportunidade
from meta.models import (
    ConexaoMeta,
    FormularioMeta,
    LeadCapturado,
    LeituraDeLeads,
    PaginaMeta,
)
from meta.services.leads import processamento
from meta.services.leituras import conferencia
from meta.services.leituras.proximas import antecipar
from tests.meta.chegada.graph import FORMULARIO, avisar, entregar, lead
from tests.meta.conftest import ler
from tests.meta.formularios.dominio import mapear, nova_pagina, novo_formulario
from tests.meta.leituras.formulario import (
    a_leitura,
    a_linha,
    conferir,
    contar,
    o_formulario,
    os_leads,
)
from tests.trabalho import apressar, drenar

pytestmark = pytest.mark.django_db


def marcar(**status):
    with sistema("comando"):
        LeadCapturado.objects.filter(**{"leadgen_id": status.pop("id")}).update(
            **status
        )


def test_what_no_webhook_told_is_found_and_taken_in_with_no_second_call(graph, mapa):
    graph.criar("9001", "9002", "9003", "9004", "9005")

    conferir()

    achados = os_leads()
    assert [um.leadgen_id for um in achados] == ["9001", "9002", "9003", "9004", "9005"]
    assert {(um.via, um.recuperado, um.status) for um in achados} == {
        ("conferencia", True, "processado")
    }
    assert contar(Contato) == contar(Oportunidade) == 5
    assert [cursor for cursor, _ in graph.folhas] == ["", "c1", "c2"]
    assert graph.lidos == []
    formulario = o_formulario()
    assert (formulario.conferidos, formulario.esperados) == (5, 5)


def test_a_lead_told_by_a_webhook_is_the_same_one(graph, mapa):
    graph.criar("9001", "9002")
    entregar(graph, graph.leads["9001"])

    conferir()

    um, outro = os_leads()
    assert (um.via, um.recuperado) == ("webhook", False)
    assert (outro.via, outro.recuperado) == ("conferencia", True)
    assert contar(Contato) == contar(Oportunidade) == 2
    assert a_leitura().novos == 1


def test_a_webhook_after_the_read_back_makes_nothing_new(graph, mapa):
    graph.criar("9001")
    conferir()

    avisar("9001")
    drenar()

    (um,) = os_leads()
    assert um.avisado_em is not None
    assert contar(Contato) == contar(Oportunidade) == 1
    assert graph.lidos == []


def test_an_empty_page_with_a_next_one_is_not_the_end(graph, mapa):
    graph.criar("9001", "9002", "9003")
    graph.vazias = {1}

    conferir()

    assert len(os_leads()) == 3
    assert [cursor for cursor, _ in graph.folhas] == ["", "c1", "c2"]


def test_a_page_that_fails_in_the_middle_is_asked_for_again(graph, mapa):
    graph.criar(*(str(n) for n in range(9001, 9007)))
    graph.falha = {1: (500, b"<html>")}

    conferir()

    assert len(os_leads()) == 2
    assert o_formulario().marca_em is None
    assert "Facebook" in a_leitura().erro
    apressar()
    drenar()
    assert len(os_leads()) == 6
    assert [cursor for cursor, _ in graph.folhas] == ["", "c1", "c1", "c2"]
    assert (a_leitura().status, a_leitura().erro) == ("concluida", "")


def test_the_walk_begins_a_day_before_the_mark(graph, mapa):
    graph.criar("9001")
    conferir()
    conferir()
    marca = o_formulario().marca_em

    conferir()

    assert marca == os_leads()[0].criado_na_meta_em
    desde = graph.folhas[-1][1]
    assert desde == int((marca - timedelta(hours=24)).timestamp())


def test_leads_from_before_the_form_was_ours_are_left_to_an_import(graph, mapa):
    graph.criar("8001", ha=timedelta(days=20))
    graph.criar("9001")

    conferir()
    conferir()

    assert [um.leadgen_id for um in os_leads()] == ["9001"]


def test_a_form_made_while_the_page_told_nothing_is_read_back_whole(graph, mapa):
    agora = timezone.now()
    with sistema("comando"):
        # Nobody here knew of the form before the subscription was mended.
        FormularioMeta.objects.update(criado_em=agora)
        PaginaMeta.objects.update(
            inscrita_desde=agora - timedelta(days=9), leadgen_inscrita_em=agora
        )
    graph.criar("9001", ha=timedelta(days=2))

    conferir()

    assert [um.leadgen_id for um in os_leads()] == ["9001"]


def test_what_came_while_a_page_was_given_up_is_left_to_an_import(graph, mapa):
    agora = timezone.now()
    with sistema("comando"):
        FormularioMeta.objects.update(
            criado_em=agora - timedelta(days=9), marca_em=agora - timedelta(hours=2)
        )
        PaginaMeta.objects.update(inscrita_desde=agora - timedelta(hours=1))
    graph.criar("8001", ha=timedelta(hours=3))
    graph.criar("9001", ha=timedelta(minutes=30))

    conferir()

    assert [um.leadgen_id for um in os_leads()] == ["9001"]


def test_the_mark_waits_for_a_lead_that_failed(graph, mapa):
    graph.criar("9001", "9002", "9003")
    conferir()
    marcar(id="9002", status="falhou")

    conferir()

    preso = os_leads(leadgen_id="9002")[0].criado_na_meta_em
    assert o_formulario().marca_em == preso - timedelta(seconds=1)
    marcar(id="9002", status="processado")
    conferir()
    assert o_formulario().marca_em == os_leads()[-1].criado_na_meta_em


def test_the_mark_waits_for_a_failed_lead_as_long_as_meta_keeps_it(graph, mapa):
    graph.criar("9001", "9002")
    conferir()
    ha_muito = timezone.now() - timedelta(days=91)
    marcar(id="9001", status="falhou", criado_na_meta_em=ha_muito)

    conferir()

    assert o_formulario().marca_em == os_leads()[-1].criado_na_meta_em


@pytest.mark.parametrize("status", ["sem_mapeamento", "indisponivel", "processado"])
def test_the_mark_passes_what_is_here_or_never_will_be(graph, mapa, status):
    graph.criar("9001", "9002")
    conferir()
    marcar(id="9001", status=status)

    conferir()

    assert o_formulario().marca_em == os_leads()[-1].criado_na_meta_em


def test_the_mark_never_goes_back(graph, mapa):
    graph.criar("9001", "9002")
    conferir()
    conferir()
    marca = o_formulario().marca_em
    marcar(id="9001", status="falhou")

    conferir()

    assert o_formulario().marca_em == marca


def test_a_lead_that_could_not_be_read_is_by_the_read_back(graph, mapa):
    graph.criar("9001")
    recusado = ler("erro__apelido")
    recusado["error"]["code"] = 506
    graph.leads["9001"] = recusado
    avisar("9001")
    drenar()
    assert os_leads()[0].status == "falhou"

    conferir()

    assert os_leads()[0].status == "processado"
    assert contar(Contato) == 1


def test_leads_of_an_unmapped_form_wait_visibly(graph, pagina):
    graph.criar("9001")

    conferir()

    assert os_leads()[0].status == "sem_mapeamento"
    assert contar(Contato) == 0


def test_a_limit_pauses_only_the_page_it_is_about(graph, gente, mapa):
    outra = nova_pagina(gente.aurora, "104")
    novo_formulario(outra, "7002")
    graph.criar("9001")
    graph.falha = {0: (400, ler("erro__limite"))}

    conferir()

    esta, daquela = (a_leitura(formulario__form_id=f) for f in (FORMULARIO, "7002"))
    assert (esta.status, esta.lidos) == ("andando", 0)
    assert a_linha(payload__leitura_id=str(esta.pk)).motivo == "retry"
    assert daquela.status == "concluida"
    assert contar(ConexaoMeta, status="active") == 1


def test_a_dead_token_asks_to_reconnect_and_the_walk_waits(graph, mapa):
    graph.criar("9001")
    graph.recusa = (400, ler("erro__token_vencido"))
    graph.inspecao = ler("inspecao__vencida")

    conferir()

    linha = a_linha(destino="meta.conferencia")
    assert linha.motivo == "pausada"
    assert contar(ConexaoMeta, status="expired") == 1
    assert a_leitura().status == "andando"
    assert o_formulario().marca_em is None
    with sistema("comando"):
        assert PaginaMeta.objects.get().token_recusado_na == 0


def test_an_account_that_comes_back_is_asked_at_once(graph, mapa):
    graph.recusa = (400, ler("erro__token_vencido"))
    graph.inspecao = ler("inspecao__vencida")
    conferir()
    graph.recusa = None
    with sistema("comando"):
        LeituraDeLeads.objects.update(status="cancelada")
        ConexaoMeta.objects.update(status="active")

    assert conferencia.conferir() == 1


def test_a_form_just_mapped_is_asked_at_once(graph, gente, pagina):
    conferir()
    assert conferencia.conferir() == 0

    mapear(pagina, FORMULARIO, autor=gente.ana)

    assert conferencia.conferir() == 1


def test_a_page_is_read_back_after_its_account_expired(graph, mapa):
    with sistema("comando"):
        ConexaoMeta.objects.update(status="expired")
    graph.criar("9001")

    conferir()

    assert [um.status for um in os_leads()] == ["processado"]


@pytest.mark.parametrize(
    ("da_conta", "da_pagina"),
    [("revoked", {}), ("expired", {"token_recusado_na": 0})],
)
def test_no_read_back_begins_while_the_account_is_dead(
    graph, mapa, da_conta, da_pagina
):
    with sistema("comando"):
        ConexaoMeta.objects.update(status=da_conta)
        PaginaMeta.objects.update(**da_pagina)

    assert conferencia.conferir() == 0
    assert graph.folhas == []


def test_a_page_given_up_is_not_asked_about(graph, mapa):
    graph.criar("9001")
    conferencia.conferir()
    with sistema("comando"):
        PaginaMeta.objects.update(ativo=False)

    drenar()

    assert graph.folhas == []
    assert a_leitura().status == "cancelada"


def test_a_killed_worker_goes_on_at_the_cursor(graph, mapa):
    graph.criar(*(str(n) for n in range(9001, 9005)))
    conferencia.conferir()
    leitura = a_leitura()
    # The first page came in, and the worker died before it could say so.
    with sistema("comando"):
        primeira = EventoPendente.objects.get(destino="meta.conferencia")
    drenar()
    with sistema("comando"):
        EventoPendente.objects.filter(pk=primeira.pk).update(
            status="pending", proxima_tentativa=timezone.now()
        )

    drenar()

    assert [cursor for cursor, _ in graph.folhas] == ["", "c1"]
    leitura = a_leitura(pk=leitura.pk)
    assert (leitura.lidos, leitura.novos, leitura.status) == (4, 4, "concluida")


def test_given_up_it_says_why_and_the_next_turn_begins_anew(graph, mapa):
    graph.criar("9001")
    graph.recusa = (400, ler("erro__sem_objeto"))

    conferir()

    primeira = a_leitura()
    assert primeira.status == "falhou"
    assert primeira.erro == a_linha(destino="meta.conferencia").ultimo_erro
    graph.recusa = None
    conferir()
    assert a_leitura(status="concluida").lidos == 1


def test_one_walk_a_form_however_often_its_turn_comes(graph, gente, mapa):
    conferencia.conferir()
    with na(gente.aurora):
        assert antecipar(gente.aurora, form_id=FORMULARIO) == 1

    assert conferencia.conferir() == 0

    assert contar(LeituraDeLeads) == 1
    assert contar(EventoPendente, destino="meta.conferencia") == 1


def test_a_form_read_now_waits_for_its_turn(graph, mapa):
    conferir()

    assert conferencia.conferir() == 0
    espera = o_formulario().proxima_conferencia_em - timezone.now()
    assert timedelta(hours=5) < espera < timedelta(hours=7)


def test_turns_cost_the_same_however_many_forms_there_are(
    graph, gente, mapa, django_assert_num_queries
):
    for n in range(7100, 7104):
        novo_formulario(nova_pagina(gente.brisa, f"2{n}"), str(n))

    with django_assert_num_queries(10):
        assert conferencia.conferir() == 5


@pytest.mark.parametrize("com_linha", [True, False])
def test_walk_that_nothing_takes_further_lets_the_next_one_begin(
    graph, gente, mapa, com_linha
):
    conferencia.conferir()
    with na(gente.aurora):
        antecipar(gente.aurora)
    with sistema("comando"):
        LeituraDeLeads.objects.update(
            atualizado_em=timezone.now() - timedelta(minutes=11)
        )
        if not com_linha:
            EventoPendente.objects.all().delete()

    comecadas = conferencia.conferir()

    with sistema("comando"):
        leituras = LeituraDeLeads.objects.order_by("criado_em")
        situacoes = [um.status for um in leituras]
    assert comecadas == (0 if com_linha else 1)
    assert situacoes == (["andando"] if com_linha else ["falhou", "andando"])


def test_an_old_read_back_is_forgotten(graph, mapa):
    conferir()
    with sistema("comando"):
        velha = timezone.now() - timedelta(days=8)
        LeituraDeLeads.objects.update(concluida_em=velha)

    conferir()

    assert contar(LeituraDeLeads) == 1


def test_another_organisations_leads_of_the_same_page_are_its_own(graph, gente, mapa):
    dela = nova_pagina(gente.brisa, mapa.pagina.page_id)
    novo_formulario(dela, FORMULARIO)
    graph.criar("9001")

    conferencia.conferir()
    drenar()

    assert contar(LeadCapturado, organizacao=gente.aurora) == 1
    assert contar(LeadCapturado, organizacao=gente.brisa) == 0
    assert contar(Contato, organizacao=gente.brisa) == 0


def test_the_queue_says_whose_leads_are_read_back(graph, mapa, entrar):
    conferencia.conferir()

    pagina = entrar("ana").get("/configuracoes/fila/").content.decode()

    assert "Conferir os leads de Captação" in pagina
    assert lead("1")["field_data"][0]["values"][0] not in pagina


def test_a_lead_that_cannot_be_taken_in_says_so_and_holds_the_mark(graph, mapa):
    graph.criar("9001")
    conferencia.conferir()
    with na(mapa.organizacao_id):
        EventoPendente.da(mapa.organizacao_id).update(max_tentativas=1)
    drenar()
    conferir()
    marca = o_formulario().marca_em
    graph.criar("9002", ha=timedelta(minutes=5))
    avisar("9002")
    with sistema("comando"):
        evento = EventoPendente.objects.get(destino="meta.leitura", status="pending")
        evento.destino, evento.status = "meta.processamento", "failed"
        evento.ultimo_erro = "Erro interno."
    with na(mapa.organizacao_id):
        processamento.contar(evento)

    assert os_leads(leadgen_id="9002")[0].motivo == "Erro interno."
    assert os_leads(leadgen_id="9002")[0].status == "falhou"
    assert o_formulario().marca_em == marca
