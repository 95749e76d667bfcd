"""The person whose token it is."""

from __future__ import annotations

from conexoes.graph import legivel
from meta import payloads
from meta.client.aplicativo import Aplicativo
from meta.payloads import Pessoa


class Contas(Aplicativo):
    """The endpoints of the authorised account."""

    def eu(self) -> Pessoa:
        """Who authorised."""
        corpo = self._graph.ler("/me", nome="eu", params={"fields": "id,name,email"})
        return legivel(payloads.ler_pessoa(corpo), "eu")

    def permissoes(self) -> dict[str, str]:
        """``{scope: "granted" | "declined" | "expired"}``."""
        itens = self._graph.todas("/me/permissions", nome="permissoes")
        return payloads.ler_permissoes(list(itens))

    def revogar(self, user_id: str) -> None:
        """Remove our app from the person's account, for every organisation."""
        self._graph.apagar(f"/{user_id}/permissions", nome="revogar")
