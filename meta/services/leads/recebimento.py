"""What Meta delivers for all organisations, split and handed to each its own.

A delivery may tell of a thousand leads of many pages. Every organisation that has a
page selected gets a row of its own for each lead (``pai`` is the delivery), which is
what the lead's story shows; what belongs to nobody stays in the super admin's tray.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from uuid6 import uuid7

from conexoes import sino
from conexoes.erros import WebhookInvalido
from conexoes.models import PARTE_SEM_DONO, Motivo, Status, WebhookRecebido
from conexoes.tenancy import na
from meta.models import PaginaMeta
from meta.payloads import AvisoDeLead
from meta.payloads.avisos import Mudanca, ler_mudancas
from meta.services.leads.avisos import guardar_avisos

log = logging.getLogger(__name__)

DESTINO: Final = "meta.webhook"
# A part that could not be noted beside the others is tried alone, so often.
_TENTATIVAS: Final = 8
# Together with others only what is soon done: a large delivery would hold them up.
_JUNTAS_ATE: Final = 16 * 1024
_LEAD: Final = "lead"
_ILEGIVEL: Final = "ilegivel"
_IGNORADO: Final = "ignorado"

_INSERIR: Final = """
INSERT INTO webhooks_logs
    (id, organizacao_id, endpoint, tipo, destino, chave, corpo, pai_id, status, motivo,
     ultimo_erro, max_tentativas, proxima_tentativa, concluida_em)
SELECT n.id, n.organizacao, n.endpoint, n.tipo, %s, n.chave, n.corpo, n.pai,
       CASE WHEN n.erro = '' THEN 'completed' ELSE 'failed' END,
       CASE WHEN n.erro = '' THEN '' ELSE 'envenenada' END,
       n.erro, 1, NULL, statement_timestamp()
FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::bytea[],
            %s::uuid[], %s::text[])
     AS n(id, organizacao, endpoint, tipo, chave, corpo, pai, erro)
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Parte:
    """One change for one organisation, or for nobody; a row beside its delivery."""

    id: UUID
    pai: WebhookRecebido
    organizacao_id: UUID | None
    tipo: str
    chave: str
    cru: bytes
    erro: str = ""
    aviso: AvisoDeLead | None = None


def receber(recebido: WebhookRecebido) -> None:
    """Hand out one delivery; or, read again, one part of it that is somebody's.

    Raises ``WebhookInvalido`` for what is no delivery of pages, or of none that an
    organisation selected.
    """
    mudancas = ler_mudancas(bytes(recebido.corpo))
    if recebido.organizacao_id is None:
        if not _repartir([(recebido, mudancas)]):
            raise WebhookInvalido(_sem_dono(), status=400)
        return
    avisos = [m.aviso for m in mudancas if m.aviso and not m.ignorada]
    if not avisos:
        raise WebhookInvalido(_("Aviso ilegível."), status=400)
    webhooks = {aviso.leadgen_id: recebido.pk for aviso in avisos}
    guardar_avisos(recebido.organizacao_id, avisos, webhooks=webhooks)


def receber_juntos(recebidos: Sequence[WebhookRecebido]) -> list[WebhookRecebido]:
    """Hand out the small ones among deliveries of everybody; which those were."""
    lidos = []
    for recebido in recebidos:
        if recebido.organizacao_id or len(recebido.corpo) > _JUNTAS_ATE:
            continue
        try:
            lidos.append((recebido, ler_mudancas(bytes(recebido.corpo))))
        except WebhookInvalido:
            continue
    de_alguem = _repartir(lidos)
    return [recebido for recebido, _mudancas in lidos if recebido.pk in de_alguem]


def _repartir(lidos: Sequence[tuple[WebhookRecebido, list[Mudanca]]]) -> set[UUID]:
    """The deliveries of which there is a part now: somebody's, or laid aside."""
    donos = _donos(m.page_id for _r, mudancas in lidos for m in mudancas)
    partes = [
        parte
        for recebido, mudancas in lidos
        for parte in _partes(recebido, mudancas, donos)
    ]
    # Read again, since its page is somebody's now: what was nobody's may be theirs.
    relidos = [recebido.pk for recebido, _m in lidos if recebido.cerca > 1]
    if relidos:
        WebhookRecebido.objects.filter(pai__in=relidos, organizacao=None).delete()
    _inserir(partes)
    por_dono: dict[UUID, list[Parte]] = defaultdict(list)
    for parte in partes:
        if parte.organizacao_id and parte.aviso:
            por_dono[parte.organizacao_id].append(parte)
    for organizacao_id in sorted(por_dono):
        _entregar(organizacao_id, por_dono[organizacao_id])
    return {parte.pai.pk for parte in partes}


def _entregar(organizacao_id: UUID, partes: Sequence[Parte]) -> None:
    """Note one organisation's leads; what breaks there is its own parts' to repeat."""
    try:
        # Within the delivery's transaction: undone alone, up to here.
        with na(organizacao_id):
            guardar_avisos(
                organizacao_id,
                [parte.aviso for parte in partes if parte.aviso],
                webhooks={p.aviso.leadgen_id: p.id for p in partes if p.aviso},
            )
            # Here and not at the commit, which is everybody's.
            connection.check_constraints()
    except Exception:
        log.exception("partes_adiadas", extra={"organizacao": str(organizacao_id)})
        WebhookRecebido.objects.filter(
            endpoint__in={_endpoint(parte) for parte in partes},
            chave__in=[_chave(parte) for parte in partes],
        ).update(
            status=Status.PENDENTE,
            motivo=Motivo.RETRY,
            max_tentativas=_TENTATIVAS,
            proxima_tentativa=Now(),
            concluida_em=None,
        )
        sino.tocar("entrada")


def _donos(page_ids: Iterable[str]) -> dict[str, list[UUID]]:
    """The organisations that have each page selected, in one query."""
    donos: dict[str, list[UUID]] = defaultdict(list)
    # Pages of all organisations: the one look-up that says whose a delivery is.
    paginas = PaginaMeta.objects.filter(page_id__in=set(page_ids) - {""}, ativo=True)
    for page_id, dono in paginas.values_list("page_id", "organizacao_id"):
        donos[page_id].append(dono)
    return donos


def _partes(
    recebido: WebhookRecebido, mudancas: list[Mudanca], donos: dict[str, list[UUID]]
) -> list[Parte]:
    numeradas = list(enumerate(mudancas))
    lidas = [(n, mudanca) for n, mudanca in numeradas if not mudanca.ignorada]
    partes = [
        _parte(recebido, n, mudanca, dono)
        for n, mudanca in lidas
        for dono in donos.get(mudanca.page_id, ())
    ]
    # The tray shows a delivery of which nobody got a part. Beside parts that are
    # somebody's, what is nobody's needs rows of its own to be seen.
    if partes:
        partes += [
            _parte(recebido, n, mudanca, None)
            for n, mudanca in lidas
            if mudanca.page_id not in donos
        ]
    elif len(lidas) < len(mudancas) and not lidas:
        partes = [_laudo(recebido, len(mudancas))]
    return partes


def _parte(
    recebido: WebhookRecebido, n: int, mudanca: Mudanca, dono: UUID | None
) -> Parte:
    aviso = mudanca.aviso
    erro = "" if aviso else _("Aviso ilegível.")
    return Parte(
        id=uuid7(),
        pai=recebido,
        organizacao_id=dono,
        tipo=PARTE_SEM_DONO if dono is None else _LEAD if aviso else _ILEGIVEL,
        chave=aviso.leadgen_id if aviso else str(n),
        cru=mudanca.cru,
        erro=erro if dono else _sem_dono(),
        aviso=aviso if dono else None,
    )


def _laudo(recebido: WebhookRecebido, quantas: int) -> Parte:
    """Says of a delivery that it was read, and that nothing in it is for us."""
    corpo = b'{"ignored":%d}' % quantas
    return Parte(uuid7(), recebido, None, _IGNORADO, _IGNORADO, corpo)


def _inserir(partes: Sequence[Parte]) -> None:
    if not partes:
        return
    linhas = [
        (p.id, p.organizacao_id, _endpoint(p), p.tipo, _chave(p), p.cru)
        + (p.pai.pk, p.erro)
        for p in partes
    ]
    colunas = [list(coluna) for coluna in zip(*linhas, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_INSERIR, [DESTINO, *colunas])


def _chave(parte: Parte) -> str:
    return f"{parte.pai.pk}:{parte.chave}"


def _endpoint(parte: Parte) -> str:
    return f"meta-leads:{parte.organizacao_id or PARTE_SEM_DONO}"


def _sem_dono() -> str:
    return _("Nenhuma organização selecionou esta página do Facebook.")
