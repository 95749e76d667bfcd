"""Lead forms of a page: read from Meta, and where the leads of each one go."""

from meta.services.formularios.campos import alvos_da, conferir_campos
from meta.services.formularios.destinos import avisos_do_destino, conferir_destino
from meta.services.formularios.escolha import mapeamento_para, todos_os, trancar
from meta.services.formularios.espera import esperando
from meta.services.formularios.mapeamentos import (
    Pedido,
    alterar,
    ativar,
    desativar,
    mapear,
    remover,
)
from meta.services.formularios.perguntas import novidades, perguntas_de

__all__ = [
    "Pedido",
    "alterar",
    "alvos_da",
    "ativar",
    "avisos_do_destino",
    "conferir_campos",
    "conferir_destino",
    "desativar",
    "esperando",
    "mapear",
    "mapeamento_para",
    "novidades",
    "perguntas_de",
    "remover",
    "todos_os",
    "trancar",
]
