"""``Idempotency-Key``: the same call again gets the same answer, and happens once.

The reservation, what the call changes and its answer are one transaction: a crash
half way leaves none of them. A second call with the key waits for the first one.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeVar

from django.db import OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from psycopg.errors import LockNotAvailable
from rest_framework import exceptions, status
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from uuid6 import uuid7

from conexoes.models import ChamadaIdempotente
from conexoes.retencao import CHAMADA

CABECALHO: Final = "Idempotency-Key"
# Set on an answer that was kept and not made anew.
REPETIDA: Final = "Idempotency-Replayed"
_CHAVE: Final = re.compile(r"[\x21-\x7e]{1,255}")

PARAMETRO: Final = OpenApiParameter(
    CABECALHO,
    location=OpenApiParameter.HEADER,
    description="Repetir a chamada com a mesma chave devolve a mesma resposta, por um "
    "dia, sem fazer de novo. De 1 a 255 caracteres ASCII visíveis; um UUID serve.",
    pattern=r"^[\x21-\x7e]{1,255}$",
)

Metodo = TypeVar("Metodo", bound=Callable[..., Response])


class ChaveInvalida(exceptions.ParseError):
    codigo = "chave_de_idempotencia_invalida"


class EmAndamento(exceptions.APIException):
    """The first call with this key is still at work."""

    status_code = status.HTTP_409_CONFLICT
    codigo = "em_andamento"
    wait = 1


class OutroCorpo(exceptions.APIException):
    """The key was used for another call."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    codigo = "chave_reutilizada"


def uma_vez(metodo: Metodo) -> Metodo:
    """Let callers of this method of a view name the call, so that it counts once.

    Only what succeeded is kept: after a refusal the same key may be tried again.
    """

    @wraps(metodo)
    def protegido(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        chave = request.headers.get(CABECALHO)
        if chave is None:
            return metodo(view, request, *args, **kwargs)
        if not _CHAVE.fullmatch(chave):
            raise ChaveInvalida(
                _("Idempotency-Key são 1 a 255 caracteres ASCII visíveis, sem espaços.")
            )
        nossa = _reservar(view, request, chave)
        if nossa.status is not None:
            guardada = json.loads(str(nossa.resposta))
            return Response(guardada, status=nossa.status, headers={REPETIDA: "true"})
        resposta = metodo(view, request, *args, **kwargs)
        _guardar(nossa, resposta)
        return resposta

    vars(protegido)["uma_vez"] = True
    return protegido  # type: ignore[return-value]


def _reservar(view: Any, request: Request, chave: str) -> ChamadaIdempotente:
    """The row of this call: a new one without an answer, or the one that answered."""
    resumo = _resumo(request)
    quem = {
        "organizacao_id": view.organizacao.pk,
        "usuario_id": view.usuario.pk,
        "chave": chave,
    }
    nova = ChamadaIdempotente(id=uuid7(), resumo=resumo, **quem)
    iguais = ChamadaIdempotente.objects.filter(**quem)
    try:
        with transaction.atomic():
            iguais.filter(criado_em__lt=timezone.now() - CHAMADA).delete()
            # Waits for the commit of whoever reserved it first, up to lock_timeout.
            ChamadaIdempotente.objects.bulk_create([nova], ignore_conflicts=True)
    except OperationalError as erro:
        if not isinstance(erro.__cause__, LockNotAvailable):
            raise
        raise EmAndamento(
            _("A primeira chamada com esta chave ainda não terminou.")
        ) from None
    guardada = iguais.get()
    if guardada.resumo != resumo:
        raise OutroCorpo(_("Esta Idempotency-Key já foi usada em outra chamada."))
    return guardada


def _guardar(chamada: ChamadaIdempotente, resposta: Response) -> None:
    chamada.status = resposta.status_code
    # As text, since jsonb would forget the order of the fields.
    chamada.resposta = JSONRenderer().render(resposta.data).decode()
    chamada.save(update_fields=["status", "resposta", "atualizado_em"])


def _resumo(request: Request) -> str:
    """SHA-256 (hex) of what the call says; a form's boundary is not part of that."""
    dados: Any = request.data
    conta = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    if hasattr(dados, "lists"):
        textos: Any = {n: v for n, v in dados.lists() if n not in request.FILES}
    else:
        textos = dados
    conta.update(json.dumps(textos, sort_keys=True, default=str).encode())
    for nome, enviados in sorted(request.FILES.lists()):
        for enviado in enviados:
            conta.update(f"\n{nome} {enviado.name} ".encode())
            conteudo = hashlib.sha256()
            for pedaco in enviado.chunks():
                conteudo.update(pedaco)
            conta.update(conteudo.digest())
            enviado.seek(0)
    return conta.hexdigest()
