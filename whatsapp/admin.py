"""The super admin's view of the sessions: read-only, and never a code."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext as _

from conexoes.admin import SoLeitura
from whatsapp.models import PeriodoDaSessao, SessaoWhatsapp
from whatsapp.services.situacao import situacao


@admin.register(SessaoWhatsapp)
class SessaoWhatsappAdmin(SoLeitura):
    list_display = [
        "session_name",
        "organizacao",
        "usuario",
        "situacao",
        "status_do_provedor",
        "ultimo_evento_em",
        "visto_em",
        "queda_em",
    ]
    list_filter = ["status", "ligada"]
    list_select_related = ["organizacao", "usuario"]
    search_fields = ["session_name"]
    # Whoever reads a code may link the number to a phone of theirs.
    exclude = ["qr", "codigo"]
    show_full_result_count = False

    @admin.display(description=_("situação"))
    def situacao(self, sessao: SessaoWhatsapp) -> str:
        return str(situacao(sessao).label)


@admin.register(PeriodoDaSessao)
class PeriodoDaSessaoAdmin(SoLeitura):
    list_display = ["sessao", "organizacao", "status", "inicio_em", "fim_em", "motivo"]
    list_filter = ["status"]
    list_select_related = ["sessao", "organizacao"]
    show_full_result_count = False
