"""Leads that wait for a mapping: whatever happens at the same moment, none stays."""

from threading import Event
from time import monotonic, sleep

import pytest

from conexoes.tenancy import na, sistema
from meta.models import LeadCapturado
from meta.payloads import ler_lead
from meta.services import formularios
from meta.services.leads import processamento
from tests.meta.chegada.graph import FORMULARIO, avisar, entregar, lead
from tests.meta.formularios.dominio import mapear
from tests.paralelo import alguem_espera, ao_mesmo_tempo
from tests.trabalho import drenar, drenar_entrada


def o_lead():
    with sistema("comando"):
        return LeadCapturado.objects.get()


@pytest.mark.django_db(transaction=True)
def test_form_mapped_while_its_lead_comes_in_leaves_it_behind_in_no_order(
    graph, gente, pagina
):
    avisar("9002001")
    drenar_entrada()
    chegado, mapeado = Event(), Event()

    def chegar():
        with na(gente.aurora):
            lido = {o_lead_id: ler_lead(lead("9002001"))}
            processamento.receber_lidos(gente.aurora.pk, lido)
            chegado.set()
            fim = monotonic() + 5
            while monotonic() < fim and not (alguem_espera() or mapeado.is_set()):
                sleep(0.02)

    def decidir():
        chegado.wait(10)
        mapear(pagina, FORMULARIO, autor=gente.ana)
        mapeado.set()

    o_lead_id = o_lead().pk
    ao_mesmo_tempo(chegar, decidir)
    assert o_lead().status == "sem_mapeamento"
    drenar()

    assert o_lead().status == "processado"


@pytest.mark.django_db
def test_removing_a_forms_mapping_hands_what_waited_to_the_pages_default(
    graph, gente, pagina, mapa
):
    mapear(pagina, formularios.todos_os(pagina), autor=gente.ana)
    with na(gente.aurora):
        formularios.desativar(mapa, autor=gente.ana)
    entregar(graph, lead("9002001"))
    assert o_lead().status == "sem_mapeamento"

    with na(gente.aurora):
        formularios.remover(mapa, autor=gente.ana)
    drenar()

    assert o_lead().status == "processado"
