from datetime import timedelta

import pytest
from django.utils import timezone

from conexoes import repeticao
from conexoes.erros import ErroDeDominio
from conexoes.models import EventoPendente, Notificacao, RegistroAuditoria
from conexoes.tenancy import na, sistema
from crm.models import Contato
from meta.models import FormularioMeta, LeituraDeLeads, PaginaMeta
from meta.services.leituras import importacao
from tests.meta.conftest import ler
from tests.meta.leituras.formulario import a_leitura, contar, o_formulario, os_leads
from tests.trabalho import apressar, drenar

pytestmark = pytest.mark.django_db


def importar(gente, periodo="tudo"):
    formulario = o_formulario()
    with na(gente.aurora, gente.ana):
        return importacao.iniciar(formulario, periodo, autor=gente.ana)


def andar():
    """Every step, however calmly it goes."""
    for _ in range(20):
        drenar()
        apressar()


def test_old_leads_come_in_marked_as_imported_and_wake_nobody(graph, gente, mapa):
    graph.criar("8001", "8002", "8003", ha=timedelta(days=40))
    importar(gente)

    andar()

    assert {(um.via, um.recuperado, um.status) for um in os_leads()} == {
        ("importacao", False, "processado")
    }
    leitura = a_leitura()
    assert (leitura.status, leitura.lidos, leitura.novos) == ("concluida", 3, 3)
    with sistema("comando"):
        (aviso,) = Notificacao.objects.all()
    assert (aviso.usuario_id, aviso.titulo, aviso.texto) == (
        gente.ana.pk,
        "Importação concluída: Captação",
        "Leads lidos na Meta: 3. Novos aqui: 3.",
    )


def test_it_goes_calmly_one_page_at_a_time(graph, gente, mapa):
    graph.criar("8001", "8002", "8003")
    importar(gente)

    drenar()

    assert len(graph.folhas) == 1
    with sistema("comando"):
        proximo = EventoPendente.objects.get(
            destino="meta.importacao", status="pending"
        )
    espera = proximo.proxima_tentativa - timezone.now()
    assert timedelta(0) < espera <= timedelta(seconds=2)
    assert a_leitura().lidos == 2


@pytest.mark.parametrize(
    ("periodo", "ids"), [("7", ["8002"]), ("30", ["8001", "8002"])]
)
def test_only_the_period_that_was_asked_for(graph, gente, mapa, periodo, ids):
    graph.criar("8001", ha=timedelta(days=20))
    graph.criar("8002", ha=timedelta(days=2))

    importar(gente, periodo)
    andar()

    assert [um.leadgen_id for um in os_leads()] == ids


def test_how_many_there_will_be_is_guessed_from_how_far_back_it_is(graph, gente, mapa):
    graph.criar("8001", "8002", ha=timedelta(days=7) - timedelta(minutes=30))
    graph.criar("8003", "8004", ha=timedelta(days=3, hours=12))

    importar(gente, "7")
    drenar()

    # Two leads in the newer half of the week.
    assert (a_leitura().lidos, a_leitura().estimados) == (2, 4)


def test_count_of_the_list_that_was_passed_limits_no_guess(graph, gente, mapa):
    graph.criar("8001", "8002", ha=timedelta(days=7) - timedelta(minutes=30))
    graph.criar("8003", "8004", ha=timedelta(days=3, hours=12))
    with na(gente.aurora):
        FormularioMeta.da(gente.aurora).update(leads_na_meta=1)

    importar(gente, "7")
    drenar()

    assert (a_leitura().lidos, a_leitura().estimados) == (2, 4)


def test_one_at_a_time_for_a_form(graph, gente, mapa):
    importar(gente)

    with pytest.raises(ErroDeDominio, match="Já há uma importação"):
        importar(gente)

    assert contar(LeituraDeLeads) == 1


def test_cancelled_it_stops_before_the_next_page(graph, gente, mapa):
    graph.criar("8001", "8002", "8003")
    leitura = importar(gente)
    drenar()

    andando = a_leitura()
    with na(gente.aurora, gente.ana):
        importacao.cancelar(andando, autor=gente.ana)
    andar()

    assert len(graph.folhas) == 1
    assert len(os_leads()) == 2
    assert a_leitura(pk=leitura.pk).status == "cancelada"
    assert contar(Notificacao) == 0
    with na(gente.aurora), pytest.raises(ErroDeDominio, match="já terminou"):
        importacao.cancelar(andando, autor=gente.ana)
    assert contar(RegistroAuditoria, acao="meta.importacao_cancelada") == 1


def test_refused_by_meta_it_says_why_and_goes_on_when_tried_again(graph, gente, mapa):
    graph.criar("8001")
    graph.recusa = (400, ler("erro__sem_objeto"))
    importar(gente)
    drenar()
    assert a_leitura().status == "falhou"
    assert a_leitura().erro

    graph.recusa = None
    with sistema("comando"):
        linha = EventoPendente.objects.get(destino="meta.importacao")
    with na(gente.aurora):
        repeticao.tentar_agora(linha, cerca=linha.cerca)
    drenar()

    assert (a_leitura().status, a_leitura().erro) == ("concluida", "")


def test_what_is_here_already_is_left_as_it_is(graph, gente, mapa):
    graph.criar("8001")
    importar(gente)
    andar()
    antes = os_leads()[0]

    importar(gente)
    andar()

    depois = os_leads()[0]
    assert (depois.processado_em, depois.via) == (antes.processado_em, antes.via)
    assert contar(Contato) == 1
    assert a_leitura(novos=0).lidos == 1


def test_a_page_that_was_given_up_imports_nothing(graph, gente, mapa):
    with sistema("comando"):
        PaginaMeta.objects.update(ativo=False)

    with pytest.raises(ErroDeDominio, match="não está mais escolhida"):
        importar(gente)

    assert contar(LeituraDeLeads) == 0
