"""How a person connects, and what was asked and written down of it."""

from typing import Any

from conexoes.models import EventoPendente, RegistroAuditoria
from conexoes.tenancy import na
from tests.whatsapp.dominio import todas
from whatsapp.models import SessaoWhatsapp
from whatsapp.services import sessoes


def conectar(usuario: Any) -> SessaoWhatsapp:
    with na(usuario.organizacao_id, usuario):
        return sessoes.conectar_sessao(usuario, aceita_risco=True)


def acoes() -> list[str]:
    return [r.acao for r in todas(RegistroAuditoria)]


def passos() -> list[str]:
    """What was asked of the server, beside other work."""
    pedidos = todas(EventoPendente, tipo="whatsapp_sessao")
    return [e.payload["passo"] for e in pedidos]
