"""The field that each question probably fills: by its type, its words, its answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.utils.translation import gettext as _

from meta.services.mapeamento import dinheiro, grafias, lugares
from meta.services.mapeamento import transformacoes as t
from meta.services.mapeamento.alvos import ALVOS, Alvo
from meta.services.mapeamento.confianca import Confianca
from meta.services.mapeamento.questoes import (
    Questao,
    ler_questoes,
    ler_respostas,
    palavras,
)
from meta.services.mapeamento.sinonimos import POR_TIPO, REGRAS, pede_varios

ALTA, MEDIA, BAIXA = Confianca.ALTA, Confianca.MEDIA, Confianca.BAIXA
# Answers looked at for each question; so many of them must agree.
_AMOSTRAS: Final = 20
_MAIORIA: Final = 0.8
_VAZIAS: Final = frozenset(
    (
        *("a", "ao", "as", "com", "da", "das", "de", "do", "dos", "e", "em", "na"),
        *("no", "nas", "nos", "o", "os", "ou", "para", "por", "pra", "qual"),
        *("quais", "que", "seu", "seus", "sua", "suas", "um", "uma", "voce"),
    )
)
_DATA: Final = re.compile(r"\s*[0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{1,4}\s*")
_CEP: Final = re.compile(r"\s*[0-9]{2}\.?[0-9]{3}-[0-9]{3}\s*")
_DINHEIRO: Final = re.compile(r"r\$|\bmil\b|\bmilh", re.IGNORECASE)


@dataclass(frozen=True)
class Sugestao:
    """The best target of a question; without one, ``porque`` may say what stood in
    the way."""

    chave: str
    alvo: str = ""
    confianca: Confianca = BAIXA
    porque: str = ""


_E_COMO: Final[Mapping[str, tuple[Confianca, Callable[[str], bool]]]] = {
    "email": (MEDIA, lambda r: t.email(r).valor is not None),
    "documento": (MEDIA, lambda r: t.documento(r).valor is not None),
    "cep": (MEDIA, lambda r: bool(_CEP.fullmatch(r[:60]))),
    "nascimento": (BAIXA, lambda r: bool(_DATA.fullmatch(r[:60])) and _nasceu(r)),
    "telefone": (MEDIA, lambda r: t.telefone(r).valor is not None),
    "valor": (
        BAIXA,
        lambda r: bool(_DINHEIRO.search(r[:120])) and bool(dinheiro.ler_valores(r)),
    ),
    "cidade_estado": (MEDIA, lambda r: all(lugares.separar(r))),
}
# What answers can contradict: nothing else is written like an e-mail.
_CONFERIVEIS: Final = ("email", "documento", "cep", "telefone")


def sugerir(
    perguntas: Any,
    proprios: Iterable[Alvo] = (),
    amostras: Sequence[Any] = (),
    *,
    de_varios: bool = False,
) -> list[Sugestao]:
    """One suggestion a question, in the form's order; no target is given twice, unless
    the questions are ``de_varios`` forms, where each asks for it in its own way.

    ``proprios`` are the targets of the organisation's own fields; ``amostras`` the
    ``field_data`` of some leads of this form, newest first.
    """
    questoes = ler_questoes(perguntas)
    proprios = list(proprios)
    respostas = [ler_respostas(amostra) for amostra in amostras[:_AMOSTRAS]]
    achadas = [
        _melhor(
            questao,
            proprios,
            [v for dadas in respostas for v in dadas.get(questao.chave, [])],
        )
        for questao in questoes
    ]
    if de_varios:
        return achadas
    return _sem_repetir(questoes, achadas, {a.chave: a for a in proprios})


def _melhor(
    questao: Questao, proprios: Sequence[Alvo], respostas: Sequence[str]
) -> Sugestao:
    nada = Sugestao(questao.chave)
    if alvo := POR_TIPO.get(questao.tipo):
        return replace(nada, alvo=alvo, confianca=ALTA, porque=_("Tipo da pergunta"))
    do_nome = _pelo_campo_proprio(questao, proprios)
    if do_nome.confianca == ALTA:
        return do_nome
    das_palavras = _pelas_palavras(questao)
    if not _cabe_nas_opcoes(questao, das_palavras.alvo):
        das_palavras = nada
    das_respostas = nada if questao.opcoes else _pelas_respostas(questao, respostas)
    das_palavras = _conferida(das_palavras, respostas)
    if das_respostas.alvo == "cidade_estado" and das_palavras.alvo == "cidade":
        return replace(das_respostas, confianca=das_palavras.confianca)
    # max() keeps the first of equals: words before own fields before answers.
    return max((das_palavras, do_nome, das_respostas), key=_peso)


def _cabe_nas_opcoes(questao: Questao, alvo: str) -> bool:
    """Nobody chooses their e-mail from a list, and "sim" is no amount of money."""
    if not questao.opcoes or not alvo:
        return True
    if alvo == "valor":
        return any(dinheiro.ler_valores(um) for um in questao.opcoes.values())
    return not ALVOS[alvo].aberto


def _peso(sugestao: Sugestao) -> int:
    return sugestao.confianca.peso if sugestao.alvo else 0


def _pelas_palavras(questao: Questao) -> Sugestao:
    """By the label, and by the key where the label says nothing; a word that was
    mended makes it less sure."""
    for texto in dict.fromkeys((questao.rotulo, questao.chave)):
        escritas = grafias.escrever(texto)
        corrigidas = grafias.corrigir(escritas)
        for quais, teto in ((escritas, ALTA), (corrigidas, MEDIA)):
            if achada := _pela_frase(questao, " ".join(quais), teto):
                return achada
    return Sugestao(questao.chave)


def _pela_frase(questao: Questao, escrito: str, teto: Confianca) -> Sugestao | None:
    """What the first rule that fits says; None when none does."""
    if pede_varios(escrito):
        return Sugestao(questao.chave)
    for regra in REGRAS:
        if regra.padrao.search(escrito):
            confianca = min(regra.confianca, teto, key=lambda c: c.peso)
            porque = _("Texto da pergunta") if regra.alvo else ""
            return Sugestao(questao.chave, regra.alvo, confianca, porque)
    return None


def _pelo_campo_proprio(questao: Questao, proprios: Sequence[Alvo]) -> Sugestao:
    """An own field that is called as the question asks."""
    pergunta = set(palavras(questao.rotulo)) - _VAZIAS
    achada = Sugestao(questao.chave)
    for alvo in proprios:
        nome = set(palavras(str(alvo.nome))) - _VAZIAS
        if not nome or not nome <= pergunta:
            continue
        confianca = ALTA if nome == pergunta else MEDIA
        if not achada.alvo or confianca.peso > achada.confianca.peso:
            achada = Sugestao(
                questao.chave, alvo.chave, confianca, _("Nome do campo personalizado")
            )
    return achada


def _pelas_respostas(questao: Questao, respostas: Sequence[str]) -> Sugestao:
    for alvo, (confianca, parece) in _E_COMO.items():
        if respostas and _quantas(respostas, parece) >= _MAIORIA:
            return Sugestao(
                questao.chave, alvo, confianca, _("Respostas que já chegaram")
            )
    return Sugestao(questao.chave)


def _conferida(sugestao: Sugestao, respostas: Sequence[str]) -> Sugestao:
    """Less sure when the answers look otherwise, surer when they look like it."""
    if sugestao.alvo not in _CONFERIVEIS or not respostas:
        return sugestao
    quantas = _quantas(respostas, _E_COMO[sugestao.alvo][1])
    if not quantas:
        porque = _("As respostas que já chegaram não parecem com isto")
        return replace(sugestao, confianca=BAIXA, porque=porque)
    return replace(sugestao, confianca=ALTA) if quantas >= _MAIORIA else sugestao


def _quantas(respostas: Sequence[str], parece: Callable[[str], bool]) -> float:
    return sum(parece(uma) for uma in respostas) / len(respostas)


def _nasceu(resposta: str) -> bool:
    return t.nascimento(t.data(resposta)).valor is not None


def _sem_repetir(
    questoes: Sequence[Questao],
    achadas: Sequence[Sugestao],
    proprios: Mapping[str, Alvo],
) -> list[Sugestao]:
    """The surest question keeps a target; the others say who has it."""
    rotulos = {questao.chave: questao.rotulo for questao in questoes}
    tomadas: dict[str, str] = {}
    decididas: dict[str, Sugestao] = {}
    # Of equally sure ones Meta's own question: people confirm what Meta filled in.
    tipados = {questao.chave for questao in questoes if questao.tipo in POR_TIPO}
    for sugestao in sorted(achadas, key=lambda s: (-_peso(s), s.chave not in tipados)):
        decidida = sugestao
        if sugestao.alvo:
            alvo = proprios.get(sugestao.alvo) or ALVOS[sugestao.alvo]
            dono = next((tomadas[p] for p in alvo.partes if p in tomadas), "")
            if dono:
                porque = _("Parece “%(campo)s”, que já vem de “%(pergunta)s”") % {
                    "campo": alvo.nome,
                    "pergunta": rotulos[dono],
                }
                decidida = Sugestao(sugestao.chave, porque=porque)
            else:
                tomadas |= dict.fromkeys(alvo.partes, sugestao.chave)
        decididas[sugestao.chave] = decidida
    return [decididas[questao.chave] for questao in questoes]
