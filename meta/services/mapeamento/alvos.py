"""What a question may fill: fields of the contact, of its deal, and of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PROPRIO: Final = "campo:"


@dataclass(frozen=True)
class Alvo:
    """One target. ``partes`` is what it fills: two that share a part exclude another.

    ``aberto``: an answer chosen from a list is no good for it.
    """

    chave: str
    nome: str | Promise
    grupo: str | Promise
    transformacao: str
    partes: frozenset[str]
    aberto: bool = False


_CONTATO: Final = _("Contato")
_EMPRESA: Final = _("Empresa")
_NEGOCIO: Final = _("Oportunidade")
_PROPRIOS: Final = _("Campos personalizados")


def _alvo(
    chave: str,
    nome: Any,
    grupo: Any,
    transformacao: str,
    *partes: str,
    aberto: bool = False,
) -> Alvo:
    return Alvo(
        chave, nome, grupo, transformacao, frozenset(partes or (chave,)), aberto
    )


ALVOS: Final[Mapping[str, Alvo]] = {
    alvo.chave: alvo
    for alvo in (
        _alvo(
            *("nome", _("Nome completo"), _CONTATO, "nome"),
            *("primeiro_nome", "sobrenome"),
            aberto=True,
        ),
        _alvo("primeiro_nome", _("Primeiro nome"), _CONTATO, "nome", aberto=True),
        _alvo("sobrenome", _("Sobrenome"), _CONTATO, "nome", aberto=True),
        _alvo("email", _("E-mail"), _CONTATO, "email", aberto=True),
        _alvo("telefone", _("Telefone"), _CONTATO, "telefone", aberto=True),
        _alvo("documento", _("CPF ou CNPJ"), _CONTATO, "documento", aberto=True),
        _alvo("nascimento", _("Data de nascimento"), _CONTATO, "data", aberto=True),
        _alvo("cidade", _("Cidade"), _CONTATO, "texto"),
        _alvo("estado", _("Estado"), _CONTATO, "estado"),
        _alvo(
            *("cidade_estado", _("Cidade e estado juntos"), _CONTATO, "cidade_estado"),
            *("cidade", "estado"),
        ),
        _alvo("cep", _("CEP"), _CONTATO, "cep", aberto=True),
        _alvo("empresa", _("Nome da empresa"), _EMPRESA, "texto", aberto=True),
        _alvo("cargo", _("Cargo"), _EMPRESA, "texto"),
        _alvo("valor", _("Valor da oportunidade"), _NEGOCIO, "dinheiro"),
    )
}
# By the type of an organisation's own field.
_POR_TIPO: Final = {"dinheiro": "dinheiro", "numero": "numero", "data": "data"}


def alvo_proprio(campo_id: UUID | str, nome: str, tipo: str) -> Alvo:
    """The target of a field that the organisation made; ``tipo`` as its table says."""
    chave = f"{PROPRIO}{campo_id}"
    return _alvo(chave, nome, _PROPRIOS, _POR_TIPO.get(tipo, "texto"))


def id_proprio(chave: str) -> str:
    """The id in ``campo:<uuid>``, or "" for every other target."""
    try:
        return str(UUID(chave.removeprefix(PROPRIO))) if e_proprio(chave) else ""
    except ValueError:
        return ""


def e_proprio(chave: str) -> bool:
    return chave.startswith(PROPRIO)
