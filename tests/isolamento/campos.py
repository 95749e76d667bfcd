"""Every name under which the product reads what somebody sends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.forms import BaseForm
from rest_framework.serializers import Serializer

_LIDO = re.compile(
    r"""(?:GET|POST|FILES|query_params|data|parametros|request)"""
    r"""(?:\.get|\.getlist|\.pop)?[(\[]\s*["'](\w+)["']"""
)
_EM_TEMPLATE = re.compile(r"""\bname="(\w+)\"""")


def nomes_lidos() -> set[str]:
    """Fields of forms and serializers, names in the templates, and what views pick."""
    achados = set()
    for arquivo in _fontes():
        achados |= set(_LIDO.findall(arquivo.read_text()))
    for template in (settings.BASE_DIR / "templates").rglob("*.html"):
        achados |= set(_EM_TEMPLATE.findall(template.read_text()))
    for classe in _classes():
        achados |= set(getattr(classe, "base_fields", {}))
        achados |= set(getattr(classe, "_declared_fields", {}))
    # Of the browser's own making.
    return achados - {"viewport", "csrfmiddlewaretoken"}


def _fontes() -> Iterator[Path]:
    for config in apps.get_app_configs():
        pasta = Path(config.path)
        if settings.BASE_DIR in pasta.parents and ".venv" not in pasta.parts:
            yield from pasta.rglob("*.py")


def _classes() -> Iterator[type]:
    for arquivo in _fontes():
        partes = arquivo.relative_to(settings.BASE_DIR).with_suffix("").parts
        if not {"forms", "serializers", "contas", "convites"} & set(partes):
            continue
        for valor in vars(import_module(".".join(partes))).values():
            if isinstance(valor, type) and issubclass(valor, BaseForm | Serializer):
                yield valor
