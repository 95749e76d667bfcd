"""Many notifications at once, and few mails of them.

Somebody who gets a dozen leads in a minute wants the first one's mail at once, and one
more for all the others: ``JANELA_S`` after the first, not eleven.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.contrib.auth import get_user_model

from conexoes import aovivo, colunas, fila
from conexoes.correio import DESTINO
from conexoes.fila import Intencao
from conexoes.models import EventoPendente, Notificacao
from conexoes.notificacoes import (
    ASSUNTO,
    VALIDADE,
    NomeDoTipo,
    Tom,
    leva_para_dentro,
    vai_por_email,
)

JANELA_S: Final = 300


@dataclass(frozen=True)
class Novidade:
    """What one person is told; terms as ``notificacoes.notificar``."""

    usuario_id: UUID
    chave: str
    titulo: str
    texto: str = ""
    url: str = ""
    tom: Tom = "info"
    icone: str = ""


def notificar_juntos(
    organizacao_id: UUID,
    novidades: Sequence[Novidade],
    *,
    tipo: NomeDoTipo,
    por_email: bool = False,
) -> int:
    """Tell people of one organisation, in the open transaction; how many are new.

    Terms as ``notificar``. Mails of one kind to one person are two in a window: the
    first, and what came after it together.
    """
    if any(um.url and not leva_para_dentro(um.url) for um in novidades):
        raise ValueError("the url of a notification is a path inside the product")
    linhas = [
        Notificacao(
            organizacao_id=organizacao_id,
            usuario_id=um.usuario_id,
            chave=um.chave,
            titulo=um.titulo[:200],
            texto=um.texto,
            url=um.url,
            tom=um.tom,
            icone=um.icone,
        )
        for um in sorted(novidades, key=lambda um: (um.usuario_id, um.chave))
    ]
    ids = colunas.inserir(linhas)
    novas = [linha for linha in linhas if linha.pk in ids]
    if novas:
        aovivo.avisar(organizacao_id, ASSUNTO)
        _por_email(organizacao_id, novas, tipo, por_email)
    return len(novas)


def _por_email(
    organizacao_id: UUID, novas: Sequence[Notificacao], tipo: NomeDoTipo, padrao: bool
) -> None:
    por_pessoa: dict[UUID, list[Notificacao]] = defaultdict(list)
    for nova in novas:
        por_pessoa[nova.usuario_id].append(nova)
    pessoas: Any = get_user_model()._default_manager.in_bulk(list(por_pessoa))
    janela = int(time.time()) // JANELA_S
    suas = {
        f"{tipo}:{pk}:{janela}": delas
        for pk, delas in por_pessoa.items()
        if pk in pessoas and vai_por_email(pessoas[pk], tipo, padrao)
    }
    primeiras = [_carta(chave, {}, delas[0]) for chave, delas in suas.items()]
    fila.guardar_juntas(organizacao_id, primeiras)
    ja_foram = _ja_foram(organizacao_id, suas)
    resto = [
        _carta(
            f"{chave}:resto",
            {"desde": ja_foram[chave]},
            delas[-1],
            em=datetime.fromtimestamp((janela + 1) * JANELA_S, UTC),
        )
        for chave, delas in suas.items()
        if len(delas) > 1 or ja_foram[chave] != str(delas[0].pk)
    ]
    fila.guardar_juntas(organizacao_id, resto)


def _ja_foram(organizacao_id: UUID, chaves: Any) -> dict[str, str]:
    """The notification whose mail was the first of each window."""
    if not chaves:
        return {}
    linhas = EventoPendente.da(organizacao_id).filter(chave__in=list(chaves))
    return dict(linhas.values_list("chave", "payload__notificacao"))


def _carta(
    chave: str, payload: dict[str, Any], de: Notificacao, em: datetime | None = None
) -> Intencao:
    quando = em or datetime.now(UTC)
    return Intencao(
        tipo="notificacao.email",
        destino=DESTINO,
        chave=chave,
        # The row carries no text of anybody's: the worker reads it where it belongs.
        payload={"notificacao": str(de.pk), **payload},
        expira_em=quando + VALIDADE,
        em=em,
    )
