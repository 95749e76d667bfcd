"""The installation's app: how its calls are made, its tokens, its own webhook."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from conexoes.erros import CredencialInvalida
from conexoes.graph import Graph, legivel
from conexoes.models import CredencialGlobal
from meta import payloads
from meta.payloads import Inspecao, Token


class AppRecusado(CredencialInvalida):
    """Meta refuses our app, its secret or the version we ask for."""

    padrao = gettext_lazy("O Facebook recusou o App ID ou o App Secret configurado.")
    credencial_global = "meta"


class Aplicativo:
    """Calls as the app itself; the rooms beside this one add those with a token.

    ``credencial`` is the global one. What is not ``urgente`` (nobody waits for it)
    pauses before the limits of a page are reached.
    """

    def __init__(
        self, *, token: str, credencial: CredencialGlobal, urgente: bool = True
    ) -> None:
        self._app_id = credencial.identificador
        self._segredo = credencial.segredo
        self._versao = credencial.versao
        self._urgente = urgente
        self._graph = self._com(token)

    def trocar_codigo(self, code: str, redirect_uri: str) -> Token:
        """The short-lived token (1-2 h) behind the code of a log-in; once a code."""
        return self._trocar({"redirect_uri": redirect_uri, "code": code})

    def alongar(self, token: str) -> Token:
        """A token of about 60 days for a short one."""
        campos = {"grant_type": "fb_exchange_token", "fb_exchange_token": token}
        return self._trocar(campos)

    def inspecionar(self, token: str) -> Inspecao:
        """What Meta knows of a token of anybody's; ask also whose app it is of."""
        corpo = self._do_app().ler(
            "/debug_token", nome="inspecionar", params={"input_token": token}
        )
        return legivel(payloads.ler_inspecao(corpo), "inspecionar")

    def nome_do_aplicativo(self) -> str:
        """The app's name: proves that App ID and App Secret belong together."""
        corpo = self._do_app().ler(
            f"/{self._app_id}", nome="aplicativo", params={"fields": "id,name"}
        )
        return str(corpo.get("name") or "") if isinstance(corpo, dict) else ""

    def webhooks_do_aplicativo(self) -> list[dict[str, Any]]:
        """The app's webhooks, as they come: ``object``, ``callback_url``, ``fields``
        (``{"name", "version"}``), ``active``."""
        itens = self._do_app().todas(f"/{self._app_id}/subscriptions", nome="webhooks")
        return [item for item in itens if isinstance(item, dict)]

    def assinar_webhook(
        self, url: str, token_de_verificacao: str, *, campos: str = "leadgen"
    ) -> None:
        """Have Meta deliver what happens at pages to ``url``, which it calls first."""
        self._do_app().escrever(
            f"/{self._app_id}/subscriptions",
            nome="assinar_webhook",
            campos={
                "object": "page",
                "callback_url": url,
                "fields": campos,
                "include_values": "true",
                "verify_token": token_de_verificacao,
            },
            repetivel=True,
        )

    def _trocar(self, campos: dict[str, str]) -> Token:
        params = {"client_id": self._app_id, "client_secret": self._segredo, **campos}
        corpo = self._com("").ler("/oauth/access_token", nome="trocar", params=params)
        return legivel(payloads.ler_token(corpo), "trocar")

    def _do_app(self) -> Graph:
        return self._com(f"{self._app_id}|{self._segredo}", como_app=True)

    def _com(self, token: str, *, como_app: bool = False) -> Graph:
        return Graph(
            token,
            self._segredo,
            self._versao,
            urgente=self._urgente,
            recusa_do_app=AppRecusado,
            como_app=como_app,
        )
