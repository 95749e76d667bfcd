"""What people type: answers, contacts."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from conexoes.erros import ErroDeDominio
from crm import telefones
from crm.models import Usuario
from crm.services import midias
from crm.services.envios import TEXTO_MAXIMO
from crm.services.equipe import PERMISSOES
from crm.services.midias import Anexo
from crm.services.respostas_rapidas import LACUNA


class _SeletorDeArquivos(forms.FileInput):
    allow_multiple_selected = True


class CampoDeAnexos(forms.FileField):
    """Any number of files, each judged by its content; ``[]`` for none."""

    widget = _SeletorDeArquivos

    def clean(self, data: Any, initial: Any = None) -> list[Anexo]:
        try:
            return midias.conferir([um for um in data or [] if um])
        except ErroDeDominio as erro:
            raise forms.ValidationError(erro.mensagem) from erro


class CampoDeMensagem(forms.CharField):
    """Text as the provider's echo will be: composed letters, plain line ends.

    A browser sends each line end as two characters, of which one would count too many.
    """

    def to_python(self, value: Any) -> str:
        digitado = super().to_python(value) or ""
        return unicodedata.normalize("NFC", digitado.replace("\r\n", "\n"))


class RespostaForm(forms.Form):
    """A text, files, or both; spaces alone are nothing to send.

    ``chave`` is made with the form, so that sending it again, after an answer that was
    lost on the way, sends no second message. ``cita`` is the message it answers.
    """

    chave = forms.UUIDField(required=False, initial=uuid7, widget=forms.HiddenInput)
    cita = forms.UUIDField(required=False, widget=forms.HiddenInput)
    arquivos = CampoDeAnexos(label=_("Arquivos"), required=False)
    texto = CampoDeMensagem(
        label=_("Mensagem"),
        max_length=TEXTO_MAXIMO,
        required=False,
        strip=True,
        widget=forms.Textarea,
        error_messages={
            "max_length": _(
                "A mensagem passa de %(limit_value)d caracteres: tem %(show_value)d."
            ),
        },
    )

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or self.cleaned_data
        if not self.errors and not dados["texto"] and not dados["arquivos"]:
            self.add_error("texto", _("Escreva a mensagem antes de enviar."))
        if lacuna := LACUNA.search(dados.get("texto") or ""):
            self.add_error(
                "texto",
                _("Complete %(lacuna)s antes de enviar.") % {"lacuna": lacuna[0]},
            )
        return dados

    @property
    def recusa(self) -> list[str]:
        """Everything that is wrong, to show in one place."""
        return [str(erro) for erros in self.errors.values() for erro in erros]


class NotaForm(forms.Form):
    """A note for the team; spaces alone are none."""

    texto = CampoDeMensagem(
        label=_("Nota interna"),
        max_length=TEXTO_MAXIMO,
        strip=True,
        widget=forms.Textarea,
        error_messages={
            "required": _("Escreva a nota antes de guardar."),
            "max_length": _(
                "A nota passa de %(limit_value)d caracteres: tem %(show_value)d."
            ),
        },
    )


class RespostaRapidaForm(forms.Form):
    """A ready text and the shortcut that finds it."""

    atalho = forms.CharField(
        label=_("Atalho"),
        max_length=30,
        help_text=_("Uma palavra, sem espaços. No compositor: / e o atalho."),
    )
    texto = CampoDeMensagem(
        label=_("Texto"),
        max_length=TEXTO_MAXIMO,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=_(
            "{{nome}}, {{primeiro_nome}}, {{atendente}} e {{empresa}} são preenchidos"
            " na hora; o que ficar entre chaves impede o envio até ser completado."
        ),
    )

    def clean_atalho(self) -> str:
        atalho: str = self.cleaned_data["atalho"].strip().removeprefix("/").lower()
        if not re.fullmatch(r"[\w-]+", atalho):
            raise forms.ValidationError(
                _("Use só letras, números, hífen ou sublinhado.")
            )
        return atalho


class _AcessoForm(forms.Form):
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
        limpos = self.cleaned_data
        # An admin has everything: what was allowed to a member says nothing then.
        membro = limpos["papel"] == Usuario.Papel.MEMBER
        return {
            "papel": limpos["papel"],
            "permissoes": {p: membro and limpos[p] for p in PERMISSOES},
        }


class PessoaForm(_AcessoForm):
    """A person of the team, as an admin changes them."""

    nome = CampoDeMensagem(label=_("Nome"), max_length=255, strip=True)

    @property
    def dados(self) -> dict[str, Any]:
        return super().dados | {"nome": self.cleaned_data["nome"]}


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


class PerfilForm(forms.Form):
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
