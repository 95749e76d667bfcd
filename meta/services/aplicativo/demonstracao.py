"""What the demo shows of Meta: the simulator's app, unless there is another."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings

from conexoes.models import CredencialGlobal
from meta.services.aplicativo.credencial import PROVEDOR

# As the simulator has them.
_APP_ID: Final = "1900000000001"


def demonstrar(organizacao: Any) -> None:
    """Point the installation at the sandbox's app unless somebody configured one."""
    if not settings.SANDBOX_URL:
        return
    segredo = settings.SANDBOX_CHAVE
    CredencialGlobal.objects.get_or_create(
        provedor=PROVEDOR,
        defaults={
            "identificador": _APP_ID,
            "segredo": segredo,
            "token_de_verificacao": f"{segredo}-verificacao",
        },
    )
