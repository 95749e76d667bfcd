"""At which address of a conversation a message was said: channels name it by that.

The same person is shown now by phone, now by a hidden id, and what was said before is
known to the channel under the address of then.
"""

from __future__ import annotations

from typing import Final

from django.db.models import F, JSONField, Q, TextField, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Cast

from crm.models import Conversa, Mensagem

_ONDE: Final = "dito_em"
_DE_CAMINHO: Final = (Mensagem.Status.ENVIANDO, Mensagem.Status.INCERTA)


def lembrar(conversa: Conversa) -> None:
    """Keep it with what was said so far: the conversation's address is to change.

    What is being sent, or may have been, was said there too, without an id as yet.
    """
    ditas = Mensagem.da(conversa.organizacao_id).filter(
        ~Q(id_externo="") | Q(status__in=_DE_CAMINHO), conversa=conversa
    )
    ditas.exclude(dados__has_key=_ONDE).update(
        dados=CombinedExpression(
            F("dados"),
            "||",
            Value({_ONDE: conversa.endereco}, JSONField()),
            output_field=JSONField(),
        )
    )


def esquecida() -> CombinedExpression:
    """``dados`` without it: what is sent again is said where the person is by then."""
    return CombinedExpression(
        F("dados"),
        "-",
        Cast(Value(_ONDE), TextField()),
        output_field=JSONField(),
    )


def onde(mensagem: Mensagem) -> str:
    """The address under which the channel knows a message."""
    return str(mensagem.dados.get(_ONDE) or mensagem.conversa.endereco)
