"""One decision of a person about many rows: counted first, done behind the page.

It is itself a row of work, one per organisation and never two: a worker takes the rows
it is about one by one, each in a transaction together with how far it got. Whoever
cancels moves its fence, and the worker stops before the next row.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _
from uuid6 import uuid7

from conexoes import (
    aovivo,
    arrendamento,
    auditoria,
    fila,
    idioma,
    repeticao,
    retencao,
    sino,
)
from conexoes.arrendamento import ARRENDAMENTO_S
from conexoes.erros import AindaNao, ErroDeDominio
from conexoes.models import EventoPendente, Motivo, Status, WebhookRecebido
from conexoes.noticias import ASSUNTO
from conexoes.panorama import ABERTOS, EM_MASSA, linhas
from conexoes.pedido import Pedido
from conexoes.tenancy import na

CONTAR_ATE: Final = 10_000
ACAO: Final = {"tentar": "fila.repetida", "desistir": "fila.descartada"}
_CHAVE: Final = "em_massa"
_LOTE: Final = 100
# A turn at the worker's thread; then others get theirs.
_TURNO_S: Final = 10.0
_AVISAR_A_CADA: Final = 25
_RECENTE: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class Andamento:
    """How far the last one got, for the page; ``total`` as it was counted."""

    rodando: bool
    # Why it ended before its end, if it did.
    parou: str
    verbo: str
    total: int
    feitas: int
    recusadas: int
    autor: str
    em: datetime

    @property
    def vistas(self) -> int:
        return self.feitas + self.recusadas


@dataclass(frozen=True)
class Autor:
    """Who decided, as the audit trail names them: a super admin is of no organisation,
    whose context does not see them."""

    pk: str
    nome: str


def contar(organizacao: Any, pedido: Pedido) -> int:
    """How many rows it is about now; one more than ``CONTAR_ATE`` stands for more."""
    achadas = _alvos(organizacao, pedido)
    return len(achadas.values_list("pk")[: CONTAR_ATE + 1])


def iniciar(organizacao: Any, pedido: Pedido, *, autor: Any) -> int:
    """Keep the decision in the open transaction; a worker does it. How many rows.

    Raises ``ErroDeDominio`` while another one runs, or when there is nothing to do.
    """
    total = contar(organizacao, pedido)
    if not total:
        raise ErroDeDominio(_("Não há nada a fazer: a lista mudou."))
    payload = pedido.como_payload() | {
        "lote": str(uuid7()),
        "autor": str(autor.pk),
        "autor_nome": autor.nome,
        "total": total,
        "feitas": 0,
        "recusadas": 0,
    }
    evento = fila.guardar(
        organizacao, tipo="em_massa", destino=EM_MASSA, chave=_CHAVE, payload=payload
    )
    if evento.payload["lote"] != payload["lote"]:
        _recomecar(evento, payload)
    auditoria.registrar(
        "fila.em_massa_iniciada",
        organizacao=organizacao,
        autor=autor,
        objeto=_objeto(evento),
        **pedido.como_payload(),
        total=total,
    )
    aovivo.avisar(evento.organizacao_id, ASSUNTO)
    return total


def cancelar(organizacao: Any, *, autor: Any) -> None:
    """Stop the one that runs before its next row. ``ErroDeDominio`` if none does."""
    abertos = EventoPendente.da(organizacao).filter(chave=_CHAVE, status__in=ABERTOS)
    with idioma.guardando():
        texto = _("Ação cancelada por %(pessoa)s.") % {"pessoa": autor.nome}
    # One statement: the worker's next row waits for it, or comes before it.
    parados = abertos.update(
        status=Status.FALHOU,
        motivo=Motivo.DESCARTADA,
        ultimo_erro=texto,
        proxima_tentativa=None,
        cerca=F("cerca") + 1,
        atualizado_em=Now(),
    )
    if not parados:
        raise ErroDeDominio(_("Nenhuma ação em massa está em andamento."))
    evento = EventoPendente.da(organizacao).get(chave=_CHAVE)
    auditoria.registrar(
        "fila.em_massa_cancelada",
        organizacao=organizacao,
        autor=autor,
        objeto=_objeto(evento),
        **_conta(evento),
    )
    aovivo.avisar(evento.organizacao_id, ASSUNTO)


def andamento(organizacao: Any) -> Andamento | None:
    """The one that runs, or how one of the last ten minutes ended."""
    recente = Q(status__in=ABERTOS) | Q(atualizado_em__gte=timezone.now() - _RECENTE)
    evento = EventoPendente.da(organizacao).filter(recente, chave=_CHAVE).first()
    if evento is None:
        return None
    return Andamento(
        rodando=evento.status in ABERTOS,
        parou=evento.ultimo_erro if evento.status == Status.FALHOU else "",
        verbo=evento.payload["verbo"],
        autor=evento.payload["autor_nome"],
        em=evento.atualizado_em,
        **_conta(evento),
    )


def executar(evento: EventoPendente) -> None:
    """Do the next rows; ``AindaNao`` when its turn is over and there are more."""
    fim = time.monotonic() + _TURNO_S
    pedido = Pedido.do_payload(evento.payload)
    autor = _autor(evento)
    while lote := _proximas(evento, pedido):
        for linha in lote:
            _fazer(evento, pedido, linha, autor)
            if time.monotonic() > fim:
                raise AindaNao(timezone.now(), _("Continua em instantes."))
    _encerrar(evento, autor)


def _proximas(evento: EventoPendente, pedido: Pedido) -> list[Any]:
    with na(evento.organizacao_id):
        alvos = _alvos(evento.organizacao_id, pedido)
        if depois := evento.payload.get("depois"):
            momento, pk = datetime.fromisoformat(depois[0]), UUID(depois[1])
            alvos = alvos.filter(
                Q(criado_em__gt=momento) | Q(criado_em=momento, pk__gt=pk),
                criado_em__gte=momento,
            )
        return list(alvos.order_by("criado_em", "pk")[:_LOTE])


def _fazer(evento: EventoPendente, pedido: Pedido, linha: Any, autor: Autor) -> None:
    """One row, and how far we are with it, in one transaction behind the fence."""
    with na(evento.organizacao_id):
        try:
            with transaction.atomic():
                _verbo(pedido, evento.payload["autor_nome"])(linha)
        except ErroDeDominio:
            # It went on, or somebody decided first: that one keeps their decision.
            evento.payload["recusadas"] += 1
        else:
            evento.payload["feitas"] += 1
            auditoria.registrar(
                ACAO[pedido.verbo],
                organizacao=evento.organizacao_id,
                autor=autor,
                objeto=f"{linha.destino}:{linha.pk}",
                em_massa=evento.payload["lote"],
            )
        evento.payload["depois"] = [linha.criado_em.isoformat(), str(linha.pk)]
        _gravar(evento)
        vistas = evento.payload["feitas"] + evento.payload["recusadas"]
        if vistas % _AVISAR_A_CADA == 0:
            aovivo.avisar(evento.organizacao_id, ASSUNTO)


def _encerrar(evento: EventoPendente, autor: Autor) -> None:
    with na(evento.organizacao_id):
        if evento.payload.get("encerrado"):
            return
        evento.payload["encerrado"] = True
        _gravar(evento)
        auditoria.registrar(
            "fila.em_massa_concluida",
            organizacao=evento.organizacao_id,
            autor=autor,
            objeto=_objeto(evento),
            **_conta(evento),
        )
        aovivo.avisar(evento.organizacao_id, ASSUNTO)


def _gravar(evento: EventoPendente) -> None:
    prazo = timezone.now() + timedelta(seconds=ARRENDAMENTO_S)
    if not arrendamento.gravar(evento, payload=evento.payload, proxima_tentativa=prazo):
        raise arrendamento.ArrendamentoPerdido


def _verbo(pedido: Pedido, quem: str) -> Callable[[Any], None]:
    # As its list showed it: what moved since then was not what the person meant.
    if pedido.verbo == "tentar":
        return lambda linha: repeticao.tentar_agora(linha, cerca=linha.cerca)
    return lambda linha: repeticao.desistir(linha, quem=quem, cerca=linha.cerca)


def _alvos(organizacao: Any, pedido: Pedido) -> Any:
    alvos = linhas(pedido.modelo, organizacao, pedido.filtro, ate=pedido.ate)
    if pedido.verbo == "tentar" and pedido.modelo is WebhookRecebido:
        return alvos.exclude(retencao.sem_corpo(timezone.now()))
    return alvos


def _recomecar(evento: EventoPendente, payload: dict[str, Any]) -> None:
    """Use the organisation's one row again, unless it is at work."""
    livres = EventoPendente.da(evento.organizacao_id).exclude(status__in=ABERTOS)
    recomecados = livres.filter(pk=evento.pk).update(
        payload=payload,
        status=Status.PENDENTE,
        motivo=Motivo.NENHUM,
        tentativas=0,
        quedas=0,
        ultimo_erro="",
        cerca=F("cerca") + 1,
        proxima_tentativa=Now(),
        concluida_em=None,
        atualizado_em=Now(),
    )
    if not recomecados:
        raise ErroDeDominio(
            _("Já há uma ação em massa em andamento. Espere ou cancele.")
        )
    sino.tocar("saida")


def _conta(evento: EventoPendente) -> dict[str, Any]:
    return {k: evento.payload[k] for k in ("total", "feitas", "recusadas")}


def _autor(evento: EventoPendente) -> Autor:
    return Autor(evento.payload["autor"], evento.payload["autor_nome"])


def _objeto(evento: EventoPendente) -> str:
    return f"{EM_MASSA}:{evento.payload['lote']}"
