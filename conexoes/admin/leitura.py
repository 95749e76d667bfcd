"""Lists that stay quick however long they are, and rows that people only read."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

from django.contrib.admin import ShowFacets
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

PARAMETRO: Final = "depois"


class ListaPorChave(ChangeList):  # type: ignore[misc]
    """Newest first by primary key, without counting: each page costs the same."""

    def get_filters_params(self, params: Any = None) -> Any:
        filtros = super().get_filters_params(params)
        filtros.pop(PARAMETRO, None)
        return filtros

    def get_results(self, request: HttpRequest) -> None:
        linhas = self.queryset.order_by("-pk")
        depois = self._chave(request.GET.get(PARAMETRO, ""))
        if depois is not None:
            linhas = linhas.filter(pk__lt=depois)
        achadas = list(linhas[: self.list_per_page + 1])
        self.result_list = achadas[: self.list_per_page]
        self.result_count = len(self.result_list)
        # Nobody counts them all: the page then speaks of no total.
        self.full_result_count = self.result_count
        self.show_admin_actions = True
        self.can_show_all = self.multi_page = False
        self.paginator = Paginator(self.result_list, self.list_per_page)
        self.filter_params.pop(PARAMETRO, None)
        self.primeira = self.get_query_string() if depois is not None else ""
        self.proxima = ""
        if len(achadas) > self.list_per_page:
            ultima = self.result_list[-1]
            self.proxima = self.get_query_string({PARAMETRO: ultima.pk})

    def _chave(self, escrita: str) -> Any:
        """The key in the address; one that nobody of ours made is ignored."""
        if not escrita:
            return None
        try:
            return self.lookup_opts.pk.to_python(escrita)
        except ValidationError:
            return None


class Discreta(ModelAdmin):  # type: ignore[misc]
    """Has columns that nobody sees, nor learns bit by bit by filtering."""

    escondidas: tuple[str, ...] = ()

    def lookup_allowed(
        self, lookup: str, value: str, request: HttpRequest | None = None
    ) -> bool:
        coluna = lookup.partition("__")[0]
        permitida: bool = super().lookup_allowed(lookup, value, request)
        return permitida and coluna not in self.escondidas


class SoLeitura(Discreta):
    """Rows that only the engine writes."""

    change_list_template = "admin/lista_por_chave.html"
    list_per_page = 50
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_filter_submit = True
    list_fullwidth = True
    sortable_by = ()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ListaPorChave

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        linhas: QuerySet[Any] = super().get_queryset(request)
        return linhas.defer(*self.escondidas) if self.escondidas else linhas

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ComBusca(ModelAdmin):  # type: ignore[misc]
    """Rows that the search of the whole site finds by their ``search_fields``."""

    procurado_no_painel = True

    def endereco(self, linha: Any) -> str:
        opcoes = self.opts
        rota = f"admin:{opcoes.app_label}_{opcoes.model_name}_change"
        return reverse(rota, args=[linha.pk])


def momento(quando: datetime | None) -> str:
    """A time as short as a column needs it; "" for none."""
    if quando is None:
        return ""
    return date_format(localtime(quando), "SHORT_DATETIME_FORMAT")


def selo(texto: str, tom: str) -> SafeString:
    """A badge; ``tom`` is ok, info, neutro, alerta or erro."""
    return format_html('<span class="adm-selo" data-tom="{}">{}</span>', tom, texto)


def bloco(texto: str) -> SafeString:
    """Text as it is, line by line."""
    return format_html('<pre class="adm-bloco">{}</pre>', texto)


def json_legivel(valor: Any) -> SafeString:
    """A JSON value over several lines, with its accents."""
    return bloco(json.dumps(valor, ensure_ascii=False, indent=2, sort_keys=True))
