"""A conversation as it stands, and what its line in the list says."""

from __future__ import annotations

from typing import Any

from conexoes.tenancy import na
from crm.models import Conversa, Mensagem

Status = Mensagem.Status


def relida(linha: Any) -> Any:
    chaves = [campo.name for campo in linha._meta.fields if campo.is_relation]
    with na(linha.organizacao_id):
        return type(linha).objects.select_related(*chaves).get(pk=linha.pk)


def resumo(conversa: Conversa) -> tuple[str, str, str, int]:
    nova = relida(conversa)
    return (
        nova.ultima_mensagem_texto,
        nova.ultima_direcao,
        nova.ultimo_status,
        nova.nao_lidas,
    )
