"""Contacts, as a person writes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from conexoes.edicao import FormularioDeEdicao
from conexoes.erros import ErroDeDominio
from crm import documentos, telefones, valores
from crm.forms.funil import EscolhaDePessoa
from crm.models import CampoPersonalizado, Contato
from crm.services import campos as campos_proprios


class CampoDeDia(forms.CharField):
    """A day as Brazilians write it; ``None`` for nothing."""

    widget = forms.TextInput(
        attrs={"inputmode": "numeric", "placeholder": _("dd/mm/aaaa")}
    )

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, date):
            return date_format(value, "SHORT_DATE_FORMAT")
        return value

    def to_python(self, value: Any) -> Any:
        texto = super().to_python(value)
        if not texto:
            return None
        lido = valores.ler_data(texto)
        if lido is None or not date(1900, 1, 1) <= lido <= timezone.localdate():
            raise forms.ValidationError(_("Escreva uma data, como 31/12/1990."))
        return lido

    def run_validators(self, value: Any) -> None:
        """Nothing more: what was written is read already."""


class ContatoForm(FormularioDeEdicao):
    """A contact as a person writes it; the phone comes out as E.164.

    The organisation's own fields are ``campo_<id>`` here, and together ``campos`` in
    what comes out.
    """

    nome = forms.CharField(label=_("Nome"), max_length=255)
    telefone = forms.CharField(
        label=_("Telefone"),
        max_length=30,
        required=False,
        help_text=_("Com DDD. Exemplo: (31) 98888-7777"),
    )
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    empresa = forms.CharField(label=_("Empresa"), max_length=255, required=False)
    cargo = forms.CharField(label=_("Cargo"), max_length=255, required=False)
    documento = forms.CharField(label=_("CPF ou CNPJ"), max_length=30, required=False)
    nascimento = CampoDeDia(label=_("Nascimento"), max_length=10, required=False)
    cidade = forms.CharField(label=_("Cidade"), max_length=120, required=False)
    estado = forms.CharField(label=_("Estado"), max_length=60, required=False)
    cep = forms.CharField(label=_("CEP"), max_length=12, required=False)

    def __init__(
        self,
        *args: Any,
        contato: Contato,
        proprios: Sequence[CampoPersonalizado],
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("initial", como_escrito(contato, proprios))
        super().__init__(*args, **kwargs)
        self.contato, self.proprios = contato, proprios
        self.fields["responsavel"] = EscolhaDePessoa(
            contato.organizacao_id, contato.responsavel, label=_("Responsável")
        )
        for campo in proprios:
            atual = contato.campos.get(str(campo.pk), "")
            self.fields[_nome(campo)] = _do_campo(campo, atual)
        # A lead or a message may fill in what stands empty on somebody's screen.
        self.lembrar()

    @property
    def dos_campos(self) -> list[Any]:
        """The organisation's own fields, to be shown."""
        return [self[_nome(campo)] for campo in self.proprios]

    @property
    def dados(self) -> dict[str, Any]:
        """What was changed of what was shown, as ``salvar_contato`` takes it."""
        limpos = self.mudados
        escritos = {
            str(campo.pk): limpos.pop(_nome(campo))
            for campo in self.proprios
            if _nome(campo) in limpos
        }
        # What stands in a field that is archived by now is kept.
        juntos = {**self.contato.campos, **escritos}
        return limpos | {"campos": {k: v for k, v in juntos.items() if v}}

    def clean_telefone(self) -> str:
        digitado: str = self.cleaned_data["telefone"]
        telefone = telefones.normalizar(digitado) if digitado else ""
        if digitado and not telefone:
            raise forms.ValidationError(
                _("Este não parece um telefone válido. Confira o DDD e o número.")
            )
        return telefone

    def clean_documento(self) -> str:
        digitado: str = self.cleaned_data["documento"]
        if digitado == documentos.legivel(self.contato.documento):
            return self.contato.documento
        documento = documentos.normalizar(digitado)
        if digitado and not documento:
            raise forms.ValidationError(
                _("Confira o CPF ou CNPJ: os números não batem.")
            )
        return documento

    def clean_cep(self) -> str:
        digitado: str = self.cleaned_data["cep"]
        if digitado == self.contato.cep:
            return digitado
        cep = documentos.normalizar_cep(digitado)
        if digitado and not cep:
            raise forms.ValidationError(_("O CEP tem oito números."))
        return cep

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or self.cleaned_data
        achado = self.contato.telefone or self.contato.email
        # Who writes under a hidden id has neither, and may be given a name anyway.
        exige = self.contato._state.adding or achado
        falta = not any(
            dados.get(c) if self.mudou(c) else getattr(self.contato, c)
            for c in ("telefone", "email")
        )
        if exige and falta and not self.errors:
            raise forms.ValidationError(_("Informe um telefone ou um e-mail."))
        return dados

    def mudou(self, nome: str) -> bool:
        # What a card or a link filled in is as new as what is typed.
        return self.contato._state.adding or super().mudou(nome)


class GrupoForm(forms.Form):
    """What the team calls a group: channels do not always tell its subject."""

    nome = forms.CharField(label=_("Nome do grupo"), max_length=255)


def como_escrito(
    contato: Contato, proprios: Sequence[CampoPersonalizado]
) -> dict[str, Any]:
    """What the form shows of a contact before anybody changes it."""
    return {
        "nome": contato.nome,
        "telefone": contato.numero_legivel if contato.telefone else "",
        "email": contato.email,
        "empresa": contato.empresa,
        "cargo": contato.cargo,
        "documento": documentos.legivel(contato.documento),
        "nascimento": contato.nascimento,
        "cidade": contato.cidade,
        "estado": contato.estado,
        "cep": contato.cep,
        "responsavel": contato.responsavel_id,
    } | {
        _nome(campo): _escrito(campo, contato.campos.get(str(campo.pk), ""))
        for campo in proprios
    }


def _nome(campo: CampoPersonalizado) -> str:
    return f"campo_{campo.pk}"


def _escrito(campo: CampoPersonalizado, valor: Any) -> str:
    escrito = campos_proprios.formatar(campo, valor)
    # In its own box the sign of the currency says nothing.
    return escrito.removeprefix("R$\u00a0")


class _CampoProprio(forms.CharField):
    """One of the organisation's own fields, judged by what kind it is.

    What stands in it may stay, also when it would be refused by now.
    """

    def __init__(self, campo: CampoPersonalizado, atual: Any, **opcoes: Any) -> None:
        self.campo, self.atual = campo, atual
        super().__init__(label=campo.nome, required=False, max_length=1000, **opcoes)

    def to_python(self, value: Any) -> str:
        texto = super().to_python(value) or ""
        if texto and texto in (self.atual, _escrito(self.campo, self.atual)):
            return str(self.atual)
        try:
            return campos_proprios.validar(self.campo, texto)
        except ErroDeDominio as erro:
            raise forms.ValidationError(erro.mensagem) from None


def _do_campo(campo: CampoPersonalizado, atual: Any) -> forms.Field:
    if campo.tipo == CampoPersonalizado.Tipo.ESCOLHA:
        opcoes = dict.fromkeys([*campo.opcoes, *([atual] if atual else [])])
        escolhas = [("", "—"), *((opcao, opcao) for opcao in opcoes)]
        return _CampoProprio(campo, atual, widget=forms.Select(choices=escolhas))
    dicas = {
        CampoPersonalizado.Tipo.NUMERO: {"inputmode": "decimal"},
        CampoPersonalizado.Tipo.DINHEIRO: {
            "inputmode": "decimal",
            "placeholder": "0,00",
        },
        CampoPersonalizado.Tipo.DATA: {
            "inputmode": "numeric",
            "placeholder": _("dd/mm/aaaa"),
        },
    }
    atributos: Any = dicas.get(CampoPersonalizado.Tipo(campo.tipo), {})
    return _CampoProprio(campo, atual, widget=forms.TextInput(attrs=atributos))
