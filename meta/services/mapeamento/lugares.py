"""Brazilian states, and a city written together with its own."""

from __future__ import annotations

import re
from typing import Final

from meta.services.mapeamento.questoes import palavras

_ESTADOS: Final = {
    "AC": "acre",
    "AL": "alagoas",
    "AP": "amapa",
    "AM": "amazonas",
    "BA": "bahia",
    "CE": "ceara",
    "DF": "distrito federal",
    "ES": "espirito santo",
    "GO": "goias",
    "MA": "maranhao",
    "MT": "mato grosso",
    "MS": "mato grosso do sul",
    "MG": "minas gerais",
    "PA": "para",
    "PB": "paraiba",
    "PR": "parana",
    "PE": "pernambuco",
    "PI": "piaui",
    "RJ": "rio de janeiro",
    "RN": "rio grande do norte",
    "RS": "rio grande do sul",
    "RO": "rondonia",
    "RR": "roraima",
    "SC": "santa catarina",
    "SP": "sao paulo",
    "SE": "sergipe",
    "TO": "tocantins",
}
_SIGLAS: Final = {nome: sigla for sigla, nome in _ESTADOS.items()}
# "Campinas/SP", "Campinas - SP", "Campinas, São Paulo", "Campinas (SP)".
_SEPARADOS: Final = re.compile(r"(.+?)\s*[/,;|(–—-]\s*([^/,;|()–—-]+?)\s*\)?\s*")
_SIGLA_NO_FIM: Final = re.compile(r"(.+?)\s+([A-Za-z]{2})\s*")
# "Belo Horizonte Minas Gerais"; but "Bom Jesus de Goiás" is a city, "Alto Paraná" too.
_NOME_NO_FIM: Final = re.compile(
    r"(.+?(?<!\bde)(?<!\bdo)(?<!\bda))\s+(minas gerais|mato grosso(?: do sul)?"
    r"|rio grande do (?:norte|sul)|santa catarina|s[aã]o paulo|esp[ií]rito santo"
    r"|rio de janeiro|distrito federal)",
    re.IGNORECASE,
)


def ler_estado(texto: str) -> str:
    """The two letters of a state written in any way, or "" when it is none."""
    limpo = " ".join(palavras(texto)).removeprefix("estado de ").removeprefix("estado ")
    sigla = limpo.upper()
    if sigla in _ESTADOS:
        return sigla
    return _SIGLAS.get(limpo) or _dito_duas_vezes(texto)


def separar(texto: str) -> tuple[str, str]:
    """City and state of one answer; either may be "" (the state in two letters)."""
    texto = texto.strip()
    for padrao in (_SEPARADOS, _SIGLA_NO_FIM):
        achado = padrao.fullmatch(texto[:200])
        if achado and (estado := ler_estado(achado[2])):
            return achado[1].strip(), estado
    if achado := _NOME_NO_FIM.fullmatch(texto[:200]):
        return achado[1].strip(), ler_estado(achado[2])
    # "SP" is a state, and "São Paulo" is sooner the city.
    if len(texto) == 2 and (estado := ler_estado(texto)):
        return "", estado
    return texto, ""


def _dito_duas_vezes(texto: str) -> str:
    """ "MG - Minas Gerais": the state that both halves name."""
    partes = re.split(r"\s*[/,;|(–—-]\s*", texto.strip().rstrip(")"))
    lidos = {ler_estado(uma) for uma in partes} if len(partes) == 2 else {""}
    return lidos.pop() if len(lidos) == 1 else ""
