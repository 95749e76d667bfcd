"""How a deal is shown: what it is worth, and how long it has stood still."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm import valores

register = template.Library()


@register.filter
def dinheiro(valor: Decimal | None, moeda: str = "BRL") -> str:
    """ "R$ 1.234,56"; nothing for what nobody knows."""
    return "" if valor is None else valores.dinheiro(valor, moeda)


@register.filter
def dinheiro_redondo(valor: Decimal | None) -> str:
    """The same without cents where there are none, as a column's head has room for."""
    return dinheiro(valor).removesuffix(",00")


@register.filter
def dias(quantos: int) -> str:
    """ "hoje", "1 dia", "12 dias"."""
    if quantos < 1:
        return _("hoje")
    return ngettext("%(n)d dia", "%(n)d dias", quantos) % {"n": quantos}


@register.filter
def item(guardados: Any, chave: Any) -> Any:
    """What ``guardados`` holds under ``chave``."""
    return guardados.get(chave)
