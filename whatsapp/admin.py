"""The super admin's view of the sessions: read-only, and never a code."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from conexoes.admin import SoLeitura
from conexoes.admin.filtros import PorOrganizacao
from conexoes.admin.leitura import momento, selo
from crm.telefones import legivel
from whatsapp.cartao import TONS
from whatsapp.models import PeriodoDaSessao, SessaoWhatsapp
from whatsapp.services.situacao import situacao


@admin.register(SessaoWhatsapp)
class SessaoWhatsappAdmin(SoLeitura):
    list_display = [
        *("pessoa", "organizacao", "situacao", "palavra", "ouvida_em", "conferida_em"),
        "caiu_em",
    ]
    list_filter = [PorOrganizacao, "status"]
    list_select_related = ["organizacao", "usuario"]
    search_fields = ["session_name", "usuario__nome"]
    search_help_text = gettext_lazy("Nome da sessão ou da pessoa")
    # Whoever reads a code may link the number to a phone of theirs.
    escondidas = ("qr", "codigo")
    fields = readonly_fields = [
        *("pessoa", "organizacao", "situacao", "porque", "palavra", "numero"),
        *("sessao", "ouvida_em", "conferida_em", "caiu_em", "recebidas", "enviadas"),
    ]

    @admin.display(description=gettext_lazy("pessoa"))
    def pessoa(self, sessao: SessaoWhatsapp) -> str:
        return str(sessao.usuario.nome)

    @admin.display(description=gettext_lazy("situação"))
    def situacao(self, sessao: SessaoWhatsapp) -> SafeString:
        agora = situacao(sessao)
        return selo(str(agora.label), TONS[agora])

    @admin.display(description=gettext_lazy("motivo"))
    def porque(self, sessao: SessaoWhatsapp) -> str:
        return sessao.motivo

    @admin.display(description=gettext_lazy("segundo o servidor"))
    def palavra(self, sessao: SessaoWhatsapp) -> str:
        return sessao.status_do_provedor

    @admin.display(description=gettext_lazy("número"))
    def numero(self, sessao: SessaoWhatsapp) -> str:
        return legivel(sessao.phone_number or "")

    @admin.display(description=gettext_lazy("sessão no servidor"))
    def sessao(self, sessao: SessaoWhatsapp) -> str:
        return sessao.session_name

    @admin.display(description=gettext_lazy("último evento"))
    def ouvida_em(self, sessao: SessaoWhatsapp) -> str:
        return momento(sessao.ultimo_evento_em)

    @admin.display(description=gettext_lazy("última conferência"))
    def conferida_em(self, sessao: SessaoWhatsapp) -> str:
        return momento(sessao.visto_em)

    @admin.display(description=gettext_lazy("fora do ar desde"))
    def caiu_em(self, sessao: SessaoWhatsapp) -> str:
        return momento(sessao.queda_em)

    @admin.display(description=gettext_lazy("mensagens recebidas"))
    def recebidas(self, sessao: SessaoWhatsapp) -> int:
        return sessao.total_mensagens_recebidas

    @admin.display(description=gettext_lazy("mensagens enviadas"))
    def enviadas(self, sessao: SessaoWhatsapp) -> int:
        return sessao.total_mensagens_enviadas


@admin.register(PeriodoDaSessao)
class PeriodoDaSessaoAdmin(SoLeitura):
    list_display = ["pessoa", "organizacao", "estado", "de", "ate", "motivo"]
    list_filter = [PorOrganizacao, "status"]
    list_select_related = ["sessao__usuario", "organizacao"]
    fields = readonly_fields = list_display

    @admin.display(description=gettext_lazy("pessoa"))
    def pessoa(self, periodo: PeriodoDaSessao) -> str:
        return str(periodo.sessao.usuario.nome)

    @admin.display(description=gettext_lazy("estado"))
    def estado(self, periodo: PeriodoDaSessao) -> str:
        return periodo.get_status_display()

    @admin.display(description=gettext_lazy("de"))
    def de(self, periodo: PeriodoDaSessao) -> str:
        return momento(periodo.inicio_em)

    @admin.display(description=gettext_lazy("até"))
    def ate(self, periodo: PeriodoDaSessao) -> str:
        return momento(periodo.fim_em)
