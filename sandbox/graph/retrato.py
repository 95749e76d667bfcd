"""Meta's whole state as plain data: for the page and /controle/graph.json."""

from itertools import islice
from typing import Any

from sandbox.diario import DIARIO_DA_META
from sandbox.graph import uso
from sandbox.graph.entregas import CARTEIRO
from sandbox.graph.estado import ESTADO, Formulario, Lead, Pagina, Pessoa
from sandbox.graph.falhas import FALHAS

RECENTES, MOSTRADOS = 300, 30


def tirar() -> dict[str, Any]:
    chamadas, entregas, contagem = DIARIO_DA_META.ler()
    contagem |= {"leads": len(ESTADO.leads), "webhooks_pendentes": CARTEIRO.pendentes}
    falha = FALHAS.atual
    recentes = list(islice(reversed(ESTADO.leads.values()), RECENTES))
    ultimos = sorted(recentes, key=lambda lead: lead.ordem, reverse=True)
    return {
        "app": do_app(),
        "pessoas": [_pessoa(pessoa) for pessoa in ESTADO.pessoas.values()],
        "paginas": [_pagina(pagina) for pagina in ESTADO.paginas.values()],
        "leads": [_lead(lead) for lead in ultimos[:MOSTRADOS]],
        "falha": vars(falha) if falha else None,
        "retornos": [dict(retorno) for retorno in ESTADO.retornos],
        "chamadas": chamadas,
        "entregas": entregas,
        "contagens": contagem,
    }


def do_app() -> dict[str, Any]:
    """Not its secret."""
    app = ESTADO.app
    assinatura = app.assinaturas.get("page")
    return {
        "id": app.id,
        "nome": app.nome,
        "exige_prova": app.exige_prova,
        "ao_vivo": app.ao_vivo,
        "nega_anuncios": app.nega_anuncios,
        "uso": app.uso,
        "callback": assinatura.callback if assinatura else None,
        "campos": list(assinatura.campos) if assinatura else [],
    }


def _pessoa(pessoa: Pessoa) -> dict[str, Any]:
    return {
        "id": pessoa.id,
        "nome": pessoa.nome,
        "email": pessoa.email,
        "permissoes": dict(pessoa.permissoes),
        "paginas": [pagina.id for pagina in ESTADO.paginas_de(pessoa)],
        "alvos": None if pessoa.alvos is None else sorted(pessoa.alvos),
        "bloqueio": pessoa.bloqueio,
    }


def _pagina(pagina: Pagina) -> dict[str, Any]:
    return {
        "id": pagina.id,
        "nome": pagina.nome,
        "portfolio": pagina.portfolio or None,
        "papeis": {pessoa: list(t) for pessoa, t in pagina.papeis.items()},
        "inscritos": list(pagina.inscritos),
        "trancada": pagina.trancada,
        "uso": pagina.uso,
        "minutos": pagina.minutos,
        "cota": uso.cota(pagina),
        "gasto": uso.gasto(pagina),
        "formularios": [_formulario(f) for f in pagina.formularios],
    }


def _formulario(formulario: Formulario) -> dict[str, Any]:
    return {
        "id": formulario.id,
        "nome": formulario.nome,
        "status": formulario.status,
        "leads": len(formulario.leads),
        "perguntas": [pergunta.key for pergunta in formulario.perguntas],
    }


def _lead(lead: Lead) -> dict[str, Any]:
    return {
        "id": lead.id,
        "formulario": lead.formulario.nome,
        "pagina": lead.formulario.pagina.nome,
        "criado_em": lead.criado_em,
        "respostas": lead.corpo["field_data"],
        "plataforma": lead.corpo["platform"],
        "organico": lead.anuncio is None,
        "teste": lead.teste,
        "legivel": lead.legivel,
        "velho": lead.velho,
    }
