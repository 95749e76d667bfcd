"""The filters of the queues and of the audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter

from conexoes import palavras, provedores
from conexoes.models import Motivo, Status

NENHUMA: Final = "nenhuma"
_ORGANIZACOES: Final = 1000
_PERIODOS: Final = {
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}

Opcoes = Sequence[tuple[str, Any]]


class Filtro(DropdownFilter):  # type: ignore[misc]
    """One choice of a list; a value that is not on it changes nothing."""

    def has_output(self) -> bool:
        return True

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> QuerySet[Any] | None:
        valor = self.value()
        if valor not in {str(chave) for chave, _nome in self.lookup_choices}:
            return queryset
        return queryset.filter(self.condicao(valor))

    def condicao(self, valor: str) -> Q:
        return Q(**{str(self.parameter_name): valor})


class PorOrganizacao(Filtro):
    title = gettext_lazy("organização")
    parameter_name = "organizacao"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Opcoes:
        todas = apps.get_model("crm", "Organizacao").objects.values_list("pk", "nome")
        nomes = [(str(pk), nome) for pk, nome in todas[:_ORGANIZACOES]]
        if model_admin.model._meta.get_field("organizacao").null:
            nomes.insert(0, (NENHUMA, _("Sem organização")))
        return nomes

    def condicao(self, valor: str) -> Q:
        return Q(organizacao=None if valor == NENHUMA else UUID(valor))


class PorSituacao(Filtro):
    title = gettext_lazy("situação")
    parameter_name = "situacao"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Opcoes:
        return Status.choices

    def condicao(self, valor: str) -> Q:
        return Q(status=valor)


class PorMotivo(Filtro):
    title = gettext_lazy("motivo")
    parameter_name = "motivo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Opcoes:
        return [(str(valor), nome) for valor, nome in Motivo.choices if valor]


class PorDestino(Filtro):
    title = gettext_lazy("trabalho")
    parameter_name = "destino"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Opcoes:
        nomes = [(nome, palavras.destino(nome)) for nome in provedores.destinos()]
        return sorted(nomes, key=lambda par: par[1])


class PorPeriodo(Filtro):
    """``campo`` is the time that counts."""

    title = gettext_lazy("período")
    parameter_name = "periodo"
    campo = "criado_em"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Opcoes:
        return [
            ("1h", _("Última hora")),
            ("24h", _("Últimas 24 horas")),
            ("7d", _("Últimos 7 dias")),
            ("30d", _("Últimos 30 dias")),
        ]

    def condicao(self, valor: str) -> Q:
        return Q(**{f"{self.campo}__gt": timezone.now() - _PERIODOS[valor]})
