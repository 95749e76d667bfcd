"""Meta's own side of our doors: what it signs, and how."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from django.test import Client

from conexoes.models import CredencialGlobal
from conexoes.tenancy import sistema

APP_ID = "1900000000001"
SEGREDO = "exemplo_app_secret"
TOKEN = "token-de-verificacao"
WEBHOOK = "/webhooks/meta-leads"
# https://developers.facebook.com/docs/graph-api/webhooks/getting-started: Meta signs
# what it sends, with its escapes.
CORPO = (
    rb'{"object":"page","entry":[{"id":"103412345678901","time":1767225600,"changes":'
    rb'[{"field":"leadgen","value":{"leadgen_id":"90210","page_id":"103412345678901",'
    rb'"form_id":"7001","created_time":1767225590,"note":"Jo\u00e3o \u003C3 50\u0025 '
    rb'a\/b x\u0040y"}}]}]}'
)
ASSINATURA = "sha256=dfc6a81d08473a442847678b7e4c965a46ff52d8089704ec12afd51efcfe28f5"


def credencial(**campos: Any) -> CredencialGlobal:
    """The installation's app at Meta."""
    padrao = {"identificador": APP_ID, "segredo": SEGREDO}
    padrao["token_de_verificacao"] = TOKEN
    with sistema("comando"):
        return CredencialGlobal.objects.create(provedor="meta", **padrao | campos)


def assinar(corpo: bytes, segredo: str = SEGREDO) -> str:
    conta = hmac.new(segredo.encode(), corpo, hashlib.sha256).hexdigest()
    return f"sha256={conta}"


def postar(corpo: bytes, assinatura: str | None = None, **cabecalhos: str) -> Any:
    """One delivery; signed unless told otherwise."""
    if assinatura is None:
        assinatura = assinar(corpo)
    if assinatura:
        cabecalhos = {"X-Hub-Signature-256": assinatura, **cabecalhos}
    return Client().generic(
        "POST", WEBHOOK, corpo, content_type="application/json", headers=cabecalhos
    )
