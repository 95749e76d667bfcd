"""The language each person reads; what is kept is kept in Portuguese.

The product speaks Portuguese until somebody chooses otherwise. The browser is not
asked: many in Brazil are set to English by accident, a colleague's screen should say
the same words, and a mail written by a worker has no browser to follow.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any, Final

from django.conf import settings
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext, trans_real

from conexoes.middleware import e_sem_pessoa
from conexoes.requisicao import Requisicao

# Always Portuguese: what programs read, and the operators' site.
_SO_EM_PORTUGUES: Final = ("/api/", "/admin/", "/webhooks/")
_LEMBRAR: Final = timedelta(days=365)
# A template with less than this of its own would recognise what a customer wrote.
_LETRAS_DO_MOLDE: Final = 16
_LACUNA: Final = re.compile(r"%\((\w+)\)[sd]")


class IdiomaMiddleware:
    """Answers each person in their language, once TenancyMiddleware knows them.

    A cookie remembers the choice for the log-in page of the same browser.
    """

    def __init__(self, get_response: Callable[[Requisicao], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Requisicao) -> HttpResponseBase:
        if request.path_info.startswith(_SO_EM_PORTUGUES) or e_sem_pessoa(request):
            with guardando():
                return self.get_response(request)
        idioma = _do_pedido(request)
        with translation.override(idioma):
            resposta = self.get_response(request)
        resposta.headers.setdefault("Content-Language", idioma)
        patch_vary_headers(resposta, ["Cookie"])
        _lembrar(request, resposta, idioma)
        return resposta


def de(pessoa: Any) -> str:
    """The code of ``settings.LANGUAGES`` that a person chose, or the product's own;
    nobody (an anonymous visitor) chose none."""
    return _conhecido(getattr(pessoa, "idioma", ""))


def lendo(pessoa: Any) -> translation.override:
    """What is written inside is for ``pessoa`` to read."""
    return translation.override(de(pessoa))


def guardando() -> translation.override:
    """What is written inside is kept, for people of whatever language: Portuguese.

    Workers write it anyway; a request of somebody who reads another language does not.
    """
    return translation.override(settings.LANGUAGE_CODE)


def traduzir(texto: str) -> str:
    """A text that was kept in Portuguese, in the language of who reads it now.

    It is recognised by the catalogue, also with its blanks filled in; what is not (a
    customer's words, a text of an older version) stays as it is.
    """
    idioma = translation.get_language() or settings.LANGUAGE_CODE
    # One word alone may be anybody's: a name, a short note.
    if idioma == settings.LANGUAGE_CODE or " " not in texto:
        return texto
    traduzido = gettext(texto)
    if traduzido != texto:
        return traduzido
    for molde, destino in _moldes(idioma):
        if achado := molde.fullmatch(texto):
            partes = {nome: gettext(um) for nome, um in achado.groupdict().items()}
            return destino % partes
    return texto


@cache
def _moldes(idioma: str) -> list[tuple[re.Pattern[str], str]]:
    """Every text of the catalogue with named blanks, as what recognises it filled in
    and its translation; the longest first, because it says most."""
    # As Django's own JavaScriptCatalog reads it.
    catalogo: Any = trans_real.translation(idioma)._catalog  # type: ignore[attr-defined]
    achados = [
        (chave, valor)
        for chave, valor in catalogo.items()
        if isinstance(chave, str) and len(_LACUNA.sub("", chave)) >= _LETRAS_DO_MOLDE
    ]
    achados.sort(key=lambda par: len(par[0]), reverse=True)
    return [
        (_molde(chave), _LACUNA.sub(r"%(\1)s", valor))
        for chave, valor in achados
        if _LACUNA.search(chave)
    ]


def _molde(texto: str) -> re.Pattern[str]:
    fixas = _LACUNA.split(texto)
    # Between the fixed parts stand the names; one that comes twice says the same twice.
    expressao, vistos = re.escape(fixas[0].replace("%%", "%")), set()
    for nome, fixa in zip(fixas[1::2], fixas[2::2], strict=True):
        expressao += f"(?P={nome})" if nome in vistos else f"(?P<{nome}>.+?)"
        expressao += re.escape(fixa.replace("%%", "%"))
        vistos.add(nome)
    return re.compile(expressao, re.DOTALL)


def _do_pedido(request: Requisicao) -> str:
    usuario: Any = request.user
    if usuario.is_authenticated:
        return de(usuario)
    return _conhecido(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""))


def _conhecido(codigo: str) -> str:
    padrao: str = settings.LANGUAGE_CODE
    return codigo if codigo in dict(settings.LANGUAGES) else padrao


def _lembrar(request: Requisicao, resposta: HttpResponseBase, idioma: str) -> None:
    guardado = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if not request.user.is_authenticated or _conhecido(guardado) == idioma:
        return
    resposta.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        idioma,
        max_age=_LEMBRAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
