"""Which fields an organisation's mappings may fill, and whether one is in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from conexoes import leitura
from conexoes.erros import ErroDeDominio
from crm.services import campos
from meta.services.mapeamento import ALVOS, Alvo, alvo_proprio

# Meta allows far fewer questions in a form.
_NO_MAXIMO: Final = 200
_CHAVE: Final = 1000


def alvos_da(organizacao: Any) -> dict[str, Alvo]:
    """Every target by its key: the fixed ones, then the organisation's own fields."""
    proprios = (
        alvo_proprio(campo.pk, campo.nome, campo.tipo)
        for campo in campos.campos_da(organizacao)
    )
    return {**ALVOS, **{alvo.chave: alvo for alvo in proprios}}


def conferir_campos(organizacao: Any, escrito: Any) -> dict[str, Any]:
    """A mapping as it is kept; questions that fill nothing are left out.

    A target may be written as its key ("email", "campo:<uuid>"), as the bare id of an
    own field, or as ``{"campo": key}``. Raises ``ErroDeDominio`` for what is none.
    """
    if not isinstance(escrito, Mapping) or len(escrito) > _NO_MAXIMO:
        raise ErroDeDominio(
            _("O mapeamento é um objeto de até %(n)d perguntas e seus campos.")
            % {"n": _NO_MAXIMO}
        )
    alvos, lido = alvos_da(organizacao), {}
    for pergunta, destino in escrito.items():
        chave = leitura.texto(pergunta, maximo=_CHAVE)
        alvo = _chave_do_alvo(destino)
        if not chave or not alvo:
            continue
        if alvo not in alvos:
            raise ErroDeDominio(
                _("“%(campo)s” não é um campo que esta empresa tem.")
                % {"campo": alvo[:60]}
            )
        lido[chave] = _guardado(alvos[alvo])
    return lido


def _chave_do_alvo(destino: Any) -> str:
    campo = destino.get("campo") if isinstance(destino, Mapping) else destino
    if campo is None:
        return ""
    if not isinstance(campo, str):
        raise ErroDeDominio(_("Cada pergunta diz o nome de um campo."))
    # The PRD writes an own field as its id alone.
    try:
        return f"campo:{UUID(campo.removeprefix('campo:'))}"
    except ValueError:
        return leitura.texto(campo.strip(), maximo=_CHAVE)


def _guardado(alvo: Alvo) -> Any:
    if alvo.chave in ALVOS or alvo.transformacao == "texto":
        return alvo.chave
    # What its field holds is decided now: leads are read without looking it up.
    return {"campo": alvo.chave, "transformacao": alvo.transformacao}
