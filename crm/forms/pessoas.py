"""People of the team, as they and their admins write them."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from conexoes.edicao import FormularioDeEdicao
from crm.forms.mensagens import CampoDeMensagem
from crm.models import Usuario
from crm.services.equipe import PERMISSOES


class _AcessoForm(FormularioDeEdicao):
    """What a person of the team may do."""

    papel = forms.ChoiceField(
        label=_("Papel"), choices=Usuario.Papel.choices, initial=Usuario.Papel.MEMBER
    )
    meta_lead_ads = forms.BooleanField(
        label=_("Pode cuidar dos formulários de leads da Meta"), required=False
    )
    instagram_direct = forms.BooleanField(
        label=_("Pode conectar o Instagram Direct"), required=False
    )

    @property
    def dados(self) -> dict[str, Any]:
        """The fields as the verbs of the team take them."""
        limpos = self.completos
        # An admin has everything: what was allowed to a member says nothing then.
        membro = limpos["papel"] == Usuario.Papel.MEMBER
        return {
            "papel": limpos["papel"],
            "permissoes": {p: membro and limpos[p] for p in PERMISSOES},
        }


class PessoaForm(_AcessoForm):
    """A person of the team, as an admin changes them."""

    nome = CampoDeMensagem(label=_("Nome"), max_length=255, strip=True)

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.lembrar()

    @property
    def dados(self) -> dict[str, Any]:
        return super().dados | {"nome": self.completos["nome"]}


class ConvitesForm(_AcessoForm):
    """One or several addresses to invite with the same access."""

    emails = forms.CharField(
        label=_("E-mails"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Um por linha, ou separados por vírgula."),
    )

    def clean_emails(self) -> list[str]:
        partes = re.split(r"[\s,;]+", self.cleaned_data["emails"].strip().lower())
        unicos = list(dict.fromkeys(parte for parte in partes if parte))
        for email in unicos:
            try:
                validate_email(email)
            except forms.ValidationError:
                raise forms.ValidationError(
                    _("“%(email)s” não é um e-mail.") % {"email": email[:100]}
                ) from None
        return unicos


class PerfilForm(FormularioDeEdicao):
    """What people say of themselves; the language only where there is a choice."""

    nome = CampoDeMensagem(label=_("Nome"), max_length=255, strip=True)
    tema = forms.ChoiceField(
        label=_("Aparência"), choices=Usuario.Tema.choices, widget=forms.RadioSelect
    )
    idioma = forms.ChoiceField(label=_("Idioma"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        campo: Any = self.fields["idioma"]
        campo.choices = settings.LANGUAGES
        if len(settings.LANGUAGES) < 2:
            del self.fields["idioma"]
        self.lembrar()

    def clean_idioma(self) -> str:
        # The product's own is kept as no choice: so it is for whoever never came.
        escolhido: str = self.cleaned_data["idioma"]
        return "" if escolhido == settings.LANGUAGE_CODE else escolhido


class AceiteForm(forms.Form):
    """Who accepts an invitation says their name and makes a password."""

    nome = CampoDeMensagem(label=_("Seu nome"), max_length=255, strip=True)
    senha = forms.CharField(
        label=_("Senha"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, email: str, *args: Any, **kwargs: Any) -> None:
        self.email = email
        super().__init__(*args, **kwargs)

    def clean_senha(self) -> str:
        senha: str = self.cleaned_data["senha"]
        validate_password(
            senha, Usuario(email=self.email, nome=self.cleaned_data.get("nome", ""))
        )
        return senha
