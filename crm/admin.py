"""Organisations and people: how the first ones of an installation are made."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from conexoes import auditoria
from crm.models import Organizacao, Usuario

# Nobody here has groups, and log-in keeps its own list of addresses.
admin.site.unregister([Group, EmailAddress])


class SemExclusao(admin.ModelAdmin):  # type: ignore[type-arg]
    """What others point at is deactivated, never deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        auditoria.registrar(
            f"{obj._meta.model_name}.{'alterado' if change else 'criado'}",
            organizacao=getattr(obj, "organizacao_id", obj.pk),
            autor=request.user,
            objeto=obj.pk,
            ip=auditoria.endereco_ip(request),
            campos=form.changed_data,
        )


@admin.register(Organizacao)
class OrganizacaoAdmin(SemExclusao):
    list_display = ["nome", "criado_em"]
    search_fields = ["nome"]


class UsuarioForm(forms.ModelForm):  # type: ignore[type-arg]
    """A person; the password is set here and never shown."""

    senha = forms.CharField(
        label=_("Senha"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Deixe em branco para manter a senha atual."),
    )

    class Meta:
        model = Usuario
        fields: ClassVar[list[str]] = [
            "email",
            "nome",
            "organizacao",
            "papel",
            "is_active",
            "is_superuser",
        ]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        return email

    def clean_senha(self) -> str:
        senha: str = self.cleaned_data["senha"]
        if senha:
            validate_password(senha, self.instance)
        elif self.instance._state.adding:
            raise forms.ValidationError(_("Defina a primeira senha desta pessoa."))
        return senha

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or self.cleaned_data
        if bool(dados.get("organizacao")) == bool(dados.get("is_superuser")):
            raise forms.ValidationError(
                _("Super admins não têm organização; as demais pessoas têm uma.")
            )
        return dados


@admin.register(Usuario)
class UsuarioAdmin(SemExclusao):
    form = UsuarioForm
    list_display = ["nome", "email", "organizacao", "papel", "is_active"]
    list_filter = ["papel", "is_active", "is_superuser"]
    list_select_related = ["organizacao"]
    search_fields = ["nome", "email"]

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        if form.cleaned_data["senha"]:
            obj.set_password(form.cleaned_data["senha"])
        super().save_model(request, obj, form, change)
