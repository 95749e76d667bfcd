"""Which method of which edge of which kind of node does what."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from sandbox.graph.api import aplicativo, formularios, oauth, paginas, pessoas
from sandbox.graph.erros import caminho_desconhecido, inexistente, invalido

Vista = Callable[..., Coroutine[Any, Any, Any]]


@dataclass(frozen=True)
class Rota:
    """`operacao` is what faults are aimed at."""

    operacao: str
    vista: Vista


# What may be broken on its own -> what the control page calls it.
OPERACOES = {
    "": "Qualquer chamada",
    "oauth": "Trocar código ou token",
    "debug": "Conferir o token",
    "pessoa": "Pessoa e permissões",
    "contas": "Listar páginas",
    "pagina": "Ler uma página",
    "inscricao": "Inscrição da página",
    "formularios": "Formulários",
    "leads": "Listar leads do formulário",
    "lead": "Ler leads um a um ou em lote",
    "teste": "Lead de teste",
    "app": "Aplicativo e assinaturas",
}
FIXAS = {
    ("GET", "/oauth/access_token"): Rota("oauth", oauth.trocar),
    ("POST", "/oauth/access_token"): Rota("oauth", oauth.trocar),
    ("GET", "/debug_token"): Rota("debug", oauth.depurar),
}
ARESTAS = {
    ("pessoa", "permissions"): {
        "GET": Rota("pessoa", pessoas.permissoes),
        "DELETE": Rota("pessoa", pessoas.revogar),
    },
    ("pessoa", ""): {"GET": Rota("pessoa", pessoas.ver)},
    ("pessoa", "accounts"): {"GET": Rota("contas", pessoas.contas)},
    ("pessoa", "businesses"): {"GET": Rota("contas", pessoas.portfolios)},
    ("portfolio", ""): {"GET": Rota("contas", pessoas.ver_portfolio)},
    ("portfolio", "owned_pages"): {"GET": Rota("contas", pessoas.proprias)},
    ("portfolio", "client_pages"): {"GET": Rota("contas", pessoas.de_clientes)},
    ("pagina", ""): {"GET": Rota("pagina", paginas.ver)},
    ("pagina", "subscribed_apps"): {
        "GET": Rota("inscricao", paginas.inscritos),
        "POST": Rota("inscricao", paginas.inscrever),
        "DELETE": Rota("inscricao", paginas.desinscrever),
    },
    ("pagina", "leadgen_forms"): {"GET": Rota("formularios", formularios.da_pagina)},
    ("formulario", ""): {"GET": Rota("formularios", formularios.ver)},
    ("formulario", "leads"): {"GET": Rota("leads", formularios.ler_leads)},
    ("formulario", "test_leads"): {
        "GET": Rota("teste", formularios.ler_testes),
        "POST": Rota("teste", formularios.criar_teste),
    },
    ("lead", ""): {
        "GET": Rota("lead", formularios.ler_lead),
        "DELETE": Rota("teste", formularios.apagar_lead),
    },
    ("app", ""): {"GET": Rota("app", aplicativo.ver)},
    ("app", "subscriptions"): {
        "GET": Rota("app", aplicativo.assinaturas),
        "POST": Rota("app", aplicativo.assinar),
        "DELETE": Rota("app", aplicativo.cancelar),
    },
}
LEITURAS: dict[str, Vista] = {
    especie: metodos["GET"].vista
    for (especie, aresta), metodos in ARESTAS.items()
    if not aresta
}
TIPOS = {
    "pessoa": "User",
    "pagina": "Page",
    "formulario": "LeadgenForm",
    "lead": "LeadGenData",
    "portfolio": "Business",
    "app": "Application",
}


def da_aresta(especie: str, partes: list[str], metodo: str) -> Rota:
    """`partes` of the path: the node's id, perhaps the edge and one thing of it."""
    aresta = partes[1] if len(partes) > 1 else ""
    extras = partes[2:] if (especie, aresta) != ("pessoa", "permissions") else []
    if extras:
        raise caminho_desconhecido("/" + "/".join(extras))
    metodos = ARESTAS.get((especie, aresta))
    if metodos is None:
        tipo = TIPOS[especie]
        mensagem = f"Tried accessing nonexisting field ({aresta}) on node type ({tipo})"
        raise invalido(mensagem)
    if metodo not in metodos:
        raise inexistente(partes[0], metodo)
    return metodos[metodo]
