"""A lead's answers, put into the fields that its form's mapping names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from conexoes import leitura
from meta.services.mapeamento import transformacoes
from meta.services.mapeamento.alvos import ALVOS, id_proprio
from meta.services.mapeamento.questoes import (
    Questao,
    ler_questoes,
    ler_respostas,
    sem_pergunta,
)
from meta.services.mapeamento.transformacoes import TRANSFORMACOES, Resultado

# As many characters as the columns of Contato hold; an own field holds a long text.
_TAMANHOS: Final = {
    "nome": 255,
    "empresa": 255,
    "cargo": 255,
    "cidade": 120,
    "estado": 60,
}
_PROPRIO: Final = 1000
_NOME: Final = ("primeiro_nome", "sobrenome")


@dataclass(frozen=True)
class Linha:
    """What became of one question: ``antes`` as people chose it, ``depois`` as kept.

    ``alvo`` is "" for a question without a field; ``aviso`` says what did not go well.
    """

    chave: str
    rotulo: str
    antes: str
    alvo: str = ""
    depois: Any = None
    aviso: str = ""


@dataclass
class Preenchido:
    """A contact's fields, out of the answers of one lead.

    ``valores`` by column of Contato ("nome", "telefone" in E.164, "nascimento" a date
    ...) and "valor", the deal's, a ``Decimal``; only what was answered is there.
    ``campos`` are the organisation's own fields by id, as JSON holds them.
    ``problemas`` says in words, by target, what could not be kept; ``sem_destino`` has
    the answers that fill nothing, as people chose them, by the question's key.
    """

    valores: dict[str, Any] = field(default_factory=dict)
    campos: dict[str, Any] = field(default_factory=dict)
    problemas: dict[str, str] = field(default_factory=dict)
    sem_destino: dict[str, str] = field(default_factory=dict)
    linhas: list[Linha] = field(default_factory=list)


def aplicar(mapeamento_campos: Any, perguntas: Any, respostas: Any) -> Preenchido:
    """Fill the fields; never raises, whatever the answers are.

    ``perguntas`` as ``FormularioMeta.perguntas``, ``respostas`` as Meta's
    ``field_data``. An answer without a question counts too: forms change. Of two
    questions for one field, the first that can be read fills it.
    """
    destinos, dadas = ler_mapeamento(mapeamento_campos), ler_respostas(respostas)
    questoes = {questao.chave: questao for questao in ler_questoes(perguntas)}
    questoes |= {chave: sem_pergunta(chave) for chave in dadas if chave not in questoes}
    preenchido = Preenchido()
    for questao in questoes.values():
        escolhidos = [questao.rotular(um) for um in dadas.get(questao.chave, [])]
        linha = _preencher(preenchido, questao, destinos.get(questao.chave), escolhidos)
        preenchido.linhas.append(linha)
        if linha.aviso:
            preenchido.problemas.setdefault(linha.alvo, linha.aviso)
        if linha.antes and linha.depois is None:
            preenchido.sem_destino[linha.chave] = linha.antes
    _juntar_nome(preenchido)
    return preenchido


def ler_mapeamento(mapeamento: Any) -> dict[str, tuple[str, str]]:
    """Target and transformation by question; entries that say neither are left out."""
    lido = {}
    for chave, destino in mapeamento.items() if isinstance(mapeamento, Mapping) else ():
        ajuste = destino if isinstance(destino, Mapping) else {"campo": destino}
        alvo, como = ajuste.get("campo"), ajuste.get("transformacao")
        if not isinstance(alvo, str) or not (alvo in ALVOS or id_proprio(alvo)):
            continue
        if alvo in ALVOS:
            # A column takes what it takes; only one's own field leaves the choice.
            como = ALVOS[alvo].transformacao
        elif not isinstance(como, str) or como not in TRANSFORMACOES:
            como = "texto"
        lido[leitura.texto(chave, maximo=1000)] = (alvo, como)
    return lido


def _preencher(
    preenchido: Preenchido,
    questao: Questao,
    destino: tuple[str, str] | None,
    respostas: list[str],
) -> Linha:
    linha = Linha(questao.chave, questao.rotulo, ", ".join(respostas))
    if destino is None:
        return linha
    alvo, como = destino
    linha = replace(linha, alvo=alvo)
    if not respostas:
        return linha
    if como == "data" and questao.tipo == "DOB":
        como = "data_da_meta"
    lido = _transformar(alvo, como, respostas)
    if lido.valor is None:
        return replace(linha, aviso=lido.aviso)
    if not _guardar(preenchido, alvo, lido.valor):
        aviso = _("Este campo já veio de outra pergunta; vale a primeira.")
        return replace(linha, aviso=aviso)
    return replace(linha, depois=lido.valor, aviso=lido.aviso)


def _transformar(alvo: str, como: str, respostas: list[str]) -> Resultado:
    """One value of all the answers where it is text, else of the first that fits."""
    if como in ("texto", "nome"):
        return _cortar(TRANSFORMACOES[como](", ".join(respostas)), alvo)
    lidos = [TRANSFORMACOES[como](um) for um in respostas]
    if alvo == "nascimento":
        lidos = [transformacoes.nascimento(um) for um in lidos]
    bons = [um for um in lidos if um.valor is not None]
    if not bons:
        return lidos[0]
    if len(respostas) > 1 and not bons[0].aviso:
        aviso = _("Vieram várias respostas; foi usada a primeira que serve.")
        return _cortar(replace(bons[0], aviso=aviso), alvo)
    return _cortar(bons[0], alvo)


def _cortar(lido: Resultado, alvo: str) -> Resultado:
    if isinstance(lido.valor, dict):
        cortado: Any = {k: v[: _TAMANHOS[k]] for k, v in lido.valor.items()}
    elif isinstance(lido.valor, str):
        maximo = _TAMANHOS.get("nome" if alvo in _NOME else alvo, _PROPRIO)
        cortado = lido.valor[:maximo].rstrip()
    else:
        return lido
    if cortado == lido.valor:
        return lido
    return Resultado(cortado, _("A resposta é longa demais para o campo: foi cortada."))


def _guardar(preenchido: Preenchido, alvo: str, valor: Any) -> bool:
    """Whether the field was still free."""
    if proprio := id_proprio(alvo):
        novos: dict[str, Any] = {proprio: _em_json(valor)}
        onde = preenchido.campos
    else:
        novos = valor if isinstance(valor, dict) else {alvo: valor}
        onde = preenchido.valores
    livres = {k: v for k, v in novos.items() if k not in onde}
    onde.update(livres)
    return bool(livres)


def _juntar_nome(preenchido: Preenchido) -> None:
    """First and last name make the whole one, unless a question asked for that."""
    partes = [preenchido.valores.pop(parte, "") for parte in _NOME]
    if "nome" not in preenchido.valores and any(partes):
        inteiro = " ".join(filter(None, partes))
        preenchido.valores["nome"] = inteiro[: _TAMANHOS["nome"]].rstrip()


def _em_json(valor: Any) -> Any:
    if isinstance(valor, date):
        return valor.isoformat()
    if isinstance(valor, Decimal):
        return str(valor)
    return ", ".join(valor.values()) if isinstance(valor, dict) else valor
