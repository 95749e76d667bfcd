"""Pages: which there are, and what they tell our app."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from conexoes.graph import legivel
from meta import payloads
from meta.client.aplicativo import Aplicativo
from meta.payloads import Negocio, PaginaDaConta, Saude

_CAMPOS: Final = "id,name,access_token,tasks"


class Paginas(Aplicativo):
    """The endpoints of pages; those of one page want that page's own token."""

    def paginas(self) -> list[PaginaDaConta]:
        """The pages the account has a role on, with their tokens."""
        itens = self._graph.todas(
            "/me/accounts", nome="paginas", params={"fields": _CAMPOS}
        )
        return [lida for item in itens if (lida := payloads.ler_pagina(item))]

    def negocios(self) -> list[Negocio]:
        """The business portfolios of the account; wants ``business_management``."""
        itens = self._graph.todas(
            "/me/businesses", nome="negocios", params={"fields": "id,name"}
        )
        return [lido for item in itens if (lido := payloads.ler_negocio(item))]

    def paginas_do_negocio(
        self, negocio_id: str, aresta: Literal["owned_pages", "client_pages"]
    ) -> list[PaginaDaConta]:
        """The pages a portfolio owns or serves; ``/me/accounts`` may lack them."""
        itens = self._graph.todas(
            f"/{negocio_id}/{aresta}",
            nome="paginas_do_negocio",
            params={"fields": _CAMPOS},
        )
        return [lida for item in itens if (lida := payloads.ler_pagina(item))]

    def pagina(self, page_id: str) -> PaginaDaConta:
        """One page with its token, by the account's."""
        corpo = self._graph.ler(
            f"/{page_id}", nome="pagina", objeto=page_id, params={"fields": _CAMPOS}
        )
        return legivel(payloads.ler_pagina(corpo), "pagina")

    def inscricao(self, page_id: str) -> tuple[str, ...]:
        """The fields that the page tells our app of, () when it tells nothing."""
        itens = self._graph.todas(
            f"/{page_id}/subscribed_apps", nome="inscricao", objeto=page_id
        )
        return payloads.ler_inscricao(list(itens), self._app_id)

    def inscrever(self, page_id: str, campos: Iterable[str]) -> None:
        """Have the page tell our app of ``campos``, and of nothing else any more."""
        self._graph.escrever(
            f"/{page_id}/subscribed_apps",
            nome="inscrever",
            objeto=page_id,
            campos={"subscribed_fields": ",".join(campos)},
            repetivel=True,
        )

    def desinscrever(self, page_id: str) -> None:
        """Have the page tell our app nothing any more, in every organisation."""
        self._graph.apagar(
            f"/{page_id}/subscribed_apps", nome="desinscrever", objeto=page_id
        )

    def saude(self, page_id: str, user_id: str) -> Saude:
        """Whether the person may read the page's leads, and if not, why."""
        corpo = self._graph.ler(
            f"/{page_id}",
            nome="saude",
            objeto=page_id,
            params={"fields": f"has_lead_access.user_id({user_id})"},
        )
        return legivel(payloads.ler_saude(corpo), "saude")
