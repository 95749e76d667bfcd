"""Where a form's leads go, as a person decides it on one page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from crm.models import EtapaFunil, Funil, Usuario
from crm.services import funis, tags
from meta.services.formularios import Pedido, conferir_destino
from meta.services.mapeamento import Alvo, Confianca, Questao, Sugestao

# What is chosen without anybody asking: a wrong guess costs more than a click.
_JA_ESCOLHIDAS: Final = (Confianca.ALTA,)


@dataclass(frozen=True)
class Linha:
    """One question with its choice of a field, and what is suggested for it."""

    questao: Questao
    campo: BoundField
    sugestao: Sugestao | None
    sugerido: str
    nova: bool


class MapeamentoForm(forms.Form):
    """Destination, tags, switches, and one choice a question.

    ``inicial`` are the values of a mapping that exists; without it, what is surely
    suggested is chosen already. ``novas`` are keys of questions to point out.
    """

    funil = forms.ModelChoiceField(Funil.objects.none(), label=_("Funil"))
    etapa_destino = forms.ModelChoiceField(
        EtapaFunil.objects.none(), label=_("Etapa"), empty_label=None
    )
    owner = forms.ModelChoiceField(
        Usuario.objects.none(),
        label=_("Responsável"),
        required=False,
        empty_label=_("Distribuição automática"),
        help_text=_(
            "Na distribuição automática, quem já atende a pessoa fica com ela; os"
            " outros leads são repartidos por igual."
        ),
    )
    tags = forms.CharField(
        label=_("Tags automáticas"),
        required=False,
        max_length=1500,
        help_text=_("Separe com vírgulas."),
    )
    criar_oportunidade = forms.BooleanField(
        label=_("Criar oportunidade"), required=False
    )
    notificar_owner = forms.BooleanField(
        label=_("Avisar o responsável"), required=False
    )

    def __init__(
        self,
        dados: Any = None,
        *,
        organizacao: Any,
        questoes: Sequence[Questao],
        alvos: Mapping[str, Alvo],
        sugestoes: Sequence[Sugestao],
        inicial: Mapping[str, Any] | None = None,
        novas: Sequence[str] = (),
    ) -> None:
        super().__init__(dados, initial=dict(inicial or self._padrao(organizacao)))
        self.questoes, self.alvos, self.novas = questoes, alvos, frozenset(novas)
        self.sugestoes = {um.chave: um for um in sugestoes}
        self._escolhas_do_destino(organizacao)
        escolhas = _escolhas(alvos)
        ja = dict((inicial or {}).get("mapeamento_campos", {}))
        for questao in questoes:
            self.fields[nome_do_campo(questao.chave)] = forms.ChoiceField(
                label=questao.rotulo,
                required=False,
                choices=escolhas,
                initial=(
                    _alvo_de(ja.get(questao.chave))
                    if inicial is not None
                    else self._sugerido(questao.chave, _JA_ESCOLHIDAS)
                ),
                # The dialog opens where something is to be decided.
                widget=forms.Select(
                    attrs={"data-foco": ""} if questao.chave in self.novas else {}
                ),
            )

    @property
    def linhas(self) -> Iterator[Linha]:
        """The questions in the form's order."""
        for questao in self.questoes:
            sugestao = self.sugestoes.get(questao.chave)
            alvo = self.alvos.get(sugestao.alvo) if sugestao else None
            yield Linha(
                questao,
                self[nome_do_campo(questao.chave)],
                sugestao,
                str(alvo.nome) if alvo else "",
                questao.chave in self.novas,
            )

    def mapeamento(self) -> dict[str, str]:
        """What is chosen, by question; also while the rest is not in order."""
        escolhidos = {}
        for questao in self.questoes:
            campo = self[nome_do_campo(questao.chave)]
            if (alvo := str(campo.value() or "")) in self.alvos:
                escolhidos[questao.chave] = alvo
        return escolhidos

    def repetidos(self) -> list[tuple[Alvo, list[str]]]:
        """Targets that more than one question fills, and those questions' labels."""
        rotulos = {questao.chave: questao.rotulo for questao in self.questoes}
        por_alvo: dict[str, list[str]] = {}
        for chave, alvo in self.mapeamento().items():
            por_alvo.setdefault(alvo, []).append(rotulos[chave])
        return [
            (self.alvos[a], quais) for a, quais in por_alvo.items() if len(quais) > 1
        ]

    def com_sugestoes(self) -> dict[str, Any]:
        """What was typed, with every suggestion where nothing is chosen yet."""
        dados = {nome: self[nome].value() for nome in self.fields}
        for questao in self.questoes:
            nome = nome_do_campo(questao.chave)
            dados[nome] = dados[nome] or self._sugerido(questao.chave, tuple(Confianca))
        return dados

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or self.cleaned_data
        if dados.get("funil") and dados.get("etapa_destino"):
            recusas = conferir_destino(
                dados["funil"], dados["etapa_destino"], dados.get("owner")
            )
            for campo, recusa in recusas.items():
                self.add_error(campo, recusa)
        return dados

    def pedido(self) -> Pedido:
        """What was decided, once the form is valid."""
        return Pedido(
            funil=self.cleaned_data["funil"],
            etapa_destino=self.cleaned_data["etapa_destino"],
            owner=self.cleaned_data["owner"],
            mapeamento_campos=self.mapeamento(),
            criar_oportunidade=self.cleaned_data["criar_oportunidade"],
            notificar_owner=self.cleaned_data["notificar_owner"],
            tags_automaticas=self.cleaned_data["tags"].split(","),
        )

    def _padrao(self, organizacao: Any) -> dict[str, Any]:
        funil = funis.funil_padrao(organizacao)
        return {
            "funil": funil.pk,
            "etapa_destino": getattr(funis.etapas_do(funil).first(), "pk", None),
            "criar_oportunidade": True,
            "notificar_owner": True,
        }

    def _escolhas_do_destino(self, organizacao: Any) -> None:
        em_uso: Any = funis.funis_da(organizacao)
        campo_do_funil: Any = self.fields["funil"]
        campo_do_funil.queryset, campo_do_funil.empty_label = em_uso, None
        escolhido = em_uso.filter(pk=_uuid(self["funil"].value())).first()
        campo_da_etapa: Any = self.fields["etapa_destino"]
        campo_da_etapa.queryset = funis.etapas_do(escolhido or em_uso[0])
        pessoas = Usuario.objects.filter(organizacao=organizacao, is_active=True)
        campo_do_owner: Any = self.fields["owner"]
        campo_do_owner.queryset = pessoas.order_by("nome")
        sugeridas = tags.tags_da(organizacao).values_list("nome", flat=True)[:200]
        self.tags_conhecidas = list(sugeridas)

    def _sugerido(self, chave: str, quais: Sequence[Confianca]) -> str:
        sugestao = self.sugestoes.get(chave)
        return sugestao.alvo if sugestao and sugestao.confianca in quais else ""


def nome_do_campo(chave: str) -> str:
    """A question's key may be any text; an input's name should not."""
    return f"alvo_{hashlib.sha256(chave.encode()).hexdigest()[:16]}"


def _escolhas(alvos: Mapping[str, Alvo]) -> list[Any]:
    grupos = groupby(alvos.values(), key=lambda alvo: str(alvo.grupo))
    return [("", _("Não usar em nenhum campo"))] + [
        (grupo, [(alvo.chave, alvo.nome) for alvo in deste]) for grupo, deste in grupos
    ]


def _alvo_de(destino: Any) -> str:
    return str(destino.get("campo", "") if isinstance(destino, dict) else destino or "")


def _uuid(valor: Any) -> Any:
    campo = forms.UUIDField(required=False)
    try:
        return campo.clean(getattr(valor, "pk", valor))
    except forms.ValidationError:
        return None
