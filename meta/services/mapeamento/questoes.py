"""Questions and answers of a form, read from JSON that nobody vouches for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from conexoes import leitura
from crm.telefones import sem_acentos

# Meta's own questions by the key that they always have.
DE_SEMPRE: Final[Mapping[str, str | Promise]] = {
    "full_name": _("Nome completo"),
    "first_name": _("Primeiro nome"),
    "last_name": _("Sobrenome"),
    "email": _("E-mail"),
    "work_email": _("E-mail comercial"),
    "phone_number": _("Telefone"),
    "work_phone_number": _("Telefone comercial"),
    "city": _("Cidade"),
    "state": _("Estado"),
    "province": _("Estado"),
    "zip_code": _("CEP"),
    "post_code": _("CEP"),
    "street_address": _("Endereço"),
    "country": _("País"),
    "date_of_birth": _("Data de nascimento"),
    "company_name": _("Nome da empresa"),
    "job_title": _("Cargo"),
    "cpf": _("CPF"),
}
_TEXTO: Final = 5000
_CHAVE: Final = 1000


@dataclass(frozen=True)
class Questao:
    """One question: ``chave`` is Meta's verbatim, ``opcoes`` labels by option key."""

    chave: str
    rotulo: str
    tipo: str = ""
    opcoes: Mapping[str, str] = field(default_factory=dict)

    def rotular(self, valor: str) -> str:
        """The label of an option that came as its key; anything else as it is."""
        return self.opcoes.get(valor, valor)


def sem_pergunta(chave: str) -> Questao:
    """A question that is known only by an answer to it: the form was not read, or has
    changed."""
    return Questao(chave, str(DE_SEMPRE.get(chave, chave)))


def ler_questoes(perguntas: Any) -> list[Questao]:
    """The questions of ``FormularioMeta.perguntas``, each key once, in their order."""
    lidas: dict[str, Questao] = {}
    for pergunta in _lista(perguntas):
        if not isinstance(pergunta, Mapping):
            continue
        chave = leitura.texto(pergunta.get("key"), maximo=_CHAVE)
        if not chave or chave in lidas:
            continue
        lidas[chave] = Questao(
            chave=chave,
            rotulo=leitura.texto(pergunta.get("label"), maximo=_TEXTO) or chave,
            tipo=leitura.texto(pergunta.get("type"), maximo=50).upper(),
            opcoes=_opcoes(pergunta.get("options")),
        )
    return list(lidas.values())


def ler_respostas(respostas: Any) -> dict[str, list[str]]:
    """The answers of a lead's ``field_data``: every value of each key, empty ones out.

    Meta's ``values`` is a list that may be empty or hold several.
    """
    lidas: dict[str, list[str]] = {}
    for resposta in _lista(respostas):
        if not isinstance(resposta, Mapping):
            continue
        chave = leitura.texto(resposta.get("name"), maximo=_CHAVE)
        valores = resposta.get("values")
        if isinstance(valores, str):
            valores = [valores]
        textos = [leitura.texto(_escrito(um), maximo=_TEXTO) for um in _lista(valores)]
        if chave:
            lidas.setdefault(chave, []).extend(um for um in textos if um.strip())
    return lidas


def palavras(texto: str) -> list[str]:
    """The words of a text without accents, case or punctuation."""
    letras = (c if c.isalnum() else " " for c in sem_acentos(texto[:_TEXTO]))
    return "".join(letras).split()


def _opcoes(opcoes: Any) -> dict[str, str]:
    lidas = {}
    for opcao in _lista(opcoes):
        if isinstance(opcao, Mapping):
            rotulo = leitura.texto(_escrito(opcao.get("value")), maximo=_TEXTO)
            chave = leitura.texto(_escrito(opcao.get("key")), maximo=_CHAVE) or rotulo
            if rotulo:
                lidas[chave] = rotulo
    return lidas


def _escrito(valor: Any) -> Any:
    numero = isinstance(valor, int | float) and not isinstance(valor, bool)
    return str(valor) if numero else valor


def _lista(valor: Any) -> Sequence[Any]:
    return valor if isinstance(valor, list | tuple) else ()
