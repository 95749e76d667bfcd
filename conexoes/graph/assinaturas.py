"""What Meta signs, and what it wants signed."""

from __future__ import annotations

import binascii
import hashlib
import hmac
import json
from base64 import urlsafe_b64decode
from typing import Any

from conexoes.erros import WebhookInvalido


def prova(token: str, segredo: str) -> str:
    """``appsecret_proof`` of the token that is sent: a page's token has its own.

    https://developers.facebook.com/docs/graph-api/guides/secure-requests
    """
    return hmac.new(segredo.encode(), token.encode(), hashlib.sha256).hexdigest()


def ler_signed_request(texto: str, segredo: str) -> dict[str, Any]:
    """What a ``signed_request`` says; raises ``WebhookInvalido`` unless it is signed.

    401 for another signature or algorithm, 400 for a broken shape. How old it may be
    (``issued_at``) is the caller's to say.
    """
    assinatura, ponto, carga = texto.partition(".")
    if not ponto or not segredo:
        raise WebhookInvalido(detalhe="signed_request without a signature", status=400)
    esperada = hmac.new(segredo.encode(), carga.encode(), hashlib.sha256).digest()
    # The part is signed as it came, still encoded: nothing of it is read before.
    if not hmac.compare_digest(_abrir(assinatura), esperada):
        raise WebhookInvalido(detalhe="signed_request with a false signature")
    try:
        lido = json.loads(_abrir(carga))
    except (ValueError, RecursionError):
        lido = None
    if not isinstance(lido, dict):
        raise WebhookInvalido(detalhe="signed_request without JSON", status=400)
    if str(lido.get("algorithm", "")).upper() != "HMAC-SHA256":
        raise WebhookInvalido(detalhe="signed_request of another algorithm")
    return lido


def _abrir(parte: str) -> bytes:
    """base64url whose padding was stripped."""
    try:
        cheia = parte.encode("ascii") + b"=" * (-len(parte) % 4)
        return urlsafe_b64decode(cheia)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise WebhookInvalido(detalhe="signed_request not base64url", status=400) from (
            None
        )
