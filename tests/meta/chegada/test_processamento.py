from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from conexoes.models import EventoPendente, Notificacao
from conexoes.tenancy import na, sistema
from crm.models import Contato, EtapaFunil, Oportunidade, Tag, TagDoContato, Usuario
from meta.models import FormularioLeadAds, FormularioMeta, LeadCapturado, PaginaMeta
from meta.payloads import AvisoDeLead, Formulario, ler_lead
from meta.services.formularios import sincronizacao
from meta.services.leads import avisos as servico
from meta.services.leads import processamento
from tests.meta.chegada.graph import FORMULARIO, PAGINA, avisar, entregar, lead
from tests.meta.conftest import ler
from tests.meta.formularios.dominio import mapear, nova_pagina, novo_formulario
from tests.paralelo import ao_mesmo_tempo
from tests.trabalho import drenar

pytestmark = pytest.mark.django_db


@pytest.fixture
def tudo(gente):
    """What Aurora has of a model."""

    def _tudo(modelo, **filtro):
        with na(gente.aurora):
            return list(modelo.da(gente.aurora).filter(**filtro).order_by("pk"))

    return _tudo


def test_lead_becomes_contact_and_deal_as_it_is_mapped(graph, gente, mapa, tudo):
    entregar(graph, lead("9002001", **{"qual_o_valor_do_imóvel?": "até_200_mil"}))

    [contato], [negocio] = tudo(Contato), tudo(Oportunidade)
    assert (contato.nome, contato.email) == (
        "Pessoa 9002001",
        "p9002001@exemplo.com.br",
    )
    assert (contato.telefone, contato.origem) == ("+5511909002001", "meta")
    assert (negocio.contato_id, negocio.valor) == (contato.pk, Decimal("200000.00"))
    assert negocio.origem_chave == "lead:9002001"
    [captado] = tudo(LeadCapturado)
    assert (captado.status, captado.motivo) == ("processado", "")
    assert (captado.contato_id, captado.oportunidade_id) == (contato.pk, negocio.pk)
    assert (captado.contato_novo, captado.responsavel_id) == (True, gente.bruno.pk)
    assert captado.processado_em >= captado.lido_em


def test_answers_and_consents_are_kept_letter_for_letter(graph, mapa, tudo):
    inteiro = ler("lead__completo")
    graph.leads["9002001"] = inteiro

    entregar(graph, inteiro)

    [captado] = tudo(LeadCapturado)
    assert captado.respostas == inteiro["field_data"]
    assert captado.consentimentos == inteiro["custom_disclaimer_responses"]
    assert (captado.ad_name, captado.adset_name) == ("Anúncio A", "Público SP")
    assert (captado.campaign_id, captado.platform) == ("120100", "ig")
    assert captado.is_organic is False


def test_person_is_told_once_however_often_it_is_processed(graph, gente, mapa, tudo):
    entregar(graph, lead("9002001"))
    for _ in range(2):
        with na(gente.aurora):
            servico.reprocessar(tudo(LeadCapturado)[0])
        drenar()

    [aviso] = tudo(Notificacao)
    [contato] = tudo(Contato)
    assert (aviso.usuario_id, aviso.titulo) == (
        gente.bruno.pk,
        "Lead novo: Pessoa 9002001",
    )
    assert (aviso.texto, aviso.url) == ("Captação", f"/contatos/{contato.pk}/")
    assert len(tudo(EventoPendente, destino="conexoes.email")) == 1
    assert len(tudo(Oportunidade)) == 1
    with na(gente.aurora):
        mapa.refresh_from_db()
    assert mapa.total_leads_recebidos == 1
    assert mapa.ultimo_lead_recebido is not None


def test_mapping_may_tell_nobody_and_begin_no_deal(graph, gente, pagina, tudo):
    mapear(
        pagina,
        FORMULARIO,
        autor=gente.ana,
        notificar_owner=False,
        criar_oportunidade=False,
    )

    entregar(graph, lead("9002001"))

    assert len(tudo(Contato)) == 1
    assert tudo(Oportunidade) == tudo(Notificacao) == []


def test_owner_of_a_mapping_without_deals_gets_the_contact(graph, gente, pagina, tudo):
    mapear(
        *(pagina, FORMULARIO),
        autor=gente.ana,
        owner=gente.ana,
        criar_oportunidade=False,
    )

    entregar(graph, lead("9002001"))

    [contato], [aviso] = tudo(Contato), tudo(Notificacao)
    assert contato.responsavel_id == aviso.usuario_id == gente.ana.pk


def test_unmapped_form_waits_visibly_and_goes_on_once_mapped(
    graph, gente, pagina, tudo
):
    entregar(graph, lead("9002001"), lead("9002002"))
    assert {x.status for x in tudo(LeadCapturado)} == {"sem_mapeamento"}
    assert {x.motivo for x in tudo(LeadCapturado)} == {
        "O formulário deste lead ainda não foi mapeado."
    }
    assert tudo(Contato) == []

    mapear(pagina, FORMULARIO, autor=gente.ana)
    drenar()

    assert {x.status for x in tudo(LeadCapturado)} == {"processado"}
    assert len(tudo(Contato)) == len(tudo(Oportunidade)) == 2
    # What waited here is not asked of Meta again.
    assert len(graph.lidos) == 2


@pytest.mark.parametrize(
    "respostas",
    [
        {"full_name": "<test lead: dummy data for full_name>"},
        {"email": "test@meta.com"},
        {"email": "Test@FB.com"},
    ],
)
def test_test_lead_is_marked_and_begins_no_deal(graph, mapa, tudo, respostas):
    entregar(graph, lead("9002001", **respostas))

    [captado] = tudo(LeadCapturado)
    assert (captado.teste, captado.status) == (True, "processado")
    assert tudo(Oportunidade) == tudo(Notificacao) == []
    assert [x.nome for x in tudo(Tag)] == ["Lead de teste"]
    assert len(tudo(TagDoContato)) == 1


def test_form_that_nobody_knows_is_looked_for_once(graph, gente, mapa, tudo):
    for n in (1, 2):
        entregar(graph, lead(f"900200{n}") | {"form_id": "7009"})

    assert {um.status for um in tudo(LeadCapturado)} == {"sem_mapeamento"}
    assert len(tudo(EventoPendente, destino="meta.formularios")) == 1
    with na(gente.aurora):
        pagina = PaginaMeta.da(gente.aurora).get()
        sincronizacao.escrever_lista(
            pagina, [Formulario("7009", "Novo", "ACTIVE", "", (), 2)]
        )
        [novo] = FormularioMeta.da(gente.aurora).filter(form_id="7009")
    assert {um.formulario_id for um in tudo(LeadCapturado)} == {novo.pk}


def test_lead_that_was_made_as_a_test_stays_one(graph, gente, mapa, tudo):
    graph.leads["9002001"] = lead("9002001")
    avisar("9002001")
    with na(gente.aurora):
        LeadCapturado.da(gente.aurora).update(teste=True)

    drenar()

    assert tudo(LeadCapturado)[0].teste is True
    assert tudo(Oportunidade) == []


def test_archived_stage_and_inactive_owner_are_passed_over_and_said(
    graph, gente, pagina, tudo
):
    mapa = mapear(pagina, FORMULARIO, autor=gente.ana, owner=gente.ana)
    with sistema("comando"):
        Usuario.objects.filter(pk=gente.ana.pk).update(is_active=False)
        EtapaFunil.objects.filter(pk=mapa.etapa_destino_id).update(
            arquivada_em=timezone.now()
        )

    entregar(graph, lead("9002001"))

    [captado], [negocio] = tudo(LeadCapturado), tudo(Oportunidade)
    assert captado.status == "processado"
    assert captado.motivos == [
        "A etapa escolhida não está mais em uso; foi para Vendas, Em contato.",
        "A pessoa escolhida no mapeamento não está mais ativa.",
    ]
    assert negocio.responsavel_id == gente.bruno.pk


def test_stage_that_was_deleted_is_passed_over(graph, gente, pagina, mapa, tudo):
    with na(gente.aurora):
        FormularioLeadAds.da(gente.aurora).update(etapa_destino=None)

    entregar(graph, lead("9002001"))

    assert tudo(Oportunidade)[0].etapa_id == mapa.etapa_destino_id


def test_answer_that_fits_no_field_is_said_and_stops_nothing(graph, mapa, tudo):
    entregar(graph, lead("9002001", phone_number="não tenho", email="não@"))

    [captado], [contato] = tudo(LeadCapturado), tudo(Contato)
    assert (contato.telefone, contato.email) == ("", "")
    assert sorted(captado.motivos) == [
        "Na resposta para E-mail: Não parece um e-mail.",
        "Na resposta para Telefone: Não parece um telefone com DDD.",
    ]
    assert len(tudo(Oportunidade)) == 1


@pytest.mark.parametrize(
    ("respostas", "nome"),
    [
        ({"full_name": []}, "+55 11 90900-2001"),
        ({"full_name": ["Ana", "Bia"]}, "Ana, Bia"),
        ({"full_name": "Zoë 🏠 \u202e漢字"}, "Zoë 🏠 \u202e漢字"),
        ({"full_name": "Ana\x00 Lima"}, "Ana Lima"),
        ({"full_name": "Ana \ud83d Lima"}, "Ana ? Lima"),
        ({"full_name": "N" * 5000}, "N" * 255),
    ],
    ids=["empty", "several", "unicode", "NUL", "surrogate", "long"],
)
def test_odd_answers_are_a_contact_all_the_same(graph, mapa, tudo, respostas, nome):
    entregar(graph, lead("9002001", **respostas))

    assert tudo(Contato)[0].nome == nome
    assert tudo(LeadCapturado)[0].status == "processado"


def test_lead_without_a_single_answer_is_a_contact_once(graph, gente, mapa, tudo):
    entregar(graph, lead("9002001") | {"field_data": []})
    with na(gente.aurora):
        servico.reprocessar(tudo(LeadCapturado)[0])
    drenar()

    assert [x.nome for x in tudo(Contato)] == ["Contato sem nome"]
    assert len(tudo(Oportunidade)) == 1


def test_email_of_somebody_else_is_said_and_nobody_is_united(graph, gente, mapa, tudo):
    with na(gente.aurora):
        Contato.objects.create(
            organizacao=gente.aurora, nome="Um", telefone="+5511909002001"
        )
        Contato.objects.create(
            organizacao=gente.aurora, nome="Outra", email="p9002001@exemplo.com.br"
        )

    entregar(graph, lead("9002001"))

    assert tudo(LeadCapturado)[0].motivo == (
        "O e-mail do lead é de outro contato: nada foi unido."
    )
    assert len(tudo(Contato)) == 2


def test_page_of_two_organisations_gives_each_its_own_contact(graph, gente, mapa):
    outra = nova_pagina(gente.brisa, PAGINA)
    novo_formulario(outra, FORMULARIO)
    mapear(outra, FORMULARIO, autor=gente.carla)

    entregar(graph, lead("9002001"))

    with sistema("comando"):
        contatos = Contato.objects.values_list("organizacao_id", flat=True)
        assert set(contatos) == {gente.aurora.pk, gente.brisa.pk}


def test_lead_made_known_by_a_read_back_and_then_told_is_one(graph, gente, mapa, tudo):
    from meta.payloads import AvisoDeLead

    aviso = AvisoDeLead("9002001", PAGINA, FORMULARIO, "", None)
    graph.leads["9002001"] = lead("9002001")
    with na(gente.aurora):
        novos = servico.guardar_avisos(gente.aurora.pk, [aviso], via="conferencia")
        assert servico.guardar_avisos(gente.aurora.pk, [aviso], via="conferencia") == []
    drenar()

    avisar("9002001")
    drenar()

    [captado] = tudo(LeadCapturado)
    assert [captado.pk] == novos
    assert (captado.via, captado.recuperado) == ("conferencia", True)
    assert captado.avisado_em is not None
    assert len(tudo(Contato)) == len(tudo(Oportunidade)) == 1


def test_old_leads_that_are_imported_bother_nobody(graph, gente, mapa, tudo):
    aviso = AvisoDeLead("9002001", PAGINA, FORMULARIO, "", None)
    graph.leads["9002001"] = lead("9002001")
    with na(gente.aurora):
        servico.guardar_avisos(gente.aurora.pk, [aviso], via="importacao")
    drenar()

    assert len(tudo(Oportunidade)) == 1
    assert tudo(Notificacao) == []


@pytest.mark.parametrize("processado_antes", [True, False])
@pytest.mark.parametrize(("nasceu_ha", "avisos"), [(1, 1), (36, 1), (24 * 9, 0)])
def test_lead_imported_a_moment_before_meta_tells_of_it_is_told_once(
    graph, gente, mapa, tudo, processado_antes, nasceu_ha, avisos
):
    nasceu = timezone.now() - timedelta(hours=nasceu_ha)
    novo = lead("9002001") | {"created_time": f"{nasceu:%Y-%m-%dT%H:%M:%S}+0000"}
    graph.leads["9002001"] = novo
    aviso = AvisoDeLead("9002001", PAGINA, FORMULARIO, "", nasceu)
    with na(gente.aurora):
        servico.guardar_avisos(gente.aurora.pk, [aviso], via="importacao")
    if processado_antes:
        drenar()
        assert tudo(Notificacao) == []

    for _ in range(2):
        avisar("9002001")
        drenar()

    assert len(tudo(Contato)) == len(tudo(Oportunidade)) == 1
    assert [(um.usuario_id, um.titulo) for um in tudo(Notificacao)] == [
        (gente.bruno.pk, "Lead novo: Pessoa 9002001")
    ] * avisos
    assert len(tudo(EventoPendente, destino="conexoes.email")) == avisos


@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_take_a_lead_in_once(graph, gente, mapa, tudo):
    avisar("9002001")
    [captado] = tudo(LeadCapturado)
    lido = ler_lead(lead("9002001"))

    ao_mesmo_tempo(
        *[
            lambda: processamento.receber_lidos(gente.aurora.pk, {captado.pk: lido})
            for _ in range(5)
        ]
    )

    assert len(tudo(Contato)) == len(tudo(Oportunidade)) == len(tudo(Notificacao)) == 1


def test_statements_do_not_grow_with_the_batch(
    graph, gente, mapa, django_assert_num_queries, tudo
):
    def receber(inicio, quantos):
        ids = [str(n) for n in range(inicio, inicio + quantos)]
        avisar(*ids)
        feitos = tudo(LeadCapturado, leadgen_id__in=ids)
        lidos = {x.pk: ler_lead(lead(x.leadgen_id)) for x in feitos}
        return lambda: processamento.receber_lidos(gente.aurora.pk, lidos)

    receber(1000, 3)()
    com_poucos, com_muitos = receber(2000, 3), receber(3000, 50)
    with django_assert_num_queries(27) as poucos:
        com_poucos()
    with django_assert_num_queries(len(poucos)):
        com_muitos()
