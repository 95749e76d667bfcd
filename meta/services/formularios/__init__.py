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
from meta.services.formularios.versoes import (
    Versao,
    existente,
    para_salvar,
    versao_de,
)

__all__ = [
    "Pedido",
    "Versao",
    "alterar",
    "alvos_da",
    "ativar",
    "avisos_do_destino",
    "conferir_campos",
    "conferir_destino",
    "desativar",
    "esperando",
    "existente",
    "mapear",
    "mapeamento_para",
    "novidades",
    "para_salvar",
    "perguntas_de",
    "remover",
    "todos_os",
    "trancar",
    "versao_de",
]
