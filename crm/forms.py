"""What people type: answers, contacts."""

from __future__ import annotations

import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from crm import telefones
from crm.services.envios import TEXTO_MAXIMO


class RespostaForm(forms.Form):
    """One text message; spaces alone are nothing to send.

    ``chave`` is made with the form, so that sending it again, after an answer that was
    lost on the way, sends no second message.
    """

    chave = forms.UUIDField(required=False, initial=uuid7, widget=forms.HiddenInput)

    texto = forms.CharField(
        label=_("Mensagem"),
        max_length=TEXTO_MAXIMO,
        strip=True,
        widget=forms.Textarea,
        error_messages={
            "required": _("Escreva a mensagem antes de enviar."),
            "max_length": _(
                "A mensagem passa de %(limit_value)d caracteres: tem %(show_value)d."
            ),
        },
    )

    def clean_texto(self) -> str:
        # As the provider's echo will be: composed letters, plain line ends.
        digitado: str = self.cleaned_data["texto"]
        return unicodedata.normalize("NFC", digitado.replace("\r\n", "\n"))


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
