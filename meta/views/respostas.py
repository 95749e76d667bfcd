"""A lead's answers, verbatim, beside what its form's mapping makes of them today."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from meta.models import LeadCapturado
from meta.services import formularios, mapeamento
from meta.services.mapeamento import Questao, ler_questoes
from meta.views.apresentacao import valor_legivel

_DE_NOME: Final = ("FULL_NAME", "FIRST_NAME")


@dataclass(frozen=True)
class Resposta:
    """One question: what came for it, and what that fills. ``campo`` is "" for none.

    ``crus`` are the answers as Meta gave them, ``ditas`` as the form words them.
    """

    chave: str
    rotulo: str
    crus: tuple[str, ...] = field(repr=False)
    ditas: tuple[str, ...] = field(repr=False)
    campo: str
    preenche: str = field(repr=False)
    aviso: str

    @property
    def igual(self) -> bool:
        """Whether the field keeps just what was answered."""
        return self.preenche == ", ".join(self.ditas)


@dataclass(frozen=True)
class Consentimento:
    """One box of the form; Meta tells of it only its key."""

    chave: str
    aceito: bool

    @property
    def rotulo(self) -> str:
        palavras = self.chave.replace("_", " ").strip()
        return palavras[:1].upper() + palavras[1:]


def do(lead: LeadCapturado) -> list[Resposta]:
    """In the form's order; questions that were not answered too."""
    organizacao = lead.organizacao_id
    mapa = formularios.mapeamento_para(organizacao, lead.pagina, lead.form_id)
    perguntas = lead.formulario.perguntas if lead.formulario else []
    campos = mapa.mapeamento_campos if mapa else {}
    preenchido = mapeamento.aplicar(campos, perguntas, lead.respostas)
    alvos = formularios.alvos_da(organizacao)
    questoes = {questao.chave: questao for questao in ler_questoes(perguntas)}
    crus = _crus(lead.respostas)
    return [
        Resposta(
            chave=linha.chave,
            rotulo=linha.rotulo,
            crus=crus.get(linha.chave, ()),
            ditas=_ditas(questoes.get(linha.chave), crus.get(linha.chave, ())),
            campo=str(alvos[linha.alvo].nome) if linha.alvo in alvos else "",
            preenche=valor_legivel(linha.alvo, linha.depois),
            aviso=linha.aviso,
        )
        for linha in preenchido.linhas
    ]


def nome_em(lead: LeadCapturado) -> str:
    """Who the answers say it is; "" when no question asked for a name."""
    perguntas = lead.formulario.perguntas if lead.formulario else []
    de_nome = [um.chave for um in ler_questoes(perguntas) if um.tipo in _DE_NOME]
    crus = _crus(lead.respostas)
    achados = (" ".join(crus.get(chave, ())) for chave in (*de_nome, "full_name"))
    return next(filter(None, achados), "")[:255]


def consentimentos(lead: LeadCapturado) -> list[Consentimento]:
    """The form's consent boxes, ticked or not, as Meta kept them."""
    return [
        Consentimento(
            str(um.get("checkbox_key", "")),
            str(um.get("is_checked", "")).lower() in ("1", "true"),
        )
        for um in lead.consentimentos
        if isinstance(um, dict)
    ]


def _ditas(questao: Questao | None, crus: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(questao.rotular(um) for um in crus) if questao else crus


def _crus(respostas: Any) -> dict[str, tuple[str, ...]]:
    """Each answer as it came, whatever shape that has."""
    achados: dict[str, tuple[str, ...]] = {}
    for uma in respostas if isinstance(respostas, list) else []:
        if isinstance(uma, dict) and isinstance(uma.get("name"), str):
            dadas = uma.get("values")
            textos = dadas if isinstance(dadas, list) else []
            achados[uma["name"]] = tuple(str(um) for um in textos)
    return achados
