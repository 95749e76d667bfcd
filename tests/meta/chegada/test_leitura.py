from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from conexoes import drenos, repeticao, valkey
from conexoes.models import EventoPendente, Notificacao
from conexoes.tenancy import na, sistema
from crm.models import Contato, Oportunidade
from meta.models import ConexaoMeta, LeadCapturado
from meta.services.leads import reprocesso
from meta.services.paginas import escolha
from tests.meta.chegada.graph import PAGINA, SEM_ACESSO, avisar, entregar, lead
from tests.meta.conftest import ler
from tests.meta.formularios.dominio import nova_pagina
from tests.trabalho import apressar, drenar, drenar_saida

pytestmark = pytest.mark.django_db


def o_lead(**filtro):
    with sistema("comando"):
        return LeadCapturado.objects.get(**filtro)


def a_leitura(**filtro):
    with sistema("comando"):
        return EventoPendente.objects.get(destino="meta.leitura", **filtro)


def contar(modelo, **filtro):
    with sistema("comando"):
        return modelo.objects.filter(**filtro).count()


def ler_tudo():
    """As the worker does it: together."""
    while drenos.drenar_saida():
        pass


def depois(minutos):
    return time_machine.travel(timezone.now() + timedelta(minutes=minutos), tick=True)


@pytest.mark.django_db(transaction=True)
def test_many_due_leads_are_one_call_and_all_are_taken_in(graph, mapa):
    ids = [str(n) for n in range(9002001, 9002041)]
    graph.leads = {um: lead(um) for um in ids}
    avisar(*ids)

    ler_tudo()

    assert [sorted(lidos) for lidos in graph.lidos] == [ids]
    assert contar(LeadCapturado, status="processado") == 40
    assert contar(Contato) == contar(Oportunidade) == 40
    assert contar(EventoPendente, destino="meta.leitura", status="completed") == 40


@pytest.mark.django_db(transaction=True)
def test_one_leads_error_is_its_own(graph, mapa):
    graph.leads = {um: lead(um) for um in ("9002001", "9002003")}
    graph.leads["9002002"] = {"error": {"code": 100, "message": "(#100) no field"}}
    avisar("9002001", "9002002", "9002003", "9002004")

    ler_tudo()

    assert [o_lead(leadgen_id=f"900200{n}").status for n in (1, 2, 3, 4)] == [
        "processado",
        "falhou",
        "processado",
        "a_ler",
    ]
    assert contar(Contato) == 2
    assert "ainda não o mostra" in o_lead(leadgen_id="9002004").motivo


@pytest.mark.django_db(transaction=True)
def test_each_page_is_read_with_its_own_token(graph, gente, mapa):
    outra = nova_pagina(gente.aurora, "555")
    with na(gente.aurora):
        outra.page_access_token = "token-da-outra"
        outra.save()
    graph.leads = {um: lead(um) for um in ("1001", "1002", "1003", "1004")}
    avisar("1001", "1002")
    avisar("1003", "1004", page_id="555")

    ler_tudo()

    tokens = [c["Authorization"] for c in graph.cabecalhos]
    assert sorted(zip(map(sorted, graph.lidos), tokens, strict=True)) == [
        (["1001", "1002"], "Bearer token-da-pagina"),
        (["1003", "1004"], "Bearer token-da-outra"),
    ]


def test_lead_that_cannot_be_read_yet_is_read_minutes_later(graph, mapa):
    avisar("9002001")
    drenar()
    assert (o_lead().status, a_leitura().motivo) == ("a_ler", "retry")
    espera = a_leitura().proxima_tentativa - timezone.now()
    assert timedelta(seconds=10) < espera < timedelta(seconds=20)

    graph.leads["9002001"] = lead("9002001")
    apressar()
    drenar()

    assert (o_lead().status, o_lead().motivo) == ("processado", "")
    assert a_leitura().status == "completed"


def test_lead_whose_id_is_not_known_yet_is_read_minutes_later(graph, mapa):
    """A call for several ids may say so of one that was announced a moment ago."""
    graph.leads["9002001"] = ler("erro__apelido")
    avisar("9002001")
    drenar()
    assert (o_lead().status, a_leitura().motivo) == ("a_ler", "retry")

    graph.leads["9002001"] = lead("9002001")
    apressar()
    drenar()

    assert (o_lead().status, contar(Contato)) == ("processado", 1)


def test_lead_that_is_gone_for_ten_minutes_does_not_exist_any_more(graph, mapa):
    avisar("9002001")
    drenar()

    with depois(11):
        apressar()
        drenar()

    assert (o_lead().status, o_lead().motivo) == (
        "indisponivel",
        "Este lead não existe mais na Meta.",
    )
    assert (a_leitura().status, a_leitura().motivo) == ("failed", "permanente")
    assert contar(Contato) == 0


def test_page_without_access_says_at_once_what_locks_it(graph, mapa):
    graph.saude = SEM_ACESSO
    avisar("9002001")

    drenar()

    de_meta = SEM_ACESSO["has_lead_access"]
    motivo = f"{de_meta['failure_reason']} {de_meta['failure_resolution']}"
    assert (o_lead().status, o_lead().motivo) == ("sem_acesso", motivo)
    assert (a_leitura().status, a_leitura().tentativas) == ("pending", 0)
    with sistema("comando"):
        assert o_lead().pagina.problema == motivo
    assert contar(Notificacao, chave__startswith="meta.problema:") == 1


def test_locked_lead_is_read_when_access_is_back(graph, gente, mapa):
    graph.saude = SEM_ACESSO
    avisar("9002001")
    drenar()
    graph.saude, graph.leads["9002001"] = ler("saude__boa"), lead("9002001")

    with depois(3):
        cache.clear()
        apressar()
        drenar()

    assert (o_lead().status, a_leitura().status) == ("processado", "completed")
    # Its page is looked at anew, so that its problem goes.
    assert contar(EventoPendente, chave__contains=":acesso:") == 1


def test_a_page_tested_open_again_has_its_leads_read_at_once(graph, gente, mapa):
    graph.saude = SEM_ACESSO
    avisar("9002001")
    drenar()
    graph.saude = ler("saude__boa")
    graph.leads |= {um: lead(um) for um in ("9002001", "9002002")}

    escolha.testar(gente.aurora, gente.ana, o_lead().pagina_id)
    avisar("9002002")
    drenar()

    assert contar(LeadCapturado, status="processado") == 2
    assert sorted(sum(graph.lidos[1:], [])) == ["9002001", "9002002"]


def test_lead_of_a_page_let_in_again_has_its_time_to_show_up(graph, mapa):
    graph.saude = SEM_ACESSO
    avisar("9002001")
    drenar()
    graph.saude = ler("saude__boa")

    with depois(60):
        cache.clear()
        apressar()
        drenar()
        assert (o_lead().status, a_leitura().status) == ("a_ler", "pending")
    with depois(80):
        apressar()
        drenar()
        assert o_lead().status == "indisponivel"


def test_locked_lead_is_asked_at_once_when_somebody_says_so(graph, gente, mapa):
    graph.saude = SEM_ACESSO
    avisar("9002001")
    drenar()
    graph.leads["9002001"] = lead("9002001")

    with na(gente.aurora):
        repeticao.tentar_agora(a_leitura())
    assert (o_lead().status, o_lead().motivo) == ("a_ler", "")
    drenar()

    assert o_lead().status == "processado"


def test_lead_that_meta_keeps_no_longer_waits_no_longer(graph, mapa):
    graph.saude = SEM_ACESSO
    avisar("9002001")
    with sistema("comando"):
        LeadCapturado.objects.update(criado_em=timezone.now() - timedelta(days=91))

    drenar()

    assert (o_lead().status, a_leitura().motivo) == ("sem_acesso", "permanente")


@pytest.mark.django_db(transaction=True)
def test_locked_page_costs_two_calls_however_many_its_leads(graph, mapa):
    graph.saude = SEM_ACESSO
    ids = [str(n) for n in range(9002001, 9002061)]
    avisar(*ids)

    ler_tudo()

    assert contar(LeadCapturado, status="sem_acesso") == 60
    assert (len(graph.lidos), graph.perguntas) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_readable_leads_are_read_beside_those_that_hide(graph, mapa):
    graph.saude = ler("erro__sem_anuncio")
    ids = [str(n) for n in range(9002001, 9002011)]
    graph.leads = {ids[-1]: lead(ids[-1])}
    avisar(*ids)

    ler_tudo()
    assert len(graph.lidos) == 3
    for _ in range(3):
        with depois(0.2):
            logo = timezone.now()
        with sistema("comando"):
            EventoPendente.objects.filter(proxima_tentativa__lt=logo).update(
                proxima_tentativa=timezone.now()
            )
        ler_tudo()

    assert o_lead(leadgen_id=ids[-1]).status == "processado"
    assert contar(LeadCapturado, status="a_ler") == 9
    # Nobody is given up on before it was asked about itself.
    assert contar(EventoPendente, destino="meta.leitura", status="pending") == 9


def test_account_that_may_not_ask_why_lets_the_lead_wait_for_a_read_back(graph, mapa):
    graph.saude = ler("erro__sem_anuncio")
    avisar("9002001")
    drenar()
    with depois(11):
        apressar()
        drenar()

    assert (o_lead().status, o_lead().motivo) == (
        "sem_acesso",
        "Sem acesso aos leads desta página.",
    )
    assert (a_leitura().status, a_leitura().motivo) == ("failed", "permanente")
    with sistema("comando"):
        assert o_lead().pagina.problema == ""


def test_reprocess_button_reads_what_was_never_read(graph, gente, mapa):
    graph.saude = SEM_ACESSO
    avisar("9002001")
    with depois(11):
        drenar()
        assert o_lead().status == "sem_acesso"
        graph.leads["9002001"] = lead("9002001")

        with na(gente.aurora):
            reprocesso.um(o_lead(), autor=gente.ana)
        drenar()

    assert o_lead().status == "processado"


def test_dead_token_pauses_the_leads_and_asks_to_be_reconnected(graph, gente, mapa):
    graph.recusa = (400, ler("erro__token_vencido"))
    graph.inspecao = ler("inspecao__vencida")
    avisar("9002001", "9002002")

    drenar()

    with na(gente.aurora):
        assert ConexaoMeta.da(gente.aurora).get().status == "expired"
        eventos = EventoPendente.da(gente.aurora).filter(destino="meta.leitura")
        assert {(e.status, e.motivo, e.tentativas) for e in eventos} == {
            ("pending", "pausada", 0)
        }
    assert o_lead(leadgen_id="9002001").status == "a_ler"
    assert contar(Contato) == 0


def test_lead_is_read_with_the_page_token_after_the_account_expired(graph, gente, mapa):
    with na(gente.aurora):
        ConexaoMeta.da(gente.aurora).update(status="expired", ultimo_erro="Venceu.")

    entregar(graph, lead("9002001"))

    assert (o_lead().status, a_leitura().status) == ("processado", "completed")
    with na(gente.aurora):
        assert ConexaoMeta.da(gente.aurora).get().status == "expired"


@pytest.mark.django_db(transaction=True)
def test_only_the_page_whose_own_token_died_waits(graph, gente, mapa):
    outra = nova_pagina(gente.aurora, "555")
    with na(gente.aurora):
        outra.page_access_token = "token-da-outra"
        outra.save()
        ConexaoMeta.da(gente.aurora).update(status="expired", ultimo_erro="Venceu.")
    graph.inspecao = ler("inspecao__vencida")
    graph.sem_token = {"token-da-outra"}
    graph.leads = {um: lead(um) for um in ("1001", "1002")}
    avisar("1001")
    avisar("1002", page_id="555")

    ler_tudo()
    apressar()
    ler_tudo()

    assert (o_lead(leadgen_id="1001").status, o_lead(leadgen_id="1002").status) == (
        "processado",
        "a_ler",
    )
    assert a_leitura(status="pending").motivo == "pausada"
    # Refused once, it is not asked again before somebody logs in.
    assert sum("token-da-outra" in c["Authorization"] for c in graph.cabecalhos) == 1

    graph.sem_token = set()
    with na(gente.aurora):
        ConexaoMeta.da(gente.aurora).update(status="active", versao_do_token=1)
        repeticao.retomar(gente.aurora, conexao_id=outra.conexao_id)
    ler_tudo()
    # Its form is not mapped; its answers are here.
    assert o_lead(leadgen_id="1002").status == "sem_mapeamento"


@pytest.mark.django_db(transaction=True)
def test_rows_keep_their_own_outcome_when_meta_does_not_say_why(graph, gente, mapa):
    outra = nova_pagina(gente.aurora, "555")
    with na(gente.aurora):
        outra.page_access_token = "token-da-outra"
        outra.save()
    graph.inspecao = {"error": {"code": 2, "message": "later"}}
    graph.sem_token = {"token-da-outra"}
    graph.leads = {um: lead(um) for um in ("1001", "1002")}
    avisar("1001")
    avisar("1002", page_id="555")

    ler_tudo()

    with sistema("comando"):
        linhas = EventoPendente.objects.filter(destino="meta.leitura").order_by("chave")
        assert [(um.status, um.motivo, um.tentativas) for um in linhas] == [
            ("completed", "", 1),
            ("pending", "pausada", 0),
        ]


def test_page_that_asks_too_much_waits_as_long_as_meta_says(graph, mapa):
    graph.recusa = (400, ler("erro__limite"))
    avisar("9002001", "9002002")

    drenar()

    assert contar(EventoPendente, destino="meta.leitura", motivo="retry") == 2
    # The second one was not even asked about: its page pauses.
    assert len(graph.lidos) == 1
    assert valkey.cliente().keys("pausa:*") == [f"pausa:{PAGINA}"]


def test_server_that_does_not_answer_is_asked_again(graph, mapa):
    graph.recusa = (503, {})
    avisar("9002001")
    drenar()
    graph.recusa, graph.leads["9002001"] = None, lead("9002001")

    apressar()
    drenar()

    assert o_lead().status == "processado"
    assert a_leitura().tentativas == 2


def test_lead_that_was_read_meanwhile_is_not_asked_about_again(graph, mapa):
    entregar(graph, lead("9002001"))
    with sistema("comando"):
        EventoPendente.objects.filter(destino="meta.leitura").update(
            status="pending", proxima_tentativa=timezone.now()
        )

    drenar_saida()

    assert len(graph.lidos) == 1
    assert a_leitura().status == "completed"
    assert contar(Contato) == contar(Oportunidade) == 1


def test_disconnected_account_keeps_its_leads_waiting(graph, gente, mapa):
    with na(gente.aurora):
        ConexaoMeta.da(gente.aurora).update(status="revoked", ultimo_erro="Removida.")
    avisar("9002001")

    drenar()

    assert graph.lidos == []
    assert (a_leitura().motivo, a_leitura().ultimo_erro) == ("pausada", "Removida.")
