"""How what is known of a contact is shown."""

from __future__ import annotations

from django import template

from crm import documentos

register = template.Library()


@register.filter
def documento(guardado: str) -> str:
    """A CPF or CNPJ with its punctuation."""
    return documentos.legivel(guardado)
