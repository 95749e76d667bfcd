"""An organisation's own fields of its contacts: what may stand in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from conexoes import auditoria
from conexoes.erros import ErroDeDominio
from crm import valores
from crm.models import CampoPersonalizado, Usuario
from crm.telefones import sem_acentos

CAMPOS_NO_MAXIMO: Final = 50
OPCOES_NO_MAXIMO: Final = 100
_LETRAS: Final = 1000
_Tipo = CampoPersonalizado.Tipo


def campos_da(organizacao: Any) -> QuerySet[CampoPersonalizado]:
    """The fields in use, as the organisation orders them."""
    em_uso = CampoPersonalizado.da(organizacao).filter(arquivado_em=None)
    return em_uso.order_by("ordem", "pk")


def validar(campo: CampoPersonalizado, escrito: Any) -> str:
    """What is kept of what somebody wrote into ``campo``; "" for nothing.

    Numbers and money are kept as "1234.56", days as "1990-12-31", a choice as its
    option is spelled. Raises ``ErroDeDominio`` for what does not fit.
    """
    texto = str(escrito if escrito is not None else "").replace("\x00", "").strip()
    return _LEITORES[_Tipo(campo.tipo)](campo, texto) if texto else ""


def formatar(campo: CampoPersonalizado, valor: Any) -> str:
    """A kept value as people read it: "1.234,56", "R$ 1.234,56", "31/12/1990"."""
    texto = str(valor or "")
    try:
        if campo.tipo == _Tipo.NUMERO and texto:
            return valores.numero(Decimal(texto))
        if campo.tipo == _Tipo.DINHEIRO and texto:
            return valores.dinheiro(Decimal(texto))
        if campo.tipo == _Tipo.DATA and texto:
            return date_format(date.fromisoformat(texto), "SHORT_DATE_FORMAT")
    except (ArithmeticError, ValueError):
        # Kept under another type, before it was archived and made anew.
        return texto
    return texto


def preenchidos(
    campos: Sequence[CampoPersonalizado], guardados: Mapping[str, Any]
) -> list[tuple[CampoPersonalizado, str]]:
    """The fields that say something about a contact, and what, as people read it."""
    lidos = [(campo, guardados.get(str(campo.pk), "")) for campo in campos]
    return [(campo, formatar(campo, valor)) for campo, valor in lidos if valor]


def salvar(
    campo: CampoPersonalizado,
    *,
    nome: str,
    tipo: str,
    opcoes: Sequence[str],
    autor: Usuario,
) -> None:
    """Store a field; what kind it is stays once it is made.

    Raises ``ErroDeDominio`` for a name that is taken, a choice without options, and
    more fields than fit a page.
    """
    novo = campo._state.adding
    if novo:
        _caber(campo)
        campo.tipo = _Tipo(tipo)
    campo.nome = " ".join(nome.replace("\x00", "").split())[:100]
    campo.opcoes = _opcoes(opcoes) if campo.tipo == _Tipo.ESCOLHA else []
    if campo.tipo == _Tipo.ESCOLHA and not campo.opcoes:
        raise ErroDeDominio(_("Escreva ao menos uma opção."))
    try:
        with transaction.atomic():
            campo.save()
    except IntegrityError:
        raise ErroDeDominio(
            _("Já existe um campo chamado “%(nome)s”.") % {"nome": campo.nome}
        ) from None
    _registrar("campo.criado" if novo else "campo.alterado", campo, autor)


def arquivar(campo: CampoPersonalizado, *, autor: Usuario) -> None:
    """Take a field off every page; what contacts have in it is kept."""
    campo.arquivado_em = timezone.now()
    campo.save(update_fields=["arquivado_em", "atualizado_em"])
    _registrar("campo.arquivado", campo, autor)


def _caber(campo: CampoPersonalizado) -> None:
    em_uso = campos_da(campo.organizacao_id)
    if em_uso.count() >= CAMPOS_NO_MAXIMO:
        raise ErroDeDominio(
            _("São no máximo %(n)d campos. Arquive um que não usa mais.")
            % {"n": CAMPOS_NO_MAXIMO}
        )
    ultima = em_uso.aggregate(ultima=Max("ordem"))["ultima"]
    campo.ordem = 0 if ultima is None else ultima + 1


def _opcoes(escritas: Sequence[str]) -> list[str]:
    limpas = [" ".join(o.replace("\x00", "").split())[:100] for o in escritas]
    # One that differs by case or accents alone would be chosen by chance.
    unicas = {sem_acentos(o): o for o in reversed(limpas) if o}
    return list(reversed(unicas.values()))[:OPCOES_NO_MAXIMO]


def _texto(_campo: CampoPersonalizado, texto: str) -> str:
    return texto[:_LETRAS]


def _numero(campo: CampoPersonalizado, texto: str) -> str:
    lido = valores.ler_decimal(texto)
    if lido is None:
        raise ErroDeDominio(
            _("“%(campo)s” espera um número, como 1.234,5.") % {"campo": campo.nome}
        )
    return f"{lido:f}"


def _dinheiro(campo: CampoPersonalizado, texto: str) -> str:
    lido = valores.ler_decimal(texto)
    if lido is None or lido >= Decimal(10) ** 12:
        raise ErroDeDominio(
            _("“%(campo)s” espera um valor, como 1.234,56.") % {"campo": campo.nome}
        )
    return f"{lido:.2f}"


def _data(campo: CampoPersonalizado, texto: str) -> str:
    lida = valores.ler_data(texto)
    if lida is None:
        raise ErroDeDominio(
            _("“%(campo)s” espera uma data, como 31/12/1990.") % {"campo": campo.nome}
        )
    return lida.isoformat()


def _escolha(campo: CampoPersonalizado, texto: str) -> str:
    por_chave = {sem_acentos(opcao): opcao for opcao in campo.opcoes}
    opcao = por_chave.get(sem_acentos(" ".join(texto.split())))
    if opcao is None:
        raise ErroDeDominio(
            _("“%(opcao)s” não é uma opção de “%(campo)s”.")
            % {"opcao": texto[:60], "campo": campo.nome}
        )
    return str(opcao)


_LEITORES: Final = {
    _Tipo.TEXTO: _texto,
    _Tipo.NUMERO: _numero,
    _Tipo.DINHEIRO: _dinheiro,
    _Tipo.DATA: _data,
    _Tipo.ESCOLHA: _escolha,
}


def _registrar(acao: str, campo: CampoPersonalizado, autor: Usuario) -> None:
    auditoria.registrar(
        acao, organizacao=campo.organizacao_id, autor=autor, objeto=f"campo:{campo.pk}"
    )
