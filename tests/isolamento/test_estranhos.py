"""Ids of another organisation, in every place an id can stand."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Model

from conexoes.tenancy import sistema
from crm.models import Contato, Conversa, Mensagem, Usuario
from tests.isolamento.conftest import Visitar
from tests.isolamento.mapa import (
    ATRAVESSAM,
    Rota,
    das_pessoas,
    do_admin,
    inexistente,
    rotas,
)
from tests.isolamento.mundo import Mundo
from tests.retrato import retrato

DENTRO = ["admin", "membro", "super_na_aurora", "token"]


def mundo_de(mundo: Mundo) -> dict[str, list[Any]]:
    """Every row of one organisation, as it is stored."""
    dono = str(mundo.organizacao.pk)
    nossos = ("conexoes", "crm", *sorted({m._meta.app_label for m in mundo.linhas}))
    return {
        tabela: [
            linha
            for linha in linhas
            if dono in (linha.get("organizacao_id"), linha.get("id"))
        ]
        for tabela, linhas in retrato(*dict.fromkeys(nossos)).items()
        if tabela != "auditoria"
    }


def tentativas(rota: Rota, nossa: Mundo, alheia: Mundo) -> list[tuple[str, str]]:
    """Paths with a stranger's id in each place alone and in all of them, each beside
    the same path with an id that nobody has."""
    pares = []
    ids = rota.ids(alheia)
    conjuntos = [{nome} for nome in ids] + ([set(ids)] if len(ids) > 1 else [])
    for nomes in conjuntos:
        estranho = rota.preencher(nossa, **{nome: ids[nome] for nome in nomes})
        nenhum = rota.preencher(nossa, **{nome: inexistente() for nome in nomes})
        pares.append((estranho, nenhum))
    return pares


@pytest.mark.parametrize("quem", DENTRO)
def test_a_strangers_id_is_answered_like_one_that_nobody_has(
    nossa: Mundo, alheia: Mundo, visitar: Visitar, quem: str
) -> None:
    visitante, erradas = visitar(quem), []

    for rota in das_pessoas():
        if quem == "super_na_aurora" and rota.nome in ATRAVESSAM:
            continue
        for estranho, nenhum in tentativas(rota, nossa, alheia):
            for metodo in rota.metodos:
                um = visitante.ir(metodo, estranho)
                outro = visitante.ir(metodo, nenhum)
                ids = [
                    p for p in (*estranho.split("/"), *nenhum.split("/")) if "-" in p
                ]
                iguais = (um.status, um.sem(*ids)) == (outro.status, outro.sem(*ids))
                # 401: a page that tokens do not open. 302: it sends elsewhere at once.
                if um.status not in (403, 404, 405, 401) and not (
                    um.status == 302 and quem == "token"
                ):
                    erradas.append((metodo, rota.nome, estranho, um.status))
                elif not iguais:
                    erradas.append((metodo, rota.nome, estranho, "another answer"))

    assert erradas == []


def test_what_is_theirs_they_see_themselves(alheia: Mundo, visitar: Visitar) -> None:
    """Otherwise not seeing it would prove nothing."""
    dona, por_ver = visitar("dona"), set(alheia.marcas()[:6])

    for rota in das_pessoas():
        if "get" in rota.metodos:
            dito = dona.ir("get", rota.preencher(alheia)).dito
            por_ver -= {marca for marca in por_ver if marca in dito}

    assert por_ver == set()


@pytest.mark.parametrize("especie", [Usuario, Contato, Conversa, Mensagem])
@pytest.mark.parametrize("quem", ["admin", "token"])
def test_nothing_of_theirs_changes_or_shows_whatever_we_send(
    nossa: Mundo,
    alheia: Mundo,
    visitar: Visitar,
    nomes_de_campos: list[str],
    quem: str,
    especie: type[Model],
) -> None:
    """Every name a form, a query or the API reads, filled with their ids: of the kind
    it is named after, or of each of the kinds that people choose in turn."""
    visitante = visitar(quem)
    antes, vistas = mundo_de(alheia), []
    textos = [marca for marca in alheia.marcas() if len(marca) != 36]

    dados = {
        nome: str(alheia.um(alheia.especie(nome) or especie).pk)
        for nome in nomes_de_campos
    }
    for rota in das_pessoas():
        for metodo in rota.metodos:
            resposta = visitante.ir(metodo, rota.preencher(nossa), dados)
            if resposta.status >= 500:
                vistas.append((metodo, rota.nome, resposta.status))
            vistas += [(metodo, rota.nome, t) for t in textos if t in resposta.dito]

    assert vistas == []
    assert mundo_de(alheia) == antes


def test_nobody_gives_themselves_more_than_they_have(
    nossa: Mundo, alheia: Mundo, visitar: Visitar, nomes_de_campos: list[str]
) -> None:
    """Columns that no form has, sent to every URL all the same."""
    membro = visitar("membro")
    de_mais = {
        "papel": "admin",
        "is_superuser": "on",
        "is_staff": "on",
        "is_active": "on",
        "organizacao": str(alheia.organizacao.pk),
        "organizacao_id": str(alheia.organizacao.pk),
        "usuario": str(nossa.admin.pk),
        "autor": str(nossa.admin.pk),
        "permissoes_conexoes": '{"meta_lead_ads": true}',
        "meta_lead_ads": "on",
        "instagram_direct": "on",
        "geracao_de_sessoes": "0",
    }
    campos = dict.fromkeys(nomes_de_campos, "x") | de_mais

    def olhar() -> None:
        colunas = ("papel", "is_superuser", "organizacao_id", "permissoes_conexoes")
        with sistema("comando"):
            agora = Usuario.objects.values_list(*colunas).get(pk=nossa.membro.pk)
        vistas.add(repr(agora))

    vistas: set[str] = set()
    olhar()
    for rota in das_pessoas():
        for metodo in set(rota.metodos) - {"get"}:
            membro.ir(metodo, rota.preencher(nossa), campos, depois=olhar)

    assert len(vistas) == 1


def test_the_super_admins_site_shows_strangers_nothing(
    nossa: Mundo, alheia: Mundo, visitar: Visitar
) -> None:
    vistas = []

    for quem in ("admin", "membro", "anonimo", "token"):
        visitante = visitar(quem)
        for rota in do_admin():
            for metodo in ("get", "post"):
                resposta = visitante.ir(metodo, rota.preencher(alheia))
                if resposta.status not in (301, 302, 403, 404, 405):
                    vistas.append((quem, metodo, rota.caminho, resposta.status))
                marcas = (alheia.marca, alheia.telefone, nossa.marca)
                vistas += [(quem, rota.nome, m) for m in marcas if m in resposta.dito]

    assert vistas == []


def test_every_webhook_refuses_an_unsigned_delivery(
    alheia: Mundo, visitar: Visitar
) -> None:
    anonimo = visitar("anonimo")
    webhooks = [rota for rota in rotas() if rota.caminho.startswith("/webhooks/")]

    assert webhooks
    for rota in webhooks:
        desconhecido = dict.fromkeys(rota.ids(alheia), inexistente())
        for caminho in (rota.preencher(alheia), rota.preencher(alheia, **desconhecido)):
            resposta = anonimo.ir("post", caminho, {"x": 1}, json_=True)
            # A GET is how some providers ask whether we are there: never without proof.
            assert resposta.status in (401, 403), caminho
            assert anonimo.ir("get", caminho).status in (400, 401, 403, 405), caminho
