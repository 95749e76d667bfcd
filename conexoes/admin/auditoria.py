"""The audit trail: read, filtered and searched, never changed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import FieldTextFilter

from conexoes.admin.filtros import PorOrganizacao, PorPeriodo
from conexoes.admin.leitura import SoLeitura, json_legivel, momento
from conexoes.models import RegistroAuditoria


class PorPeriodoDoRegistro(PorPeriodo):
    campo = "em"


@admin.register(RegistroAuditoria)
class RegistroAuditoriaAdmin(SoLeitura):
    list_display = ["quando", "acao", "autor_nome", "de_quem", "objeto", "ip"]
    list_filter = [
        ("acao", FieldTextFilter),
        ("autor_nome", FieldTextFilter),
        PorOrganizacao,
        PorPeriodoDoRegistro,
    ]
    list_select_related = ["organizacao"]
    search_fields = ["acao", "autor_nome", "objeto"]
    search_help_text = gettext_lazy("Ação, autor ou objeto")
    fields = readonly_fields = [
        *("quando", "acao", "autor_nome", "autor_id", "de_quem", "objeto", "ip"),
        "detalhes_legiveis",
    ]

    @admin.display(description=gettext_lazy("quando"))
    def quando(self, registro: RegistroAuditoria) -> str:
        return momento(registro.em)

    @admin.display(description=gettext_lazy("organização"))
    def de_quem(self, registro: RegistroAuditoria) -> Any:
        return registro.organizacao

    @admin.display(description=gettext_lazy("detalhes"))
    def detalhes_legiveis(self, registro: RegistroAuditoria) -> SafeString:
        return json_legivel(registro.detalhes)

    def lookup_allowed(
        self, lookup: str, value: str, request: HttpRequest | None = None
    ) -> bool:
        return True
