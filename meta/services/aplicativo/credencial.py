"""The installation's own app at Meta: what is filled in, tried and subscribed.

https://developers.facebook.com/docs/graph-api/webhooks/subscriptions-edge
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conexoes.erros import ErroDeDominio
from conexoes.fichas import (
    AcaoDaCredencial,
    CampoDaCredencial,
    Endereco,
    FichaDaCredencial,
)
from conexoes.models import CredencialGlobal
from meta.client import MetaClient

PROVEDOR: Final = "meta"
CAMPO: Final = "leadgen"
_CALLBACK: Final = "/api/v1/conexoes/meta/callback"
_WEBHOOK: Final = "/webhooks/meta-leads"


def redirect_uri() -> str:
    """Where Meta sends people back to; the exchange repeats it letter for letter."""
    return f"{settings.URL_PUBLICA}{_CALLBACK}"


def url_do_webhook() -> str:
    """Where Meta delivers, for every organisation."""
    return f"{settings.URL_PUBLICA}{_WEBHOOK}"


def enderecos() -> list[Endereco]:
    """What the super admin pastes into the app's page at Meta, and where."""
    return [
        Endereco(
            _("URI de redirecionamento"),
            redirect_uri(),
            _(
                "Login do Facebook › Configurações › URIs de redirecionamento do OAuth"
                " válidos"
            ),
        ),
        Endereco(
            _("Webhook (URL de callback)"),
            url_do_webhook(),
            _(
                "O botão “Inscrever o webhook na Meta” cuida disto. À mão: produto"
                " Webhooks, campo leadgen das páginas, com o mesmo token de verificação"
            ),
        ),
        Endereco(
            _("Desautorização"),
            f"{settings.URL_PUBLICA}/webhooks/meta/desautorizar",
            _("Login do Facebook › Configurações › URL de callback de desautorização"),
        ),
        Endereco(
            _("Exclusão de dados"),
            f"{settings.URL_PUBLICA}/webhooks/meta/exclusao",
            _(
                "Configurações do aplicativo › Básico › Exclusão de dados do usuário ›"
                " URL de callback"
            ),
        ),
    ]


def testar_credencial(credencial: CredencialGlobal) -> str:
    """Ask Meta for the app and its webhook; the result, then a warning a line.

    Raises the errors of ``MetaClient``.
    """
    meta = _cliente(credencial)
    nome = meta.nome_do_aplicativo()
    inscritos = meta.webhooks_do_aplicativo()
    resultado = _(
        "A Meta reconhece o aplicativo “%(nome)s” (Graph %(versao)s). Só o painel dela"
        " diz se ele está no modo Ao vivo, sem o qual os leads de outras empresas não"
        " chegam."
    ) % {
        "nome": nome or credencial.identificador,
        "versao": credencial.versao or settings.META_GRAPH_VERSION,
    }
    return "\n".join([resultado, *_ressalvas(credencial, inscritos)])


def inscrever_webhook(credencial: CredencialGlobal, *, com: Iterable[str] = ()) -> str:
    """Have Meta deliver leads here; it calls our address before it answers.

    ``com`` are fields that were subscribed: Meta replaces the list. Raises
    ``ErroDeDominio`` without a verify token, and the errors of ``MetaClient``.
    """
    if not credencial.token_de_verificacao:
        raise ErroDeDominio(
            _("Falta o token de verificação: salve a credencial para criar um.")
        )
    url = url_do_webhook()
    _cliente(credencial).assinar_webhook(
        url,
        credencial.token_de_verificacao,
        campos=",".join(sorted({CAMPO, *com})),
    )
    return _("A Meta conferiu o nosso endereço e entrega os leads em %s.") % url


FICHA: Final = FichaDaCredencial(
    (
        CampoDaCredencial(
            "identificador",
            gettext_lazy("App ID"),
            gettext_lazy("O número do aplicativo, no painel da Meta."),
            validadores=(
                RegexValidator(
                    r"^[0-9]{5,25}\Z", gettext_lazy("O App ID só tem números.")
                ),
            ),
        ),
        CampoDaCredencial(
            "segredo",
            gettext_lazy("App Secret"),
            gettext_lazy("Configurações do aplicativo › Básico › Chave secreta."),
        ),
        CampoDaCredencial(
            "token_de_verificacao",
            gettext_lazy("Token de verificação do webhook"),
            obrigatorio=False,
            gerado=True,
        ),
        CampoDaCredencial(
            "versao",
            gettext_lazy("Versão da Graph API"),
            gettext_lazy("Por exemplo v25.0. Em branco, a que o sistema conhece."),
            obrigatorio=False,
            validadores=(
                RegexValidator(
                    r"^v[0-9]{1,3}\.[0-9]\Z",
                    gettext_lazy("Escreva a versão como v25.0."),
                ),
            ),
        ),
    ),
    assina=True,
    enderecos=enderecos,
    acao=AcaoDaCredencial(
        gettext_lazy("Inscrever o webhook na Meta"), inscrever_webhook
    ),
)


def _cliente(credencial: CredencialGlobal) -> MetaClient:
    return MetaClient(token="", credencial=credencial)


def _ressalvas(
    credencial: CredencialGlobal, inscritos: list[dict[str, Any]]
) -> Iterator[str]:
    url = url_do_webhook()
    if not url.startswith("https://") and not settings.SANDBOX_URL:
        yield _("A Meta só entrega em endereços https, e o nosso é %s.") % url
    if not credencial.token_de_verificacao:
        yield _("Falta o token de verificação: salve a credencial para criar um.")
    da_pagina = [um for um in inscritos if um.get("object") == "page"]
    if not da_pagina:
        yield _(
            "O webhook ainda não está inscrito: nenhum lead chega na hora. Use"
            " “Inscrever o webhook na Meta”."
        )
        return
    inscrito = da_pagina[0]
    if inscrito.get("callback_url") != url:
        yield _("A Meta entrega os leads em outro endereço: %s.") % str(
            inscrito.get("callback_url") or "?"
        )
    if CAMPO not in campos_de(inscrito):
        yield _(
            "O webhook está inscrito sem o campo leadgen: nenhum lead chega por ele."
        )
    if inscrito.get("active") is False:
        yield _("A Meta desativou o webhook. Inscreva-o de novo.")


def campos_de(inscrito: dict[str, Any]) -> set[str]:
    """Names of the subscribed fields: Meta writes them as objects, older as texts."""
    campos = inscrito.get("fields")
    return {
        str(campo.get("name") if isinstance(campo, dict) else campo)
        for campo in (campos if isinstance(campos, list) else [])
    }
