"""What a person says about a new API key."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from conexoes.chaves import escopos_de

VALIDADES: Final = {
    "30": _("30 dias"),
    "90": _("90 dias"),
    "365": _("1 ano"),
    "": _("Não vence"),
}


class ChaveForm(forms.Form):
    """A name, what the key is for, and until when.

    ``id`` is made with the form, so that sending it again makes no second key.
    """

    id = forms.UUIDField(initial=uuid7, widget=forms.HiddenInput)
    nome = forms.CharField(
        label=_("Nome"),
        max_length=100,
        help_text=_("O programa que vai usar a chave. Exemplo: Planilha de vendas"),
    )
    escopos = forms.MultipleChoiceField(
        label=_("O que a chave pode fazer"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Escolha ao menos uma coisa.")},
    )
    validade = forms.ChoiceField(
        label=_("Validade"), choices=VALIDADES.items(), initial="90", required=False
    )

    def __init__(self, usuario: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        escopos: Any = self.fields["escopos"]
        escopos.choices = escopos_de(usuario)

    @property
    def expira_em(self) -> datetime | None:
        dias: str = self.cleaned_data["validade"]
        return timezone.now() + timedelta(days=int(dias)) if dias else None
