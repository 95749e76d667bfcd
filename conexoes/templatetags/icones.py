"""The icons of lucide, each drawn once a process."""

from __future__ import annotations

from functools import lru_cache

from django import template
from lucide.templatetags.lucide import lucide as desenhar

register = template.Library()


# lucide itself remembers 128 icons, fewer than our pages name, opens its archive anew
# for every other one, and writes the SVG each time.
@register.simple_tag
@lru_cache(maxsize=2048)
def lucide(name: str, *, size: int | None = 24, **campos: object) -> str:
    return desenhar(name, size=size, **campos)
