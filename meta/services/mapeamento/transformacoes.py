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

from crm import documentos, telefones
from meta.services.mapeamento import dinheiro, lugares

_MAIOR_NUMERO: Final = 60
_MAIOR_EMAIL: Final = 254
_CENTENARIO: Final = 1900
_DATA: Final = re.compile(
    r"([0-9]{1,2})\s*[/.-]\s*([0-9]{1,2})\s*[/.-]\s*([0-9]{4}|[0-9]{2})"
)
_DATA_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(T.*)?")
# Its kind may stand before it ("CPF: 529..."), and is no part of it.
_DOCUMENTO: Final = re.compile(r"(?:CPF|CNPJ)?[\s:]*([0-9A-Z.\-/\s]+)")
_CEP: Final = re.compile(r"(?:CEP[\s:]*)?[0-9]{2}\.?[0-9]{3}[\s-]*[0-9]{3}", re.I)
_TELEFONE: Final = re.compile(r"[+(]{0,2}[0-9][0-9 ().-]{7,}[0-9]")
# A blank beside the @ is a slip; anywhere else it may part two words.
_EMAIL: Final = re.compile(r"(\S+)\s*@\s*(\S+)")
_SEM_BARRAS: Final = re.compile(r"([0-9]{2})([0-9]{2})((?:19|20)[0-9]{2})")
_POR_EXTENSO: Final = re.compile(
    r"([0-9]{1,2})[º°o]?\s+(?:de\s+)?([a-zç]{3,9})\.?,?\s+(?:de\s+)?([0-9]{4})"
)
_MESES: Final = (
    *("jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov"),
    "dez",
)


@dataclass(frozen=True)
class Resultado:
    """``valor`` is None when nothing can be kept; ``aviso`` is for a person."""

    valor: Any = None
    aviso: str = ""


def texto(resposta: str) -> Resultado:
    """The text on one line."""
    return Resultado(" ".join(resposta.split()) or None)


def telefone(resposta: str) -> Resultado:
    """E.164; of several the first, and words around it count for nothing."""
    escrito = resposta.strip()
    if len(escrito) > _MAIOR_NUMERO:
        escrito = ""
    if normal := telefones.normalizar(escrito):
        return Resultado(normal)
    lidos = [telefones.normalizar(um) for um in _TELEFONE.findall(escrito)]
    if not lidos or not all(lidos):
        return Resultado(aviso=_("Não parece um telefone com DDD."))
    outros = _("Vieram vários telefones; foi usado o primeiro.")
    return Resultado(lidos[0], outros if len(set(lidos)) > 1 else "")


def email(resposta: str) -> Resultado:
    """Lower case, and possible."""
    endereco = resposta.strip().lower().removeprefix("mailto:").rstrip(".,;")
    if um_so := _EMAIL.fullmatch(endereco):
        endereco = f"{um_so[1]}@{um_so[2]}"
    try:
        if len(endereco) > _MAIOR_EMAIL:
            raise ValidationError("")
        validate_email(endereco)
    except ValidationError:
        return Resultado(aviso=_("Não parece um e-mail."))
    return Resultado(endereco)


def documento(resposta: str) -> Resultado:
    """A CPF or CNPJ, the one with letters too, without punctuation."""
    escrito = resposta.strip().upper()
    achado = _DOCUMENTO.fullmatch(escrito) if len(escrito) <= _MAIOR_NUMERO else None
    if achado and (limpo := documentos.normalizar(achado[1])):
        return Resultado(limpo)
    return Resultado(aviso=_("Não é um CPF nem um CNPJ válido."))


def cep(resposta: str) -> Resultado:
    """As 01310-100."""
    achado = _CEP.fullmatch(resposta.strip()[:_MAIOR_NUMERO])
    if achado is None:
        return Resultado(aviso=_("Não parece um CEP: são oito números."))
    return Resultado(documentos.normalizar_cep(achado[0]))


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
    elif junta := _SEM_BARRAS.fullmatch(escrita):
        candidatas = [(int(junta[3]), int(junta[2]), int(junta[1]))]
    elif dita := _POR_EXTENSO.fullmatch(escrita.lower()):
        mes = dita[2][:3]
        do_ano = _MESES.index(mes) + 1 if mes in _MESES else 0
        candidatas = [(int(dita[3]), do_ano, int(dita[1]))]
    else:
        candidatas = []
    for ano, mes_do_ano, dia in candidatas:
        try:
            return Resultado(date(ano, mes_do_ano, dia))
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
