"""Pipelines and their stages, as an organisation arranges them."""

from crm.services.funis.arranjo import (
    arquivar_funil,
    criar_funil,
    ordenar_funis,
    renomear_funil,
    tornar_padrao,
)
from crm.services.funis.etapas import (
    arquivar_etapa,
    criar_etapa,
    ordenar_etapas,
    renomear_etapa,
    travar_etapa,
)
from crm.services.funis.leitura import (
    ETAPAS,
    ETAPAS_NO_MAXIMO,
    FUNIS_NO_MAXIMO,
    NOME,
    etapas_do,
    etapas_em_uso,
    funil_padrao,
    funis_da,
)

__all__ = [
    "ETAPAS",
    "ETAPAS_NO_MAXIMO",
    "FUNIS_NO_MAXIMO",
    "NOME",
    "arquivar_etapa",
    "arquivar_funil",
    "criar_etapa",
    "criar_funil",
    "etapas_do",
    "etapas_em_uso",
    "funil_padrao",
    "funis_da",
    "ordenar_etapas",
    "ordenar_funis",
    "renomear_etapa",
    "renomear_funil",
    "tornar_padrao",
    "travar_etapa",
]
