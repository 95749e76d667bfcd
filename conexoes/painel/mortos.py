"""Rows that nobody will try again by itself: how many, of whom, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import CharField, Count, Max, Min
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext_lazy

from conexoes import nao_atribuidos, palavras
from conexoes.models import EventoPendente, Motivo, Status, WebhookRecebido

# Each queue, and what a person calls it.
FILAS: Final[dict[str, tuple[Any, Any]]] = {
    "eventopendente": (EventoPendente, gettext_lazy("Saída")),
    "webhookrecebido": (WebhookRecebido, gettext_lazy("Entrada")),
}
_GRUPOS: Final = 200


@dataclass(frozen=True)
class Grupo:
    """Rows that died alike; ``url`` is the list that shows exactly these."""

    fila: str
    organizacao: str
    destino: str
    motivo: str
    quantos: int
    desde: datetime
    ate: datetime
    erro: str
    url: str
    # Any one of them: the list's actions want a row to be named.
    um: str


def grupos() -> list[Grupo]:
    """The groups of both queues, the largest first, at most 200 of each."""
    achados = [grupo for nome in FILAS for grupo in _da_fila(nome)]
    return sorted(achados, key=lambda grupo: -grupo.quantos)


def _da_fila(nome: str) -> Iterator[Grupo]:
    modelo, fila = FILAS[nome]
    mortas = modelo.objects.filter(status=Status.FALHOU)
    if modelo is WebhookRecebido:
        mortas = mortas.exclude(pk__in=nao_atribuidos.lidos().values("pk"))
    contados = (
        mortas.exclude(motivo=Motivo.DESCARTADA)
        .values("organizacao_id", "organizacao__nome", "destino", "motivo")
        .annotate(
            quantos=Count("pk"),
            desde=Min("criado_em"),
            ate=Max("criado_em"),
            erro=Max("ultimo_erro"),
            um=Max(Cast("id", CharField())),
        )
        .order_by("-quantos", "destino")[:_GRUPOS]
    )
    for linha in contados:
        filtros = {
            "situacao": Status.FALHOU,
            "motivo": linha["motivo"],
            "destino": linha["destino"],
            "organizacao": linha["organizacao_id"] or "nenhuma",
        }
        lista = reverse(f"admin:conexoes_{nome}_changelist")
        yield Grupo(
            fila=str(fila),
            organizacao=linha["organizacao__nome"] or "",
            destino=palavras.destino(linha["destino"]),
            motivo=str(Motivo(linha["motivo"]).label),
            quantos=linha["quantos"],
            desde=linha["desde"],
            ate=linha["ate"],
            erro=linha["erro"],
            url=f"{lista}?{urlencode({k: v for k, v in filtros.items() if v})}",
            um=linha["um"],
        )
