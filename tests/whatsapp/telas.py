"""Reading the WhatsApp pages as a person does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from tests.whatsapp.dominio import criar_sessao
from whatsapp.models import SessaoWhatsapp

PAGINA = "/configuracoes/conexoes/whatsapp/"
HTMX = {"HX-Request": "true"}
ACEITO = {"risco": "1", "aceito_risco": "on"}
Entrar = Callable[[str], Client]
HOJE = timezone.now()


def texto(resposta: Any) -> str:
    assert resposta.status_code == 200
    return resposta.content.decode()


def passo(pagina: str) -> str:
    return pagina.partition('data-passo="')[2].partition('"')[0]


def no_qr(usuario: Any, segundos: int | None, **campos: Any) -> SessaoWhatsapp:
    """A session that waits for a scan; ``segundos`` until its code expires."""
    vence = None
    if segundos is not None:
        vence = timezone.now() + timedelta(seconds=segundos)
        campos |= {"qr": "2@abc,def,ghi", "qr_numero": 1}
    return criar_sessao(usuario, status="qr_pending", qr_expira_em=vence, **campos)
