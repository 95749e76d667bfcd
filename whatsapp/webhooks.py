"""WAHA's door: verify, store, answer."""

from __future__ import annotations

from conexoes import webhooks
from whatsapp.services.sessoes import PROVEDOR

receber = webhooks.porta(
    PROVEDOR,
    assinatura="X-Webhook-Hmac",
    algoritmo="sha512",
    # Kept for whoever studies a delivery; the signature is not.
    guardados=("X-Webhook-Request-Id", "X-Webhook-Timestamp", "User-Agent"),
)
