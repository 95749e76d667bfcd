"""What a Celery task per message does: the same domain write as the product's."""

from __future__ import annotations

import os

from celery import shared_task
from django.db import connection

from conexoes.models import WebhookRecebido
from conexoes.tenancy import na
from whatsapp.services.recebimento import receber_evento


@shared_task(name="bench.processar")
def processar(chave: str) -> None:
    organizacao = os.environ["BENCH_ORGANIZACAO"]
    with na(organizacao) as _, connection.cursor() as cursor:
        cursor.execute("SELECT corpo FROM bench_recebidos WHERE chave = %s", [chave])
        (corpo,) = cursor.fetchone()
        recebido = WebhookRecebido(
            organizacao_id=organizacao,
            endpoint=f"waha:{organizacao}",
            chave=chave,
            tipo="webhook",
            destino="waha.webhook",
            corpo=bytes(corpo),
        )
        receber_evento(recebido)
