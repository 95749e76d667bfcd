"""Texts that were kept in Portuguese, on the page of who reads another language."""

from __future__ import annotations

from django import template

from conexoes import idioma

register = template.Library()


@register.filter
def traduzido(texto: str | None) -> str:
    """A kept text in the reader's language; see ``idioma.traduzir``."""
    return idioma.traduzir(texto or "")
