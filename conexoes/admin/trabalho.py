"""Both queues: what waits, why, and what died."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from conexoes import auditoria, corpos, palavras
from conexoes.admin.filtros import (
    PorDestino,
    PorMotivo,
    PorOrganizacao,
    PorPeriodo,
    PorSituacao,
)
from conexoes.admin.leitura import SoLeitura, json_legivel, momento, selo
from conexoes.admin.verbos import ComVerbos
from conexoes.models import EventoPendente, Status, Trabalho, WebhookRecebido


class TrabalhoAdmin(ComVerbos, SoLeitura):
    """A list and a page that speak in words, not in codes."""

    change_list_template = "admin/lista_de_trabalho.html"
    change_form_template = "admin/trabalho.html"
    list_display = [
        *("quando", "de_quem", "trabalho", "situacao", "tentadas", "proxima", "erro"),
    ]
    list_filter = [PorSituacao, PorMotivo, PorDestino, PorOrganizacao, PorPeriodo]
    list_select_related = ["organizacao"]
    search_fields = ["chave"]
    search_help_text = gettext_lazy("Número do item, ou parte da chave")
    _CAMPOS: Final = (
        *("situacao", "erro_inteiro", "trabalho", "de_quem", "quando", "tentadas"),
        *("proxima", "concluida", "chave_inteira", "numero"),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By the row's own id, or by a part of its idempotency key."""
        termo = search_term.strip()
        if not termo:
            return queryset, False
        try:
            condicao = Q(pk=UUID(termo)) | Q(chave__contains=termo)
        except ValueError:
            condicao = Q(chave__icontains=termo)
        return queryset.filter(condicao), False

    @admin.display(description=gettext_lazy("criado em"))
    def quando(self, linha: Trabalho) -> str:
        return momento(linha.criado_em)

    @admin.display(description=gettext_lazy("organização"))
    def de_quem(self, linha: Any) -> str:
        return str(linha.organizacao or _("Sem organização"))

    @admin.display(description=gettext_lazy("trabalho"))
    def trabalho(self, linha: Trabalho) -> str:
        return palavras.destino(linha.destino)

    @admin.display(description=gettext_lazy("situação"))
    def situacao(self, linha: Trabalho) -> SafeString:
        estado = selo(*palavras.estado(linha))
        porque = palavras.porque(linha)
        if not porque:
            # An empty line beside it would push the badge from its edge on a phone.
            return estado
        return format_html('{} <small class="adm-porque">{}</small>', estado, porque)

    @admin.display(description=gettext_lazy("tentativas"))
    def tentadas(self, linha: Trabalho) -> str:
        return palavras.tentativas(linha)

    @admin.display(description=gettext_lazy("próxima tentativa"))
    def proxima(self, linha: Trabalho) -> str:
        # While a row is at work, the column is the end of the worker's lease.
        espera = linha.status == Status.PENDENTE
        return momento(linha.proxima_tentativa if espera else None)

    @admin.display(description=gettext_lazy("último erro"))
    def erro(self, linha: Trabalho) -> SafeString:
        return format_html(
            '<span class="adm-curto" title="{0}">{0}</span>', linha.ultimo_erro
        )

    @admin.display(description=gettext_lazy("último erro"))
    def erro_inteiro(self, linha: Trabalho) -> str:
        return linha.ultimo_erro

    @admin.display(description=gettext_lazy("concluído em"))
    def concluida(self, linha: Trabalho) -> str:
        return momento(linha.concluida_em)

    @admin.display(description=gettext_lazy("chave"))
    def chave_inteira(self, linha: Trabalho) -> str:
        return linha.chave

    @admin.display(description=gettext_lazy("número"))
    def numero(self, linha: Trabalho) -> str:
        return str(linha.pk)


@admin.register(EventoPendente)
class EventoPendenteAdmin(TrabalhoAdmin):
    # Message texts stay with their organisation.
    escondidas = ("payload",)
    fields = readonly_fields = [*TrabalhoAdmin._CAMPOS, "ordem_", "validade"]

    @admin.display(description=gettext_lazy("em ordem com"))
    def ordem_(self, evento: EventoPendente) -> str:
        return evento.ordem

    @admin.display(description=gettext_lazy("vale até"))
    def validade(self, evento: EventoPendente) -> str:
        return momento(evento.expira_em)


@admin.register(WebhookRecebido)
class WebhookRecebidoAdmin(TrabalhoAdmin):
    # Large, and read on demand alone.
    escondidas = ("corpo",)
    fields = readonly_fields = [*TrabalhoAdmin._CAMPOS, "porta", "cabecalhos_"]

    @admin.display(description=gettext_lazy("chegou por"))
    def porta(self, webhook: WebhookRecebido) -> str:
        return webhook.endpoint

    @admin.display(description=gettext_lazy("cabeçalhos"))
    def cabecalhos_(self, webhook: WebhookRecebido) -> SafeString:
        return json_legivel(webhook.cabecalhos)

    def get_urls(self) -> list[URLPattern]:
        corpo = path(
            "<uuid:pk>/corpo/",
            self.admin_site.admin_view(require_POST(self.corpo)),
            name="conexoes_webhookrecebido_corpo",
        )
        return [corpo, *super().get_urls()]

    def corpo(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What the provider sent, on demand: each look leaves its line."""
        webhook = self.get_queryset(request).filter(pk=pk).first()
        if webhook is None:
            raise Http404
        auditoria.registrar(
            "webhook.corpo_visto",
            organizacao=webhook.organizacao_id,
            autor=request.user,
            objeto=f"{webhook.destino}:{webhook.pk}",
            ip=auditoria.endereco_ip(request),
        )
        contexto = {
            **self.admin_site.each_context(request),
            "title": _("Corpo do webhook"),
            "opts": self.opts,
            "webhook": webhook,
            "corpo": corpos.conteudo(webhook),
        }
        return TemplateResponse(request, "admin/corpo_do_webhook.html", contexto)
