"""Meta's control page: its state in words, and a form ready to be sent."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.timezone import get_current_timezone
from django.views.decorators.http import require_GET

from sandbox.graph import amostras, retrato
from sandbox.graph.envios import MODOS, ORIGENS
from sandbox.graph.estado import ESTADO, Formulario
from sandbox.graph.falhas import TIPOS
from sandbox.graph.rotas import OPERACOES
from sandbox.palavras import hora, iniciais

# The subcode of 190 all tokens of somebody die with -> in words
MORTES = {
    460: "Trocar a senha (460)",
    467: "Sair do Facebook (467)",
    464: "Conta não confirmada (464)",
}
SITUACOES = {
    "entregue": "verde",
    "falhou": "amarelo",
    "desistiu": "vermelho",
    "recusada": "vermelho",
    "descartada": "neutro",
}
CHAMADOS = {"desautorizar": "Desautorização", "exclusao": "Exclusão de dados"}


@require_GET
async def meta(request: HttpRequest) -> HttpResponse:
    estado = retrato.tirar()
    falha = estado["falha"]
    contexto = {
        **estado,
        "tipos": TIPOS,
        "alvos": OPERACOES,
        "modos": MODOS,
        "origens": ORIGENS,
        "mortes": MORTES,
        "envio": _envio(_escolhido(request)),
        "pessoas": [_pessoa(pessoa) for pessoa in estado["pessoas"]],
        "paginas": [_pagina(pagina) for pagina in estado["paginas"]],
        "leads": [_lead(lead) for lead in estado["leads"]],
        "retornos": [_retorno(retorno) for retorno in estado["retornos"]],
        "chamadas": [_chamada(chamada) for chamada in estado["chamadas"]],
        "entregas": [_entrega(entrega) for entrega in estado["entregas"]],
        "falha": falha and {**falha, "palavras": TIPOS[falha["tipo"]]},
    }
    return render(request, "sandbox/meta.html", contexto)


def _escolhido(request: HttpRequest) -> Formulario:
    """The form in the address; the first one without it."""
    padrao = next(iter(ESTADO.formularios.values()))
    return ESTADO.formularios.get(request.GET.get("formulario", ""), padrao)


def _envio(formulario: Formulario) -> dict[str, Any]:
    """Filled in by the next person of the row: another after each sending."""
    quem = amostras.GENTE[ESTADO.enviados % len(amostras.GENTE)]
    ditas = amostras.respostas(formulario, quem)
    return {
        "form": formulario,
        "perguntas": [
            {
                "key": pergunta.key,
                "rotulo": pergunta.label,
                "valor": "".join(ditas[pergunta.key]),
                "opcoes": [
                    {"valor": dito, "palavras": opcao.value, "marcada": not n}
                    for n, opcao in enumerate(pergunta.opcoes)
                    for dito in [amostras.da_opcao(formulario, pergunta, opcao.key)]
                ],
            }
            for pergunta in formulario.perguntas
        ],
    }


def _pessoa(pessoa: dict[str, Any]) -> dict[str, Any]:
    ditas = pessoa["permissoes"].items()
    return {
        **pessoa,
        "iniciais": iniciais(pessoa["nome"]),
        "dadas": [escopo for escopo, situacao in ditas if situacao == "granted"],
        "recusadas": [escopo for escopo, situacao in ditas if situacao == "declined"],
        "bloqueio": bool(pessoa["bloqueio"]),
    }


def _pagina(pagina: dict[str, Any]) -> dict[str, Any]:
    portfolio = ESTADO.portfolios.get(pagina["portfolio"] or "")
    return {
        **pagina,
        "portfolio": portfolio.nome if portfolio else "",
        "ouvida": "leadgen" in pagina["inscritos"],
        "gente": [
            {"id": pessoa.id, "nome": pessoa.nome, "tarefas": pagina["papeis"][id_]}
            if id_ in pagina["papeis"]
            else {"id": pessoa.id, "nome": pessoa.nome, "tarefas": []}
            for id_, pessoa in ESTADO.pessoas.items()
        ],
    }


def _lead(lead: dict[str, Any]) -> dict[str, Any]:
    primeira: Iterable[str] = next(
        (dita["values"] for dita in lead["respostas"] if dita["values"]), ()
    )
    criado = datetime.fromtimestamp(lead["criado_em"], get_current_timezone())
    origem = "Orgânico" if lead["organico"] else f"Anúncio {lead['plataforma']}"
    return {
        **lead,
        "quem": ", ".join(primeira),
        "origem": "Teste" if lead["teste"] else origem,
        "quando": f"{criado:%d/%m %H:%M:%S}",
    }


def _retorno(retorno: dict[str, Any]) -> dict[str, Any]:
    bom = retorno["status"] == 200
    return {
        **retorno,
        "palavras": CHAMADOS[retorno["tipo"]],
        "hora": hora(retorno["em"]),
        "tom": "verde" if bom else "vermelho",
    }


def _chamada(chamada: dict[str, Any]) -> dict[str, Any]:
    status = chamada["status"]
    ruim = status is None or status >= 500
    tom = "vermelho" if ruim else "amarelo" if status >= 400 else "verde"
    palavras = TIPOS.get(chamada["falha"] or "", "")
    return {**chamada, "hora": hora(chamada["em"]), "tom": tom, "palavras": palavras}


def _entrega(entrega: dict[str, Any]) -> dict[str, Any]:
    return {
        **entrega,
        "hora": hora(entrega["em"]),
        "tom": SITUACOES[entrega["situacao"]],
        "evento": entrega["evento_id"],
    }


urlpatterns = [path("", meta, name="meta")]
