"""The form of a global credential: what its provider has a word for, and no more."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from conexoes.cofre import CampoCifrado
from conexoes.fichas import CampoDaCredencial, FichaDaCredencial
from conexoes.models import CredencialGlobal

_GERAR = "gerar_"


class CredencialForm(forms.ModelForm):  # type: ignore[type-arg]
    """``ficha`` says which columns there are; ``opcoes`` whose it may be."""

    ficha: ClassVar[FichaDaCredencial]
    opcoes: ClassVar[list[tuple[str, str]]]

    class Meta:
        model = CredencialGlobal
        fields: ClassVar[list[str]] = ["provedor"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "provedor" in self.fields:
            self.fields["provedor"] = forms.ChoiceField(
                label=_("Provedor"),
                choices=self.opcoes,
                widget=UnfoldAdminSelectWidget,
            )
        for campo in self.ficha.campos:
            if campo.coluna in self.fields:
                self._preparar(campo, self.fields[campo.coluna])

    def _preparar(self, campo: CampoDaCredencial, entrada: forms.Field) -> None:
        guardado = self._ha(campo.coluna)
        entrada.label = str(campo.rotulo)
        entrada.help_text = str(campo.ajuda)
        entrada.required = campo.obrigatorio
        entrada.validators = [*entrada.validators, *campo.validadores]
        entrada.widget = UnfoldAdminTextInputWidget()
        if isinstance(CredencialGlobal._meta.get_field(campo.coluna), CampoCifrado):
            entrada.required = campo.obrigatorio and not campo.gerado and not guardado
            entrada.widget = UnfoldAdminPasswordWidget(
                attrs={"autocomplete": "new-password"}
            )
            if guardado:
                entrada.help_text = _(
                    "Há um valor guardado, que ninguém lê. Em branco, ele continua."
                )
            elif campo.gerado:
                entrada.help_text = _("Em branco, nós o criamos ao salvar.")
        entrada.widget.is_required = entrada.required

    def clean(self) -> dict[str, Any]:
        """A key is never sent to an address, or as an app, it was not given for."""
        dados = super().clean() or self.cleaned_data
        nova_chave = self.data.get(self.add_prefix("segredo"))
        if self._ha("segredo") and not nova_chave:
            if "url" in self.changed_data:
                self.add_error(
                    "segredo",
                    _("O endereço mudou: informe também a chave deste servidor."),
                )
            if "identificador" in self.changed_data:
                self.add_error(
                    "segredo",
                    _("O aplicativo mudou: informe também a chave secreta dele."),
                )
        return dados

    def gerar(self) -> dict[str, str]:
        """Make up what was left to us, by its name; to be shown once."""
        gerados = {}
        for campo in self.ficha.campos:
            escrito = self.cleaned_data.get(campo.coluna)
            pedido = self.cleaned_data.get(_GERAR + campo.coluna)
            if campo.gerado and not escrito and (pedido or not self._ha(campo.coluna)):
                valor = secrets.token_urlsafe(32)
                setattr(self.instance, campo.coluna, valor)
                gerados[str(campo.rotulo)] = valor
        return gerados

    def alterados(self) -> list[str]:
        """The columns that change, for the trail."""
        return sorted({nome.removeprefix(_GERAR) for nome in self.changed_data})

    def _ha(self, coluna: str) -> bool:
        # Without opening it: one that cannot be read must still be replaceable.
        return bool(self.instance.__dict__.get(coluna))


def formulario(
    ficha: FichaDaCredencial, opcoes: list[tuple[str, str]], existe: bool
) -> type[CredencialForm]:
    """The form of one provider; of a credential that ``existe`` or is being made."""
    partes: dict[str, Any] = {"ficha": ficha, "opcoes": opcoes}
    for campo in ficha.campos if existe else ():
        if campo.gerado:
            partes[_GERAR + campo.coluna] = forms.BooleanField(
                label=gettext_lazy("Criar outro, que aparece uma vez"),
                required=False,
                widget=UnfoldBooleanWidget,
            )
    return type("CredencialDoProvedorForm", (CredencialForm,), partes)


def colunas_de(ficha: FichaDaCredencial, *, existe: bool) -> list[str]:
    """The form's fields in their order: what we make up may be made anew."""
    colunas = []
    for campo in ficha.campos:
        colunas.append(campo.coluna)
        if campo.gerado and existe:
            colunas.append(_GERAR + campo.coluna)
    return colunas
