"""A Graph whose form has leads, a few a page, and the walks over them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from conexoes.models import EventoPendente
from conexoes.tenancy import sistema
from meta.models import FormularioMeta, LeadCapturado, LeituraDeLeads
from meta.services.leituras import conferencia
from tests.meta.chegada.graph import FORMULARIO, GraphDeLeads, lead
from tests.trabalho import drenar


class GraphDoFormulario(GraphDeLeads):
    """Pages through ``do_formulario`` (newest first), ``por_folha`` at a time.

    ``vazias`` are numbers of pages that come empty, with a next one all the same;
    ``falha`` answers a page, by its number, instead (once). ``folhas`` says what was
    asked for: each call's cursor and since when.
    """

    def __init__(self) -> None:
        super().__init__()
        self.do_formulario: list[dict[str, Any]] = []
        self.por_folha = 2
        self.vazias: set[int] = set()
        self.falha: dict[int, tuple[int, Any]] = {}
        self.folhas: list[tuple[str, int | None]] = []

    def criar(
        self, *ids: str, ha: timedelta = timedelta(hours=1), **campos: Any
    ) -> None:
        """Leads happen at Meta and nobody tells; each one minute after the last."""
        for n, id_ in enumerate(ids):
            quando = timezone.now() - ha + timedelta(minutes=n)
            self.leads[id_] = lead(id_, **campos) | {
                "created_time": f"{quando.astimezone(UTC):%Y-%m-%dT%H:%M:%S+0000}"
            }
            self.do_formulario.insert(0, self.leads[id_])

    def _resposta(self, caminho: str, campos: dict[str, str]) -> tuple[int, Any]:
        if not caminho.endswith("/leads"):
            return super()._resposta(caminho, campos)
        if not caminho.endswith(f"/{FORMULARIO}/leads"):
            return 200, {"data": []}
        depois, desde = campos.get("after", ""), _desde(campos)
        self.folhas.append((depois, desde))
        numero = int(depois.removeprefix("c") or 0)
        if self.recusa:
            return self.recusa
        if numero in self.falha:
            return self.falha.pop(numero)
        return 200, self._folha(numero, desde)

    def _folha(self, numero: int, desde: int | None) -> dict[str, Any]:
        todos = [um for um in self.do_formulario if _segundos(um) >= (desde or 0)]
        cheias = [n for n in range(99) if n not in self.vazias]
        inicio = cheias.index(numero) * self.por_folha if numero in cheias else 0
        fim = inicio + self.por_folha
        dados = todos[inicio:fim] if numero in cheias else []
        paginacao: dict[str, Any] = {
            "cursors": {"before": "b", "after": f"c{numero + 1}"}
        }
        if numero not in cheias or fim < len(todos):
            paginacao["next"] = f"{self.url}/?access_token=segredo&after=c{numero + 1}"
        return {"data": dados, "paging": paginacao}


def _desde(campos: dict[str, str]) -> int | None:
    if "filtering" not in campos:
        return None
    (condicao,) = json.loads(campos["filtering"])
    assert condicao["field"] == "time_created"
    assert condicao["operator"] == "GREATER_THAN_OR_EQUAL"
    return int(condicao["value"])


def _segundos(um: dict[str, Any]) -> float:
    return datetime.fromisoformat(um["created_time"]).timestamp()


def conferir() -> None:
    """The form's turn comes, and everything that follows is done."""
    with sistema("comando"):
        FormularioMeta.objects.update(proxima_conferencia_em=None)
    conferencia.conferir()
    drenar()


def o_formulario() -> FormularioMeta:
    with sistema("comando"):
        return FormularioMeta.objects.get(form_id=FORMULARIO)


def a_leitura(**filtro: Any) -> LeituraDeLeads:
    with sistema("comando"):
        return LeituraDeLeads.objects.get(**filtro)


def os_leads(**filtro: Any) -> list[LeadCapturado]:
    with sistema("comando"):
        return list(LeadCapturado.objects.filter(**filtro).order_by("leadgen_id"))


def contar(modelo: Any, **filtro: Any) -> int:
    with sistema("comando"):
        return int(modelo.objects.filter(**filtro).count())


def a_linha(**filtro: Any) -> EventoPendente:
    with sistema("comando"):
        return EventoPendente.objects.get(**filtro)
