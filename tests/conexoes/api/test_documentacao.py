"""The OpenAPI document: whole, without warnings, and shown under our own CSP."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from jsonschema import Draft202012Validator

from conexoes.api.documentacao import esquema
from conexoes.chaves import ESCOPOS

METODOS = {"get", "post", "put", "patch", "delete"}


def operacoes() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (caminho, metodo, operacao)
        for caminho, metodos in esquema()["paths"].items()
        for metodo, operacao in metodos.items()
        if metodo in METODOS
    ]


def test_the_document_is_valid_and_warns_of_nothing(tmp_path: Any) -> None:
    GENERATOR_STATS.reset()

    call_command(
        "spectacular", "--validate", "--fail-on-warn", file=str(tmp_path / "api.yaml")
    )

    assert (tmp_path / "api.yaml").stat().st_size > 20_000


@pytest.mark.parametrize("consulta", ["", "?format=json"])
def test_it_is_served_as_json_to_anybody(consulta: str) -> None:
    resposta = Client().get(f"/api/v1/schema/{consulta}")

    assert resposta.status_code == 200
    assert resposta.json()["info"]["title"] == "API do Conexões"


def test_it_is_served_as_yaml() -> None:
    resposta = Client().get("/api/v1/schema/?format=yaml")

    assert resposta.status_code == 200
    assert yaml.safe_load(resposta.content)["paths"] == esquema()["paths"]


def test_every_endpoint_says_in_portuguese_what_it_does() -> None:
    mudas = [
        f"{metodo} {caminho}"
        for caminho, metodo, operacao in operacoes()
        if not operacao.get("summary") or len(operacao["tags"]) != 1
    ]

    assert mudas == []
    assert len(operacoes()) > 35


def test_every_endpoint_documents_its_errors_and_how_to_get_in() -> None:
    for caminho, _metodo, operacao in operacoes():
        respostas = operacao["responses"]
        assert {"401", "429", "default"} <= set(respostas), caminho
        if caminho.startswith("/api/v1/auth/"):
            continue
        if caminho.startswith("/api/admin/"):
            assert operacao["security"] == [{"Sessao": []}], caminho
            continue
        assert {tuple(s) for s in operacao["security"]} == {
            ("Token",),
            ("ChaveDeApi",),
            ("Sessao",),
        }, caminho


def test_sends_may_name_their_call() -> None:
    com_chave = {
        operacao["operationId"]
        for _caminho, _metodo, operacao in operacoes()
        for parametro in operacao.get("parameters", [])
        if parametro["name"] == "Idempotency-Key"
    }

    assert com_chave == {
        *("criar_oportunidade", "ganhar_oportunidade", "perder_oportunidade"),
        "reabrir_oportunidade",
        *("enviar_mensagem", "enviar_pelo_gateway", "anotar"),
        *("criar_contato", "iniciar_conversa", "mapear_formulario"),
        *("importar_leads_antigos", "reprocessar_lead"),
    }


def test_the_scopes_offered_are_those_that_endpoints_ask_for() -> None:
    pedidos = {
        descricao.rpartition("Escopo: `")[2].removesuffix("`.")
        for _caminho, _metodo, operacao in operacoes()
        if "Escopo: `" in (descricao := operacao.get("description", ""))
    }

    assert pedidos == set(ESCOPOS)


@pytest.mark.django_db
def test_errors_look_as_documented(gente: SimpleNamespace) -> None:
    forma = esquema()["components"]["schemas"]["Erro"]

    Draft202012Validator(forma).validate(Client().get("/api/v1/contatos").json())


def test_the_page_needs_no_looser_policy() -> None:
    resposta = Client().get("/api/v1/docs/")

    assert resposta.status_code == 200
    politica = resposta["Content-Security-Policy"]
    assert "script-src 'self'" in politica
    assert "unsafe" not in politica
    assert "http" not in politica
    assert b"<script src=" in resposta.content
    assert b"//cdn" not in resposta.content
    assert b"<style" not in resposta.content
