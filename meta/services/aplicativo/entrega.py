"""The app's webhook at Meta: seen to be there, and begun again when it is gone."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from conexoes import alertas
from conexoes.models import CredencialGlobal
from conexoes.tenancy import sistema
from meta.client import MetaClient
from meta.services.aplicativo.clientes import aplicativo
from meta.services.aplicativo.credencial import (
    CAMPO,
    campos_de,
    inscrever_webhook,
    url_do_webhook,
)

# Many pages are looked after in one hour, and they all share one app.
_CONFERIDO: Final = "meta:webhook_conferido"
_VALE_S: Final = 60
_ALERTA: Final = "meta:webhook"


def garantir() -> None:
    """See that Meta delivers leads here, and subscribe anew when it does not.

    A webhook that delivers somewhere else is somebody's decision: super admins are
    told. Not in a transaction; raises the client's errors.
    """
    if cache.get(_CONFERIDO):
        return
    credencial = aplicativo()
    if not credencial.token_de_verificacao:
        return
    inscrito = _da_pagina(credencial)
    url = url_do_webhook()
    alheio = inscrito is not None and inscrito.get("callback_url") != url
    if inscrito is not None and alheio and not settings.SANDBOX_URL:
        _alertar(str(inscrito.get("callback_url") or "?"))
        return
    if not _em_ordem(inscrito, url):
        inscrever_webhook(credencial, com=campos_de(inscrito or {}))
    cache.set(_CONFERIDO, True, _VALE_S)
    with sistema("fila"):
        alertas.retirar(_ALERTA)


def _da_pagina(credencial: CredencialGlobal) -> dict[str, Any] | None:
    meta = MetaClient(token="", credencial=credencial, urgente=False)
    inscritos = meta.webhooks_do_aplicativo()
    return next((um for um in inscritos if um.get("object") == "page"), None)


def _em_ordem(inscrito: dict[str, Any] | None, url: str) -> bool:
    return (
        inscrito is not None
        and inscrito.get("callback_url") == url
        and inscrito.get("active") is not False
        and CAMPO in campos_de(inscrito)
    )


def _alertar(outro: str) -> None:
    with sistema("fila"):
        alertas.contar(
            _ALERTA,
            _("Conexões: a Meta entrega os leads em outro endereço"),
            _(
                "O webhook do aplicativo da Meta está inscrito em %(outro)s, e não em"
                " %(nosso)s. Enquanto isso, os leads só chegam pela conferência. Se o"
                " certo é este sistema, use “Inscrever o webhook na Meta” em"
                " %(url)s/admin/."
            )
            % {"outro": outro, "nosso": url_do_webhook(), "url": settings.URL_PUBLICA},
        )
