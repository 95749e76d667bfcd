"""Contacts, as a person writes them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm import telefones


class ContatoForm(forms.Form):
    """A contact as a person writes it; the phone comes out as E.164."""

    nome = forms.CharField(label=_("Nome"), max_length=255)
    telefone = forms.CharField(
        label=_("Telefone"),
        max_length=30,
        required=False,
        help_text=_("Com DDD. Exemplo: (31) 98888-7777"),
    )
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)

    def clean_telefone(self) -> str:
        digitado: str = self.cleaned_data["telefone"]
        telefone = telefones.normalizar(digitado) if digitado else ""
        if digitado and not telefone:
            raise forms.ValidationError(
                _("Este não parece um telefone válido. Confira o DDD e o número.")
            )
        return telefone

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or self.cleaned_data
        if not dados.get("telefone") and not dados.get("email") and not self.errors:
            raise forms.ValidationError(_("Informe um telefone ou um e-mail."))
        return dados


class GrupoForm(forms.Form):
    """What the team calls a group: channels do not always tell its subject."""

    nome = forms.CharField(label=_("Nome do grupo"), max_length=255)
