"""The site itself: who enters, under which policy, and its own pages."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from csp.decorators import csp_replace
from django.contrib.auth.views import LogoutView
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.dataclasses import SearchResult
from unfold.sites import UnfoldAdminSite

from conexoes.painel import mortos, saude
from conexoes.painel.aparencia import POLITICA
from conexoes.painel.verbos import VERBOS

_ACHADOS_POR_LISTA: Final = 8


class Painel(UnfoldAdminSite):  # type: ignore[misc]
    """Super admins only; its pages, and no others, get the looser policy."""

    index_title = gettext_lazy("Saúde do sistema")
    index_template = "admin/painel.html"

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def admin_view(
        self, view: Callable[..., Any], cacheable: bool = False
    ) -> Callable[..., Any]:
        protegida = super().admin_view(view, cacheable)
        return csp_replace(POLITICA)(protegida)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        itens_mortos = path(
            "itens-mortos/", self.admin_view(self.itens_mortos), name="mortos"
        )
        return [itens_mortos, *super().get_urls()]

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        contexto = {**saude.contexto(), **(extra_context or {})}
        pagina: TemplateResponse = super().index(request, contexto)
        return pagina

    def itens_mortos(self, request: HttpRequest) -> HttpResponse:
        contexto = {
            **self.each_context(request),
            "title": _("Itens mortos"),
            "grupos": mortos.grupos(),
            "verbos": VERBOS,
        }
        return TemplateResponse(request, "admin/itens_mortos.html", contexto)

    def search(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lists by name, and rows of those that say where to search in them."""
        termo = request.GET.get("s", "").replace("\x00", "").strip()[:100]
        if not termo:
            return HttpResponse()
        inicio = time.perf_counter()
        lista = self.get_app_list(request)
        achados = self._search_apps(lista, termo.lower())
        for classe, modelo in self._registry.items():
            if getattr(modelo, "procurado_no_painel", False):
                linhas, _duplas = modelo.get_search_results(
                    request, modelo.get_queryset(request), termo
                )
                achados += [
                    SearchResult(
                        title=str(linha),
                        description=str(classe._meta.verbose_name),
                        link=modelo.endereco(linha),
                        icon="arrow_forward",
                    )
                    for linha in linhas[:_ACHADOS_POR_LISTA]
                ]
        paginas = Paginator(achados, max(len(achados), 1))
        contexto = {
            "page_obj": paginas,
            "results": paginas.page(1),
            "page_counter": 0,
            "execution_time": time.perf_counter() - inicio,
            "command_show_history": False,
        }
        pagina = "command" if "extended" in request.GET else "search"
        return TemplateResponse(
            request,
            f"unfold/helpers/{pagina}_results.html",
            contexto,
            headers={"HX-Trigger": "search"},
        )

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        return LogoutView.as_view(next_page="account_login")(request)
