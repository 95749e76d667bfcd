"""WAHA's door: verify, store, answer."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from conexoes import webhooks
from whatsapp.services.sessoes import PROVEDOR

# Kept beside the body for whoever studies a delivery; the signature is not.
_CABECALHOS: Final = ("X-Webhook-Request-Id", "X-Webhook-Timestamp", "User-Agent")


@csrf_exempt
@require_POST
def receber(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    return webhooks.receber(
        request,
        provedor=PROVEDOR,
        organizacao_id=tenant_id,
        assinatura=request.headers.get("X-Webhook-Hmac", ""),
        algoritmo="sha512",
        cabecalhos={n: request.headers.get(n, "")[:200] for n in _CABECALHOS},
    )
