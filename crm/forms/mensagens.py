"""What people type in a conversation: answers, notes, ready texts."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from conexoes.edicao import FormularioDeEdicao
from conexoes.erros import ErroDeDominio
from crm.services import midias
from crm.services.envios import TEXTO_MAXIMO
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


class RespostaRapidaForm(FormularioDeEdicao):
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

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.lembrar()

    def clean_atalho(self) -> str:
        atalho: str = self.cleaned_data["atalho"].strip().removeprefix("/").lower()
        if not re.fullmatch(r"[\w-]+", atalho):
            raise forms.ValidationError(
                _("Use só letras, números, hífen ou sublinhado.")
            )
        return atalho
