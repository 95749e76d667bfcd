"""One lead by every way at the same moment: told twice, told by two apps, found."""

from __future__ import annotations

from typing import Any

import pytest

from conexoes import drenos
from conexoes.models import EventoPendente, Notificacao, WebhookRecebido
from conexoes.tenancy import sistema
from crm.models import Contato, Oportunidade
from meta.models import FormularioMeta
from meta.services.leituras import conferencia
from tests.meta.chegada.graph import corpo, mudanca
from tests.meta.leituras.formulario import GraphDoFormulario, contar, os_leads
from tests.meta.portas import postar
from tests.paralelo import ao_mesmo_tempo
from tests.trabalho import drenar

pytestmark = pytest.mark.django_db(transaction=True)

IDS = [str(n) for n in range(9001, 9021)]


def test_retry_backfill_and_two_apps_at_once_make_one_of_each(
    graph: GraphDoFormulario, mapa: Any
) -> None:
    graph.criar(*IDS)
    um_app = corpo(*(mudanca(id_) for id_ in IDS))
    outro_app = corpo(*(mudanca(id_, nota="outro") for id_ in reversed(IDS)))

    def avisar(cru: bytes) -> Any:
        def _avisar() -> None:
            for _ in range(3):
                assert postar(cru).status_code == 200
            drenos.drenar_entrada()
            drenos.drenar_saida()

        return _avisar

    def conferir() -> None:
        with sistema("comando"):
            FormularioMeta.objects.update(proxima_conferencia_em=None)
        conferencia.conferir()
        for _ in range(12):
            drenos.drenar_saida()

    ao_mesmo_tempo(avisar(um_app), avisar(outro_app), conferir)
    drenar()

    assert [um.leadgen_id for um in os_leads(status="processado")] == IDS
    assert contar(Contato) == contar(Oportunidade) == 20
    assert contar(Notificacao, chave__startswith="lead:") == 20
    # Each body is kept once, each of its leads told of in the trace.
    assert contar(WebhookRecebido, pai=None) == 2
    assert {um.avisado_em is not None for um in os_leads()} == {True}
    assert contar(EventoPendente, status="failed") == 0
