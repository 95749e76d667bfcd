"""The body of a delivery as a person may see it: its shape first, its words on demand.

A body is whatever somebody sent: not JSON, not text, far too long. Nothing here raises
for it, and nothing here decides who may look.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Func, IntegerField
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conexoes.erros import WebhookInvalido
from conexoes.leitura import ler_json
from conexoes.models import WebhookRecebido

# Larger ones are shown as they came, from the beginning, and downloaded whole.
LER_ATE: Final = 1024 * 1024
MOSTRAR: Final = 32 * 1024
_HEX_DE: Final = 2 * 1024
# The names of events are ours to read; every other value may be somebody's.
_NOMES_DE_EVENTO: Final = frozenset({"event", "object", "field"})
_NOME: Final = re.compile(r"[a-z][a-z._]{0,39}")
# A key that is a number or an address tells whose it is.
_CHAVE_PESSOAL: Final = re.compile(r"@|\d{5}")


@dataclass(frozen=True)
class Corpo:
    """What to show of a body of ``tamanho`` bytes; ``cortado`` when there is more."""

    texto: str
    tamanho: int
    cortado: bool = False


def tamanho(recebido: WebhookRecebido) -> int:
    """Bytes of the stored body, without reading it."""
    medidos = WebhookRecebido.objects.filter(pk=recebido.pk).annotate(
        bytes=Func("corpo", function="octet_length", output_field=IntegerField())
    )
    return int(medidos.values_list("bytes", flat=True).get())


def estrutura(recebido: WebhookRecebido) -> Corpo:
    """The shape of a body: names and kinds, and nobody's data."""
    quantos = tamanho(recebido)
    try:
        if quantos > LER_ATE:
            raise WebhookInvalido(_("Grande demais para mostrar a estrutura."))
        lido = ler_json(_ler(recebido, LER_ATE))
    except WebhookInvalido as erro:
        return Corpo(erro.mensagem, quantos)
    texto = json.dumps(_mascarar(lido), ensure_ascii=False, indent=2)
    return Corpo(texto[:MOSTRAR], quantos, len(texto) > MOSTRAR)


def conteudo(recebido: WebhookRecebido) -> Corpo:
    """What a body says: tidy JSON, plain text, or the hexadecimal of anything else."""
    quantos = tamanho(recebido)
    if quantos > LER_ATE:
        texto = _como_texto(_ler(recebido, MOSTRAR))
        return Corpo(texto, quantos, cortado=True)
    cru = _ler(recebido, LER_ATE)
    try:
        texto = json.dumps(ler_json(cru), ensure_ascii=False, indent=2)
    except WebhookInvalido:
        return Corpo(
            _como_texto(cru[:MOSTRAR]),
            quantos,
            quantos > (_HEX_DE if _e_binario(cru) else MOSTRAR),
        )
    return Corpo(texto[:MOSTRAR], quantos, len(texto) > MOSTRAR)


def _ler(recebido: WebhookRecebido, ate: int) -> bytes:
    """The first ``ate`` bytes, and no more of them out of the database."""
    parte = Func("corpo", 1, ate, function="substring", output_field=_BYTES)
    lidos = WebhookRecebido.objects.filter(pk=recebido.pk).annotate(parte=parte)
    return bytes(lidos.values_list("parte", flat=True).get())


_BYTES: Final = WebhookRecebido._meta.get_field("corpo")


def _mascarar(valor: Any, nome: str = "") -> Any:
    if isinstance(valor, dict):
        return {_chave(k): _mascarar(v, k) for k, v in valor.items()}
    if isinstance(valor, list):
        return [_mascarar(v) for v in valor]
    if isinstance(valor, str):
        if nome in _NOMES_DE_EVENTO and _NOME.fullmatch(valor):
            return valor
        n = len(valor)
        texto = ngettext("‹%(n)d caractere›", "‹%(n)d caracteres›", n)
        return texto % {"n": n}
    if isinstance(valor, bool) or valor is None:
        return valor
    return _("‹número›")


def _chave(nome: str) -> str:
    return _("‹nome oculto›") if _CHAVE_PESSOAL.search(nome) else nome


def _como_texto(cru: bytes) -> str:
    if not _e_binario(cru):
        return cru.decode("utf-8", "replace")
    linhas = [
        f"{n:08x}  {cru[n : n + 16].hex(' ')}"
        for n in range(0, min(len(cru), _HEX_DE), 16)
    ]
    return "\n".join(linhas)


def _e_binario(cru: bytes) -> bool:
    """Whether it is no text that a page could show: NUL, or mostly not UTF-8."""
    amostra = cru[:_HEX_DE]
    if b"\x00" in amostra:
        return True
    estranhos = amostra.decode("utf-8", "replace").count("\ufffd")
    return estranhos > len(amostra) // 20 + 1
