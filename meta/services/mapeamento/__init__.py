"""Which answer of a lead form fills which field: suggested, applied, explained.

Pure: no database, no HTTP. Questions and answers are JSON as Meta gave it and our
tables keep it; nothing here raises over what somebody typed.
"""

from meta.services.mapeamento.alvos import ALVOS, Alvo, alvo_proprio, e_proprio
from meta.services.mapeamento.aplicacao import Linha, Preenchido, aplicar
from meta.services.mapeamento.confianca import Confianca
from meta.services.mapeamento.questoes import DE_SEMPRE, Questao, ler_questoes
from meta.services.mapeamento.sugestoes import Sugestao, sugerir

__all__ = [
    "ALVOS",
    "DE_SEMPRE",
    "Alvo",
    "Confianca",
    "Linha",
    "Preenchido",
    "Questao",
    "Sugestao",
    "alvo_proprio",
    "aplicar",
    "e_proprio",
    "ler_questoes",
    "sugerir",
]
