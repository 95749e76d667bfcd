"""An organisation's numbers and webhook secret, made through the models."""

from __future__ import annotations

import json
import secrets
import sys
from typing import Any, Final

import django

django.setup()

from conexoes.models import SegredoWebhook  # noqa: E402
from conexoes.tenancy import na, sistema  # noqa: E402
from crm.models import Usuario  # noqa: E402
from whatsapp.models import SessaoWhatsapp  # noqa: E402
from whatsapp.services.sessoes import nome_da_sessao  # noqa: E402

# Each number is somebody's own, and its events are written one after the other.
SESSOES: Final = 20


def preparar() -> dict[str, Any]:
    """Twenty people of one organisation with a connected number each."""
    with sistema("comando"):
        organizacao = Usuario.objects.get(email="admin@aurora.example").organizacao
        pessoas = [
            Usuario.objects.create(
                email=f"bench{n}@aurora.example",
                nome=f"Pessoa {n}",
                organizacao=organizacao,
                papel=Usuario.Papel.MEMBER,
            )
            for n in range(SESSOES)
        ]
    segredo = secrets.token_hex(24)
    with na(organizacao):
        SegredoWebhook.objects.update_or_create(
            organizacao=organizacao, provedor="waha", defaults={"segredo": segredo}
        )
        sessoes = [
            SessaoWhatsapp.objects.create(
                organizacao=organizacao,
                usuario=pessoa,
                session_name=nome_da_sessao(pessoa),
                status=SessaoWhatsapp.Status.CONNECTED,
                ligada=True,
                phone_number=f"+55119999900{n:02}",
            )
            for n, pessoa in enumerate(pessoas)
        ]
    return {
        "organizacao": str(organizacao.pk),
        "sessoes": [sessao.session_name for sessao in sessoes],
        "segredo": segredo,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(preparar()) + "\n")
