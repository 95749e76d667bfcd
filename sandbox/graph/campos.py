"""`fields=id,name,questions{key,label},has_lead_access.user_id(1)`: read and obeyed."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sandbox.graph.erros import ErroGraph, invalido

SINAIS = re.compile(r"[A-Za-z_0-9]+|[{}.,()]")


@dataclass(frozen=True)
class Campo:
    nome: str
    argumentos: tuple[tuple[str, str], ...] = ()
    filhos: tuple["Campo", ...] = ()

    def argumento(self, nome: str) -> str:
        return dict(self.argumentos).get(nome, "")


Valor = Callable[[Campo], Any]


@lru_cache(maxsize=256)
def ler(escrito: str) -> tuple[Campo, ...]:
    sinais = SINAIS.findall(escrito)
    if "".join(sinais) != re.sub(r"\s", "", escrito):
        raise _malescrito(escrito)
    campos, resto = _lista(sinais)
    if resto:
        raise _malescrito(escrito)
    return campos


def projetar(
    valores: Mapping[str, Any], campos: tuple[Campo, ...], tipo: str
) -> dict[str, Any]:
    """Those fields of a node, and its id. A callable is asked with the field; None is
    left out, as Graph does with what is empty."""
    achados: dict[str, Any] = {}
    for campo in campos:
        if campo.nome not in valores:
            raise invalido(
                f"Tried accessing nonexisting field ({campo.nome}) on node type "
                f"({tipo})"
            )
        valor = valores[campo.nome]
        valor = valor(campo) if callable(valor) else valor
        if valor is not None:
            achados[campo.nome] = _escolher(valor, campo.filhos)
    if "id" in valores:
        achados.setdefault("id", valores["id"])
    return achados


def _escolher(valor: Any, filhos: tuple[Campo, ...]) -> Any:
    if not filhos:
        return valor
    if isinstance(valor, list):
        return [_escolher(item, filhos) for item in valor]
    return {f.nome: valor[f.nome] for f in filhos if f.nome in valor}


def _lista(sinais: list[str]) -> tuple[tuple[Campo, ...], list[str]]:
    campos = []
    while sinais and sinais[0] != "}":
        campo, sinais = _um(sinais)
        campos.append(campo)
        if sinais and sinais[0] == ",":
            sinais = sinais[1:]
    return tuple(campos), sinais


def _um(sinais: list[str]) -> tuple[Campo, list[str]]:
    nome, sinais = sinais[0], sinais[1:]
    if not nome.isidentifier():
        raise _malescrito(nome)
    argumentos = []
    while sinais[:1] == ["."]:
        if len(sinais) < 5 or (sinais[2], sinais[4]) != ("(", ")"):
            raise _malescrito(nome)
        argumentos.append((sinais[1], sinais[3]))
        sinais = sinais[5:]
    filhos: tuple[Campo, ...] = ()
    if sinais[:1] == ["{"]:
        filhos, sinais = _lista(sinais[1:])
        if sinais[:1] != ["}"]:
            raise _malescrito(nome)
        sinais = sinais[1:]
    return Campo(nome, tuple(argumentos), filhos), sinais


def _malescrito(onde: str) -> ErroGraph:
    mensagem = f"Syntax error in the field list near: {onde}"
    return ErroGraph(2500, mensagem)
