"""What an admin types on the page of the organisation."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from conexoes.configuracoes import TENTATIVAS, Configuracoes
from conexoes.edicao import FormularioDeEdicao

_RETRY: Final = ("capi_max_retries", "webhook_max_retries", "desativar_retry_capi")


class CampoDeTentativas(forms.IntegerField):
    """How many times something is tried, the first one included."""

    def __init__(self, **opcoes: Any) -> None:
        recusa = _("Escolha um número de 1 a 20.")
        super().__init__(
            error_messages=dict.fromkeys(
                ("required", "invalid", "min_value", "max_value"), recusa
            ),
            min_value=TENTATIVAS[0],
            max_value=TENTATIVAS[-1],
            help_text=_("De 1 a 20, contando a primeira."),
            **opcoes,
        )


class OrganizacaoForm(FormularioDeEdicao):
    """The organisation's name and what it chose for itself."""

    nome = forms.CharField(label=_("Nome"), max_length=255)
    confirmar_leitura = forms.BooleanField(
        label=_("Mostrar ao cliente que a mensagem dele foi lida"), required=False
    )
    capi_max_retries = CampoDeTentativas(label=_("Conversões da Meta (CAPI)"))
    webhook_max_retries = CampoDeTentativas(label=_("Webhooks enviados"))
    desativar_retry_capi = forms.BooleanField(
        label=_("Não repetir conversões da Meta"), required=False
    )

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.lembrar()

    @staticmethod
    def inicial(nome: str, escolhas: Configuracoes) -> dict[str, Any]:
        """What holds, as the form shows it."""
        return {
            "nome": nome,
            "confirmar_leitura": escolhas.confirmar_leitura,
            **{campo: getattr(escolhas.retry_config, campo) for campo in _RETRY},
        }

    @property
    def mudancas(self) -> dict[str, Any]:
        """The fields as ``configuracoes.alterar`` takes them."""
        limpos = self.mudados
        retry = {campo: limpos.pop(campo) for campo in _RETRY if campo in limpos}
        return {**limpos, "retry_config": retry}
