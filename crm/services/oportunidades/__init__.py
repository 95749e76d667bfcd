"""Deals: made, moved from stage to stage, won, lost, and open again."""

from crm.services.oportunidades.criacao import (
    Nova,
    criar,
    criar_varias,
    primeira_etapa,
)
from crm.services.oportunidades.dados import (
    EDITAVEIS,
    VALOR_MAXIMO,
    alterar,
    motivos,
)
from crm.services.oportunidades.passos import (
    MOTIVO_LETRAS,
    ganhar,
    mover,
    perder,
    reabrir,
    transferir,
)

__all__ = [
    "EDITAVEIS",
    "MOTIVO_LETRAS",
    "VALOR_MAXIMO",
    "Nova",
    "alterar",
    "criar",
    "criar_varias",
    "ganhar",
    "motivos",
    "mover",
    "perder",
    "primeira_etapa",
    "reabrir",
    "transferir",
]
