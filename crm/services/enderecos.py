"""At which address of a conversation a message was said: channels name it by that.

The same person is shown now by phone, now by a hidden id, and what was said before is
known to the channel under the address of then.
"""

from __future__ import annotations

from typing import Final

from django.db.models import F, JSONField, Value
from django.db.models.expressions import CombinedExpression

from crm.models import Conversa, Mensagem

_ONDE: Final = "dito_em"


def lembrar(conversa: Conversa) -> None:
    """Keep it with what was said so far: the conversation's address is to change."""
    ditas = Mensagem.da(conversa.organizacao_id).filter(conversa=conversa)
    ditas.exclude(id_externo="").exclude(dados__has_key=_ONDE).update(
        dados=CombinedExpression(
            F("dados"),
            "||",
            Value({_ONDE: conversa.endereco}, JSONField()),
            output_field=JSONField(),
        )
    )


def onde(mensagem: Mensagem) -> str:
    """The address under which the channel knows a message."""
    return str(mensagem.dados.get(_ONDE) or mensagem.conversa.endereco)
