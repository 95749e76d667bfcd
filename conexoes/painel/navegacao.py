"""The sidebar of the super admin's site."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

# Apps whose lists have a place of their own below; the others are integrations.
_DA_CASA: Final = {"conexoes", "crm"}


def grupos(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups of links; an integration's lists appear by being registered."""
    integracoes = list(_integracoes(request))
    return [
        _grupo(
            "",
            _item(_("Painel"), "monitor_heart", "index"),
            _item(_("Organizações"), "domain", "crm_organizacao_changelist"),
            _item(_("Pessoas"), "group", "crm_usuario_changelist"),
        ),
        _grupo(
            _("Instalação"),
            _item(
                _("Credenciais globais"), "key", "conexoes_credencialglobal_changelist"
            ),
            _item(
                _("Recursos"), "toggle_on", "conexoes_recursodaorganizacao_changelist"
            ),
        ),
        _grupo(
            _("Trabalho"),
            _item(_("Fila de saída"), "outbox", "conexoes_eventopendente_changelist"),
            _item(
                _("Webhooks"), "move_to_inbox", "conexoes_webhookrecebido_changelist"
            ),
            _item(_("Itens mortos"), "skull", "mortos"),
        ),
        *([_grupo(_("Integrações"), *integracoes)] if integracoes else []),
        _grupo(
            _("Registro"),
            _item(
                _("Auditoria"), "history_edu", "conexoes_registroauditoria_changelist"
            ),
            {
                "title": _("Voltar ao sistema"),
                "icon": "arrow_back",
                "link": "/",
                "active": False,
            },
        ),
    ]


def conta(request: HttpRequest) -> list[dict[str, Any]]:
    """What the menu of the person offers beside the log-out."""
    return [
        {"title": _("Trocar a senha"), "link": reverse("account_change_password")},
    ]


def _integracoes(request: HttpRequest) -> Iterator[dict[str, Any]]:
    for app in admin.site.get_app_list(request):
        if app["app_label"] in _DA_CASA:
            continue
        for modelo in app["models"]:
            nome = capfirst(str(modelo["name"]))
            yield {"title": nome, "icon": "hub", "link": modelo["admin_url"]}


def _grupo(titulo: str, *itens: dict[str, Any]) -> dict[str, Any]:
    return {"title": titulo, "separator": bool(titulo), "items": list(itens)}


def _item(titulo: str, icone: str, rota: str) -> dict[str, Any]:
    return {"title": titulo, "icon": icone, "link": reverse(f"admin:{rota}")}
