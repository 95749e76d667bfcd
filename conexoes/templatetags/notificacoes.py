"""The bell of every page's frame."""

from __future__ import annotations

from typing import Any

from django import template
from django.db import connection

from conexoes.notificacoes import NaoLidas, nao_lidas

register = template.Library()


@register.inclusion_tag("conexoes/_sino.html", takes_context=True)
def sino(context: dict[str, Any]) -> dict[str, Any]:
    """The bell of the person and organisation that the frame shows."""
    # Pages that wait for a provider have no transaction: they ask nothing.
    if not connection.in_atomic_block:
        return {"sino": NaoLidas(0, None)}
    return {"sino": nao_lidas(context["usuario"], context["organizacao"])}
