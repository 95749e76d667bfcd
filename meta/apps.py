"""The integration's app: registers its providers, checks its settings."""

import re
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register


class MetaConfig(AppConfig):
    name = "meta"
    verbose_name = "Meta"

    def ready(self) -> None:
        from conexoes import provedores
        from meta.provedor import PAGINAS, PROVEDOR

        register(conferir)
        provedores.registrar(PROVEDOR)
        provedores.registrar(PAGINAS)


def conferir(**_: Any) -> list[CheckMessage]:
    """A version that Graph would not know; tokens sent where all can read them."""
    problemas: list[CheckMessage] = []
    if not re.fullmatch(r"v[0-9]{1,3}\.[0-9]", settings.META_GRAPH_VERSION):
        problemas.append(
            Error(
                "META_GRAPH_VERSION precisa ser uma versão da Graph API.",
                hint="Por exemplo v25.0.",
                id="meta.E201",
            )
        )
    for nome in ("META_GRAPH_URL", "META_DIALOGO_URL"):
        if settings.PRODUCAO and not getattr(settings, nome).startswith("https://"):
            problemas.append(
                Error(
                    f"{nome} precisa ser https em produção.",
                    hint="Vazia, é o endereço da própria Meta.",
                    id="meta.E202",
                )
            )
    return problemas
