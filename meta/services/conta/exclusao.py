"""A person takes our app off their Facebook account, or wants to be forgotten.

Both arrive for the whole installation: the same account may be connected by several
organisations.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from conexoes.models import EventoPendente, Motivo, Status
from conexoes.tenancy import na, sistema
from meta.models import ConexaoMeta, ExclusaoDeDados, PaginaMeta
from meta.services.conta.reautorizacao import avisar, de_antes, marcar_revogadas

_POR_VOLTA: Final = 20
# Of an open request; what was done takes its place.
_PEDIDO_EM: Final = "pedido_em"


def desautorizar(meta_user_id: str, quando: datetime) -> int:
    """Revoke the person's connection in every organisation, and tell who may mend it.

    One connected after ``quando`` stays: the request is an old one. How many it was.
    """
    with sistema("webhook"):
        donas = list(_desta(meta_user_id).values_list("organizacao_id", flat=True))
        return sum(_revogar(meta_user_id, dona, quando) for dona in donas)


def pedir(meta_user_id: str, quando: datetime) -> ExclusaoDeDados:
    """Keep a request to be forgotten; asked again in the same words it is the same."""
    with sistema("webhook"):
        pedido, _novo = ExclusaoDeDados.objects.get_or_create(
            codigo=_codigo(meta_user_id, quando),
            defaults={
                "meta_user_id": meta_user_id,
                "resumo": {_PEDIDO_EM: quando.isoformat()},
            },
        )
        return pedido


def url(pedido: ExclusaoDeDados) -> str:
    """The public page that tells how a request stands."""
    return f"{settings.URL_PUBLICA}{reverse('meta_exclusao', args=[pedido.codigo])}"


def pedido_de(codigo: str) -> ExclusaoDeDados | None:
    """The request that a code opens; not inside a person's transaction."""
    with sistema("exclusao"):
        return ExclusaoDeDados.objects.filter(codigo=codigo).first()


def esquecer_pedidos() -> int:
    """Forget the people who asked for it and were not yet; how many."""
    for feitos in range(_POR_VOLTA):
        with sistema("exclusao"):
            abertos = ExclusaoDeDados.objects.select_for_update(skip_locked=True)
            pedido = abertos.filter(concluida_em=None).order_by("criado_em").first()
            if pedido is None:
                return feitos
            _esquecer(pedido)
    return _POR_VOLTA


def _esquecer(pedido: ExclusaoDeDados) -> None:
    pessoa, quando = pedido.meta_user_id, _quando(pedido)
    for dona in _desta(pessoa).values_list("organizacao_id", flat=True):
        _revogar(pessoa, dona, quando)
    conexoes = ConexaoMeta.objects.filter(de_antes(quando), meta_user_id=pessoa)
    donas = list(conexoes.values_list("organizacao_id", flat=True))
    for dona in donas:
        _apagar_conta(conexoes.filter(organizacao_id=dona), dona)
    # Leaving this account at Meta is settled: it was the person who left.
    EventoPendente.objects.filter(
        destino="meta.desligamento", payload__user_id=pessoa
    ).update(payload={}, status=Status.CONCLUIDO, motivo=Motivo.NENHUM)
    pedido.resumo = {"conexoes": len(donas)}
    pedido.meta_user_id, pedido.concluida_em = "", timezone.now()
    pedido.save()


def _apagar_conta(conexoes: Any, organizacao_id: UUID) -> None:
    chaves = list(conexoes.values_list("pk", flat=True))
    PaginaMeta.objects.filter(conexao_id__in=chaves).update(page_access_token="")
    ConexaoMeta.objects.filter(pk__in=chaves).update(
        access_token="",
        refresh_token="",
        meta_user_id="",
        meta_user_name="",
        meta_user_email="",
        atualizado_em=timezone.now(),
    )
    avisar(organizacao_id)


def _revogar(meta_user_id: str, organizacao_id: UUID, quando: datetime) -> int:
    with na(organizacao_id):
        return marcar_revogadas(meta_user_id, organizacao_id, quando)


def _desta(meta_user_id: str) -> Any:
    """Organisations that a person is connected in, or waits to be confirmed in."""
    conectada = Q(meta_user_id=meta_user_id)
    return ConexaoMeta.objects.filter(conectada | Q(conta_pendente__id=meta_user_id))


def _quando(pedido: ExclusaoDeDados) -> datetime:
    """When the person asked, which may be days before Meta could tell us."""
    dito = pedido.resumo.get(_PEDIDO_EM)
    return datetime.fromisoformat(dito) if dito else pedido.criado_em


def _codigo(meta_user_id: str, quando: datetime) -> str:
    """Nobody guesses it, and the same request has the same one."""
    dito = f"meta.exclusao|{meta_user_id}|{int(quando.timestamp())}"
    resumo = hmac.new(settings.SECRET_KEY.encode(), dito.encode(), hashlib.sha256)
    return base64.b32encode(resumo.digest()[:15]).decode()
