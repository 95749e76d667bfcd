"""What each organisation was given, beside the default of every feature."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminSelectWidget

from conexoes import auditoria, recursos
from conexoes.admin.filtros import PorOrganizacao
from conexoes.admin.leitura import momento
from conexoes.models import RecursoDaOrganizacao


class RecursoForm(forms.ModelForm):  # type: ignore[type-arg]
    """The feature is picked from those that an integration declares."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "recurso" not in self.fields:
            return
        opcoes = {slug: recurso.nome for slug, recurso in recursos.todos().items()}
        # One that was decided stays, even if nothing installed declares it any more.
        if self.instance.recurso:
            opcoes.setdefault(self.instance.recurso, self.instance.recurso)
        self.fields["recurso"] = forms.ChoiceField(
            label=gettext_lazy("Recurso"),
            choices=list(opcoes.items()),
            widget=UnfoldAdminSelectWidget,
        )


class RecursosInline(TabularInline):  # type: ignore[misc]
    """The features of one organisation, on its own page."""

    model = RecursoDaOrganizacao
    form = RecursoForm
    fields = ["recurso", "ativo"]
    extra = 0
    hide_title = True
    # Switched, so that each change is audited.
    can_delete = False


@admin.register(RecursoDaOrganizacao)
class RecursoDaOrganizacaoAdmin(ModelAdmin):  # type: ignore[misc]
    form = RecursoForm
    list_display = ["nome", "organizacao", "ativo", "quando"]
    list_filter = ["recurso", "ativo", PorOrganizacao]
    list_filter_submit = True
    show_facets = admin.ShowFacets.NEVER
    list_select_related = ["organizacao"]
    fields = ["organizacao", "recurso", "ativo"]
    autocomplete_fields = ["organizacao"]

    @admin.display(description=gettext_lazy("recurso"), ordering="recurso")
    def nome(self, linha: RecursoDaOrganizacao) -> str:
        declarado = recursos.todos().get(linha.recurso)
        return str(declarado.nome) if declarado else linha.recurso

    @admin.display(description=gettext_lazy("atualizado em"))
    def quando(self, linha: RecursoDaOrganizacao) -> str:
        return momento(linha.atualizado_em)

    def get_readonly_fields(
        self, request: HttpRequest, obj: RecursoDaOrganizacao | None = None
    ) -> list[str]:
        return ["organizacao", "recurso"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Switched, so that each change is audited.
        return False

    def save_model(
        self, request: HttpRequest, obj: RecursoDaOrganizacao, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        if form.changed_data:
            contar(request, obj)


def contar(request: HttpRequest, linha: RecursoDaOrganizacao) -> None:
    """Audit what the super admin decided, and tell the organisation's open pages."""
    recursos.contar(linha, autor=request.user, ip=auditoria.endereco_ip(request))
