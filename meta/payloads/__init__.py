"""Meta's JSON as frozen dataclasses; pure: no database, no HTTP.

Ids are opaque texts, also where Meta writes a number. Shapes:
https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving
"""

from meta.payloads.contas import (
    Inspecao,
    Pessoa,
    Token,
    ler_inspecao,
    ler_permissoes,
    ler_pessoa,
    ler_token,
)
from meta.payloads.formularios import Formulario, Opcao, Pergunta, ler_formulario
from meta.payloads.leads import (
    AvisoDeLead,
    Lead,
    Resposta,
    ler_avisos,
    ler_lead,
)
from meta.payloads.paginas import (
    Negocio,
    PaginaDaConta,
    Saude,
    ler_inscricao,
    ler_negocio,
    ler_pagina,
    ler_saude,
)
from meta.payloads.valores import id_de, momento

__all__ = [
    "AvisoDeLead",
    "Formulario",
    "Inspecao",
    "Lead",
    "Negocio",
    "Opcao",
    "PaginaDaConta",
    "Pergunta",
    "Pessoa",
    "Resposta",
    "Saude",
    "Token",
    "id_de",
    "ler_avisos",
    "ler_formulario",
    "ler_inscricao",
    "ler_inspecao",
    "ler_lead",
    "ler_negocio",
    "ler_pagina",
    "ler_permissoes",
    "ler_pessoa",
    "ler_saude",
    "ler_token",
    "momento",
]
