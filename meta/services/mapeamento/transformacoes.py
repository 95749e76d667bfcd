"""What an answer becomes in its field: a value, and words where it did not go well.

A transformation never raises, whatever was typed. What cannot be read fills nothing:
the answer itself stays with the lead, letter for letter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import telefones
from meta.services.mapeamento import dinheiro, lugares

_MAIOR_NUMERO: Final = 60
_MAIOR_EMAIL: Final = 254
_CENTENARIO: Final = 1900
_DATA: Final = re.compile(
    r"([0-9]{1,2})\s*[/.-]\s*([0-9]{1,2})\s*[/.-]\s*([0-9]{4}|[0-9]{2})"
)
_DATA_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(T.*)?")
_DOCUMENTO: Final = re.compile(r"[0-9.\-/\s]+")
_CEP: Final = re.compile(r"[0-9]{2}\.?[0-9]{3}[\s-]*[0-9]{3}")


@dataclass(frozen=True)
class Resultado:
    """``valor`` is None when nothing can be kept; ``aviso`` is for a person."""

    valor: Any = None
    aviso: str = ""


def texto(resposta: str) -> Resultado:
    """The text on one line."""
    return Resultado(" ".join(resposta.split()) or None)


def telefone(resposta: str) -> Resultado:
    """E.164."""
    normal = telefones.normalizar(resposta.strip()[:_MAIOR_NUMERO])
    if normal and len(resposta.strip()) <= _MAIOR_NUMERO:
        return Resultado(normal)
    return Resultado(aviso=_("Não parece um telefone com DDD."))


def email(resposta: str) -> Resultado:
    """Lower case, and possible."""
    endereco = resposta.strip().lower()
    try:
        if len(endereco) > _MAIOR_EMAIL:
            raise ValidationError("")
        validate_email(endereco)
    except ValidationError:
        return Resultado(aviso=_("Não parece um e-mail."))
    return Resultado(endereco)


def documento(resposta: str) -> Resultado:
    """The digits of a CPF or CNPJ whose check digits agree."""
    digitos = "".join(re.findall("[0-9]", resposta[:_MAIOR_NUMERO]))
    if _DOCUMENTO.fullmatch(resposta[:_MAIOR_NUMERO]) and e_documento(digitos):
        return Resultado(digitos)
    return Resultado(aviso=_("Não é um CPF nem um CNPJ válido."))


def e_documento(digitos: str) -> bool:
    """Whether the check digits of these digits agree."""
    if len(set(digitos)) < 2:
        return False
    if len(digitos) == 11:
        pesos = [[*range(10, 1, -1)], [*range(11, 1, -1)]]
    elif len(digitos) == 14:
        pesos = [[*range(5, 1, -1), *range(9, 1, -1)], [*range(6, 1, -1)]]
        pesos[1] += range(9, 1, -1)
    else:
        return False
    for posicao, multiplos in zip((-2, -1), pesos, strict=True):
        numeros = [int(d) for d in digitos[:posicao]]
        resto = sum(n * p for n, p in zip(numeros, multiplos, strict=True)) % 11
        if int(digitos[posicao]) != (0 if resto < 2 else 11 - resto):
            return False
    return True


def cep(resposta: str) -> Resultado:
    """As 01310-100."""
    escrito = resposta.strip()[:_MAIOR_NUMERO]
    if not _CEP.fullmatch(escrito):
        return Resultado(aviso=_("Não parece um CEP: são oito números."))
    digitos = "".join(re.findall("[0-9]", escrito))
    return Resultado(f"{digitos[:5]}-{digitos[5:]}")


def estado(resposta: str) -> Resultado:
    """Two letters where it is a Brazilian state, else as it was written."""
    sigla = lugares.ler_estado(resposta[:200])
    return Resultado(sigla) if sigla else texto(resposta)


def cidade_estado(resposta: str) -> Resultado:
    """``{"cidade", "estado"}`` of one answer."""
    cidade, uf = lugares.separar(" ".join(resposta.split()))
    if not (cidade or uf):
        return Resultado()
    aviso = "" if uf else _("Só a cidade: o estado não veio na resposta.")
    partes = {"cidade": cidade, "estado": uf}
    return Resultado({k: v for k, v in partes.items() if v}, aviso)


def data(resposta: str) -> Resultado:
    """A date as people write it here; ISO too."""
    return _data(resposta, mes_antes=False)


def data_da_meta(resposta: str) -> Resultado:
    """A date as Meta's own question gives it: the month before the day."""
    return _data(resposta, mes_antes=True)


def valor(resposta: str) -> Resultado:
    """Reais, as ``Decimal``; of a range its lower end."""
    valores = dinheiro.ler_valores(resposta)
    if not valores:
        return Resultado(aviso=_("Não dá para ler um valor em reais nesta resposta."))
    faixa = _("É uma faixa: foi usado o menor valor.") if len(valores) > 1 else ""
    return Resultado(valores[0], faixa)


def numero(resposta: str) -> Resultado:
    """A plain number, the only one in the text; of a range its lower end."""
    valores = dinheiro.ler_valores(resposta) or dinheiro.unico_numero(resposta)
    if not valores:
        return Resultado(aviso=_("Não dá para ler um número nesta resposta."))
    faixa = _("É uma faixa: foi usado o menor valor.") if len(valores) > 1 else ""
    return Resultado(valores[0].normalize() + Decimal(0), faixa)


TRANSFORMACOES: Final[Mapping[str, Callable[[str], Resultado]]] = {
    "texto": texto,
    "nome": texto,
    "telefone": telefone,
    "email": email,
    "documento": documento,
    "cep": cep,
    "estado": estado,
    "cidade_estado": cidade_estado,
    "data": data,
    "data_da_meta": data_da_meta,
    "dinheiro": valor,
    "numero": numero,
}


def _data(resposta: str, *, mes_antes: bool) -> Resultado:
    escrita = resposta.strip()[:_MAIOR_NUMERO]
    if iso := _DATA_ISO.fullmatch(escrita):
        candidatas = [(int(iso[1]), int(iso[2]), int(iso[3]))]
    elif achada := _DATA.fullmatch(escrita):
        um, outro, ano = int(achada[1]), int(achada[2]), _ano(achada[3])
        candidatas = [(ano, outro, um), (ano, um, outro)]
        if mes_antes:
            candidatas.reverse()
    else:
        candidatas = []
    for ano, mes, dia in candidatas:
        try:
            return Resultado(date(ano, mes, dia))
        except ValueError:
            continue
    return Resultado(aviso=_("Não parece uma data."))


def nascimento(lida: Resultado) -> Resultado:
    """The same date, if somebody alive may have been born on it."""
    if isinstance(lida.valor, date) and not (
        lida.valor.year >= _CENTENARIO and lida.valor <= timezone.localdate()
    ):
        return Resultado(aviso=_("Ninguém nasceu nesta data: confira com o contato."))
    return lida


def _ano(escrito: str) -> int:
    ano = int(escrito)
    if len(escrito) == 4:
        return ano
    # Two digits are of the last hundred years.
    seculo = timezone.localdate().year // 100 * 100
    return (
        seculo + ano
        if seculo + ano <= timezone.localdate().year
        else seculo - 100 + ano
    )
