"""Deals and pipelines, as a person writes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from conexoes.edicao import FormularioDeEdicao
from crm import valores
from crm.models import CampoPersonalizado, EtapaFunil, Oportunidade, Usuario
from crm.services.atendimento import atendentes
from crm.services.funis import etapas_em_uso
from crm.services.oportunidades import EDITAVEIS, MOTIVO_LETRAS, VALOR_MAXIMO

_CENTAVO: Final = Decimal("0.01")


class CampoDeDinheiro(forms.CharField):
    """An amount as Brazilians write it; ``None`` for nothing."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "placeholder": "0,00"})

    def __init__(self, **opcoes: Any) -> None:
        super().__init__(max_length=30, required=False, **opcoes)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            return valores.dinheiro(value).partition("\u00a0")[2]
        return value

    def to_python(self, value: Any) -> Any:
        texto = super().to_python(value)
        if not texto:
            return None
        lido = valores.ler_decimal(texto)
        if lido is None:
            raise forms.ValidationError(_("Escreva um valor, como 1.234,56."))
        if not 0 <= lido <= VALOR_MAXIMO:
            raise forms.ValidationError(
                _("Confira o valor: ele não pode ser negativo nem tão grande.")
            )
        return lido.quantize(_CENTAVO)

    def run_validators(self, value: Any) -> None:
        """Nothing more: what was written is read already."""


class EscolhaDeEtapa(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A stage in use, under the name of its pipeline."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.funil.nome} · {obj.nome}" if self.varios else obj.nome

    def __init__(self, organizacao: Any, **opcoes: Any) -> None:
        etapas = etapas_em_uso(organizacao)
        # With one pipeline its name says nothing.
        self.varios = len({etapa.funil_id for etapa in etapas}) > 1
        super().__init__(queryset=etapas, empty_label=None, **opcoes)


class EscolhaDePessoa(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Somebody of the team, or nobody in particular.

    Who has it now stays to be chosen, also when they left meanwhile.
    """

    def __init__(self, organizacao: Any, tambem: Usuario | None, **opcoes: Any) -> None:
        pessoas = atendentes(organizacao)
        if tambem is not None:
            pessoas = pessoas | Usuario.objects.filter(pk=tambem.pk)
        super().__init__(
            queryset=pessoas,
            required=False,
            empty_label=_("Ninguém em especial"),
            **opcoes,
        )

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.nome)


class _DadosDaOportunidade(FormularioDeEdicao):
    """What a deal is called, is worth, and whose it is."""

    titulo = forms.CharField(label=_("Título"), max_length=255)
    valor = CampoDeDinheiro(label=_("Valor em reais"))

    def __init__(
        self, organizacao: Any, *args: Any, de_agora: Usuario | None = None, **kw: Any
    ) -> None:
        super().__init__(*args, **kw)
        self.fields["responsavel"] = EscolhaDePessoa(
            organizacao, de_agora, label=_("Responsável")
        )


class OportunidadeForm(_DadosDaOportunidade):
    """A deal that is there already."""

    def __init__(self, *args: Any, oportunidade: Oportunidade, **kw: Any) -> None:
        super().__init__(
            oportunidade.organizacao_id,
            *args,
            initial={c: getattr(oportunidade, c) for c in EDITAVEIS},
            de_agora=oportunidade.responsavel,
            **kw,
        )
        self.lembrar()


class NovaOportunidadeForm(_DadosDaOportunidade):
    """A deal to make, and where it begins."""

    def __init__(self, organizacao: Any, *args: Any, **kw: Any) -> None:
        super().__init__(organizacao, *args, **kw)
        self.fields["etapa"] = EscolhaDeEtapa(organizacao, label=_("Etapa"))

    @property
    def etapa(self) -> EtapaFunil:
        etapa: EtapaFunil = self.cleaned_data["etapa"]
        return etapa


class GanhoForm(forms.Form):
    """What a deal was won for."""

    valor = CampoDeDinheiro(label=_("Valor fechado, em reais"))


class PerdaForm(forms.Form):
    """Why a deal was lost."""

    motivo = forms.CharField(
        label=_("Motivo"), max_length=MOTIVO_LETRAS, required=False
    )


class CampoForm(FormularioDeEdicao):
    """A field of the organisation's own; what kind it is, is said once."""

    nome = forms.CharField(label=_("Nome"), max_length=100)
    tipo = forms.ChoiceField(
        label=_("Tipo"),
        choices=CampoPersonalizado.Tipo.choices,
        help_text=_("Depois de criado, o tipo não muda mais."),
    )
    opcoes = forms.CharField(
        label=_("Opções"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Só para o tipo Escolha: uma por linha."),
    )

    def __init__(self, escrito: Any, *, campo: CampoPersonalizado) -> None:
        inicial = {"nome": campo.nome, "tipo": campo.tipo}
        inicial["opcoes"] = "\n".join(campo.opcoes)
        super().__init__(escrito, initial=inicial)
        self.campo = campo
        if not campo._state.adding:
            del self.fields["tipo"]
            if campo.tipo != CampoPersonalizado.Tipo.ESCOLHA:
                del self.fields["opcoes"]
            self.lembrar()

    @property
    def dados(self) -> dict[str, Any]:
        """The fields as ``campos.salvar`` takes them."""
        dados = self.completos
        return dados | {"opcoes": dados["opcoes"].splitlines()}
