"""One turn of ``bench.listas``: visit each list page as a person, and print the times.

Runs inside the product's environment; the messages are made by ``crescer``.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any, Final

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import NoReverseMatch, reverse  # noqa: E402

from conexoes.models import EventoPendente, Notificacao  # noqa: E402
from conexoes.tenancy import na, sistema  # noqa: E402
from crm.models import Contato, Conversa, Funil, Mensagem, Usuario  # noqa: E402
from tests.produto import SENHA  # noqa: E402

PESSOA: Final = "admin@aurora.example"
# Times taken of each page; the least counts, which no busy neighbour can lengthen.
VEZES: Final = 25
# Pages that are only here once their part of the product is.
OPCIONAIS: Final = {"queue": "conexoes:fila", "webhooks": "conexoes:webhooks"}


def enderecos(navegador: Client) -> dict[str, str]:
    """Every list page at its beginning, and those with many pages deep inside."""
    with sistema("comando"):
        pessoa = Usuario.objects.select_related("organizacao").get(email=PESSOA)
    with na(pessoa.organizacao):
        conversa = Conversa.objects.filter(conexao_nome="bench").earliest("criado_em")
        funil = Funil.objects.get()
        fundo = {
            "inbox": _no_meio(Conversa, "ultima_mensagem_em"),
            "contacts": _no_meio(Contato, "busca"),
            "notifications": _no_meio(Notificacao, "criado_em"),
            "thread": _no_meio(Mensagem, "momento", conversa=conversa),
        }
    bases = {
        "inbox": "/conversas/lista/",
        "contacts": "/contatos/",
        "notifications": "/notificacoes/",
        "thread": f"/conversas/{conversa.pk}/mensagens/",
    }
    paginas = {
        "inbox, whole page": "/conversas/",
        "search, rare word": "/conversas/lista/?busca=raridade",
        "search, word in every message": "/conversas/lista/?busca=mensagem",
        "search, contact": "/contatos/?busca=raro",
        "team": "/configuracoes/equipe/",
        "board": "/funil/",
        "board, closed": f"/funil/{funil.pk}/fechadas/",
    }
    for nome, base in bases.items():
        paginas[nome] = base
        paginas[f"{nome}, deep"] = f"{base}?depois={fundo[nome]}"
    for nome, rota in OPCIONAIS.items():
        try:
            paginas[nome] = reverse(rota)
        except NoReverseMatch:
            continue
    return paginas


def _no_meio(modelo: Any, campo: str, **filtros: Any) -> str:
    """The key of a row that stands in the middle of its list."""
    linhas = modelo.objects.filter(**filtros).order_by(campo, "pk")
    linha = linhas[linhas.count() // 2]
    valor = getattr(linha, campo)
    return (
        f"{linha.pk}~{valor if isinstance(valor, str) else valor.isoformat()}".replace(
            "+", "%2B"
        )
    )


def medir(navegador: Client, caminho: str) -> dict[str, float]:
    """Least milliseconds of the page, and how many queries it asks."""
    with CaptureQueriesContext(
        connection,
    ) as consultas:
        resposta = navegador.get(caminho)
        assert resposta.status_code == 200, (caminho, resposta.status_code)
        assert len(resposta.content) > 200, caminho
        quantas = len(consultas)
    tempos = []
    for _ in range(VEZES):
        inicio = time.perf_counter()
        navegador.get(caminho)
        tempos.append((time.perf_counter() - inicio) * 1000)
    return {"ms": min(tempos), "consultas": quantas}


def main() -> None:
    # As any host of a development installation.
    navegador = Client(SERVER_NAME="127.0.0.1")
    entrada = {"login": PESSOA, "password": SENHA}
    assert navegador.post("/conta/entrar/", entrada).status_code == 302
    medidas = {nome: medir(navegador, c) for nome, c in enderecos(navegador).items()}
    with sistema("comando"):
        medidas["_mensagens"] = {"ms": Mensagem.objects.count(), "consultas": 0}
        medidas["_trabalho"] = {"ms": EventoPendente.objects.count(), "consultas": 0}
    sys.stdout.write(json.dumps(medidas) + "\n")


if __name__ == "__main__":
    main()
