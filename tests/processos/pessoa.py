"""Somebody who is logged in, without a browser."""

from __future__ import annotations

import requests

from tests.produto import SENHA


class Pessoa:
    """At the product's pages, as their forms are sent."""

    def __init__(self, url: str, email: str) -> None:
        self.url = url
        self._http = requests.Session()
        self.ler("/conta/entrar/")
        self.postar("/conta/entrar/", login=email, password=SENHA)

    def ler(self, caminho: str) -> int:
        return self._http.get(f"{self.url}{caminho}", timeout=10).status_code

    def postar(self, caminho: str, **campos: str) -> None:
        resposta = self._http.post(
            f"{self.url}{caminho}",
            campos,
            headers={
                "X-CSRFToken": self._http.cookies["csrftoken"],
                "Referer": self.url,
            },
            timeout=15,
        )
        assert resposta.ok, f"{caminho} {resposta.status_code} {resposta.text[:300]}"
