"""What a Celery task per delivery does: the same domain write as the product's."""

from __future__ import annotations

import os
from uuid import UUID

from celery import shared_task
from django.db import connection

from conexoes.models import WebhookRecebido
from conexoes.tenancy import na
from meta.models import LeadCapturado, PaginaMeta
from meta.payloads import ler_avisos
from meta.services.conta.conexao import cliente_da_pagina
from meta.services.leads.processamento import receber_lidos
from whatsapp.services.recebimento import receber_evento


@shared_task(name="bench.processar_waha")
def processar_mensagem(chave: str) -> None:
    organizacao = os.environ["BENCH_ORGANIZACAO"]
    with na(organizacao):
        corpo = _corpo(chave)
        recebido = WebhookRecebido(
            organizacao_id=organizacao,
            endpoint=f"waha:{organizacao}",
            chave=chave,
            tipo="webhook",
            destino="waha.webhook",
            corpo=corpo,
        )
        receber_evento(recebido)


@shared_task(name="bench.processar_meta")
def processar_lead(chave: str) -> None:
    """One lead: noted, read in a call of its own, taken in."""
    organizacao = UUID(os.environ["BENCH_ORGANIZACAO"])
    with na(organizacao):
        [aviso] = ler_avisos(_corpo(chave))
        pagina = (
            PaginaMeta.da(organizacao)
            .select_related("conexao")
            .get(page_id=aviso.page_id)
        )
        lead, _novo = LeadCapturado.objects.get_or_create(
            organizacao_id=organizacao,
            leadgen_id=aviso.leadgen_id,
            defaults={"pagina": pagina, "page_id": pagina.page_id},
        )
    lido = cliente_da_pagina(pagina).ler_lead(lead.leadgen_id)
    receber_lidos(organizacao, {lead.pk: lido})


def _corpo(chave: str) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT corpo FROM bench_recebidos WHERE chave = %s", [chave])
        return bytes(cursor.fetchone()[0])
