"""The person's WhatsApp page and the dialog that links a number."""

from whatsapp.views.conexao import codigo, conectar, novo_qr, pedir_codigo, qr, risco
from whatsapp.views.pagina import (
    desconectar,
    grupos,
    historico,
    numero,
    pagina,
    sessao,
)

__all__ = [
    "codigo",
    "conectar",
    "desconectar",
    "grupos",
    "historico",
    "novo_qr",
    "numero",
    "pagina",
    "pedir_codigo",
    "qr",
    "risco",
    "sessao",
]
