"""What people answer on the WhatsApp pages: the risk, and the number to link."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from crm import telefones


class RiscoForm(forms.Form):
    """The consent to an unofficial connection; a box nobody ticks by accident."""

    aceito_risco = forms.BooleanField(
        label=_("Entendi e quero continuar"),
        error_messages={
            "required": _("Marque que entendeu os riscos para continuar."),
        },
    )


class NumeroForm(forms.Form):
    """The number of the phone that is to be linked; comes out as E.164."""

    telefone = forms.CharField(
        label=_("Número deste WhatsApp"),
        max_length=30,
        help_text=_("Com DDD. Exemplo: (31) 98888-7777"),
        widget=forms.TextInput(
            attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}
        ),
        error_messages={"required": _("Escreva o número com DDD.")},
    )

    def clean_telefone(self) -> str:
        telefone = telefones.normalizar(self.cleaned_data["telefone"])
        if not telefone:
            raise forms.ValidationError(
                _("Este número não parece completo. Confira o DDD e os dígitos.")
            )
        return telefone
