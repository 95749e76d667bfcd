"""Lead forms and their questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from conexoes.leitura import texto
from meta.payloads.valores import NOME_MAXIMO, cru, id_de, objetos


@dataclass(frozen=True)
class Opcao:
    """A choice: an answer may come as its key or as its text."""

    chave: str
    rotulo: str


@dataclass(frozen=True)
class Pergunta:
    """A question; ``chave`` is verbatim, any Unicode, and names the answer of a lead.

    ``tipo`` is Meta's (FULL_NAME, EMAIL, PHONE, CUSTOM ...); new ones come unasked.
    """

    chave: str
    rotulo: str
    tipo: str
    opcoes: tuple[Opcao, ...] = ()


@dataclass(frozen=True)
class Formulario:
    """A form; ``leads`` is how many Meta counts, None if it does not say."""

    id: str
    nome: str
    status: str
    locale: str
    perguntas: tuple[Pergunta, ...]
    leads: int | None


def ler_formulario(bruto: Any) -> Formulario | None:
    """One form; None without an id."""
    bruto = bruto if isinstance(bruto, dict) else {}
    id_ = id_de(bruto.get("id"))
    if not id_:
        return None
    leads = bruto.get("leads_count")
    return Formulario(
        id_,
        texto(bruto.get("name"), maximo=NOME_MAXIMO),
        texto(bruto.get("status"), maximo=20),
        texto(bruto.get("locale"), maximo=20),
        tuple(_perguntas(bruto.get("questions"))),
        leads if isinstance(leads, int) and not isinstance(leads, bool) else None,
    )


def _perguntas(itens: Any) -> list[Pergunta]:
    return [
        Pergunta(
            cru(item["key"]),
            texto(item.get("label"), maximo=500) or cru(item["key"]),
            texto(item.get("type"), maximo=50) or "CUSTOM",
            tuple(
                Opcao(cru(opcao["key"]), cru(rotulo))
                for opcao in objetos(item.get("options"))
                if isinstance(opcao.get("key"), str)
                for rotulo in [opcao.get("value") or opcao["key"]]
                if isinstance(rotulo, str)
            ),
        )
        for item in objetos(itens)
        if isinstance(item.get("key"), str) and item["key"]
    ]
