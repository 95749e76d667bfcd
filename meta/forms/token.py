"""What a person pastes who has a token already: document 000's way in."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from meta.payloads import id_de


class TokenForm(forms.Form):
    """A user's token, and the page that it is wanted for."""

    token = forms.CharField(
        label=_("Token de acesso do usuário"),
        max_length=2000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_(
            "Ele é conferido com o Facebook e trocado por um de longa duração."
        ),
    )
    page_id = forms.CharField(
        label=_("ID da página"),
        max_length=50,
        help_text=_("Só números. Está em Sobre › Transparência da Página."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_token(self) -> str:
        token: str = self.cleaned_data["token"]
        # It goes into a header, where a line's end or a letter of ours is none.
        if not token.isascii() or not token.isprintable() or " " in token:
            raise forms.ValidationError(_("Este token não parece completo."))
        return token

    def clean_page_id(self) -> str:
        page_id: str = self.cleaned_data["page_id"]
        if not page_id.isdecimal() or not id_de(page_id):
            raise forms.ValidationError(_("O ID da página só tem números."))
        return page_id
