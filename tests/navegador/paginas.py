"""Every page there is to look at, found by itself: a new one joins as it comes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import Page

from tests.isolamento.mapa import rotas
from tests.produto import Produto

# Leaving, and what is downloaded instead of looked at.
_FORA = {"account_logout", "crm:midia", "conexoes:eventos"}
_LIGACAO = re.compile(r'<a\b[^>]*?\bhref="([^"]*)"')
# How many links are followed, so that a list cannot lead on for ever.
_MAXIMO = 80


def paginas(produto: Produto, pagina: Page) -> list[str]:
    """Paths of whole pages that this person may open: every address without
    parameters, and one of each kind that a link on those leads to."""
    achadas: dict[str, str] = {}
    por_ver = [*_sem_parametros(), "/conversas/", "/contatos/"]
    for _ in range(_MAXIMO):
        if not por_ver:
            break
        caminho = por_ver.pop(0)
        especie = _especie(caminho)
        if not especie or especie in achadas or especie in _FORA:
            continue
        resposta = pagina.request.get(produto.url + caminho, max_redirects=0)
        corpo = resposta.body().decode(errors="replace")
        if resposta.status != 200 or "<!doctype html>" not in corpo[:200].lower():
            achadas[especie] = ""
            continue
        achadas[especie] = caminho
        por_ver += _ligacoes(corpo)
    assert not por_ver or len(achadas) > 10
    return sorted(caminho for caminho in achadas.values() if caminho)


def _sem_parametros() -> Iterator[str]:
    for rota in rotas():
        if not rota.parametros and not rota.do_admin and not rota.da_api:
            yield rota.caminho


def _especie(caminho: str) -> str:
    try:
        achada = resolve(urlsplit(caminho).path)
    except Resolver404:
        return ""
    return achada.view_name or achada.route


def _ligacoes(corpo: str) -> list[str]:
    ligacoes = map(unescape, _LIGACAO.findall(corpo))
    return [h for h in ligacoes if h.startswith("/") and not h.startswith("/admin")]
