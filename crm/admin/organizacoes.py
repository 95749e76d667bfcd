"""Organisations: their name, their features, and the way into one."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from conexoes import auditoria
from conexoes.admin import ComBusca
from conexoes.admin.leitura import momento
from conexoes.admin.recursos import RecursosInline, contar
from crm.models import Organizacao, Usuario


@admin.register(Organizacao)
class OrganizacaoAdmin(ComBusca):
    change_form_template = "admin/organizacao.html"
    list_display = ["nome", "pessoas", "criada_em", "agir"]
    search_fields = ["nome"]
    search_help_text = gettext_lazy("Nome")
    fields = ["nome"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organizacao]:
        dela = Usuario.objects.filter(organizacao=OuterRef("pk"), is_active=True)
        quantas = dela.order_by().values("organizacao").annotate(n=Count("pk"))
        linhas: QuerySet[Organizacao] = super().get_queryset(request)
        return linhas.annotate(quantas=Coalesce(Subquery(quantas.values("n")), 0))

    @admin.display(description=gettext_lazy("pessoas ativas"), ordering="quantas")
    def pessoas(self, organizacao: Any) -> SafeString:
        lista = reverse("admin:crm_usuario_changelist")
        texto = ngettext("%(n)d pessoa", "%(n)d pessoas", organizacao.quantas)
        return format_html(
            '<a class="adm-link" href="{}?organizacao={}">{}</a>',
            lista,
            organizacao.pk,
            texto % {"n": organizacao.quantas},
        )

    @admin.display(description=gettext_lazy("criada em"), ordering="criado_em")
    def criada_em(self, organizacao: Organizacao) -> str:
        return momento(organizacao.criado_em)

    @admin.display(description="")
    def agir(self, organizacao: Organizacao) -> SafeString:
        # The list is a form that posts; this button sends it elsewhere.
        return format_html(
            '<button class="adm-botao" formaction="{}" name="organizacao" value="{}">'
            "{}</button>",
            reverse("crm:trocar_organizacao"),
            organizacao.pk,
            _("Agir nela"),
        )

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        return [RecursosInline] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Everything points at it.
        return False

    def save_model(
        self, request: HttpRequest, obj: Organizacao, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        if change and not form.changed_data:
            return
        auditoria.registrar(
            f"organizacao.{'alterada' if change else 'criada'}",
            organizacao=obj.pk,
            autor=request.user,
            objeto=obj.pk,
            ip=auditoria.endereco_ip(request),
            campos=form.changed_data,
        )

    def save_formset(
        self, request: HttpRequest, form: Any, formset: Any, change: bool
    ) -> None:
        super().save_formset(request, form, formset, change)
        mudados = [recurso for recurso, _campos in formset.changed_objects]
        for recurso in [*formset.new_objects, *mudados]:
            contar(request, recurso)
