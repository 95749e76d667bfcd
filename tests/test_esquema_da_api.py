"""Schemathesis asks our own OpenAPI what it allows, and some of what it does not.

Whoever asks and whatever they send: never a 5xx, always an answer as documented.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from conexoes.chaves import ESCOPOS
from crm.models import Conversa
from tests.crm.conftest import nova_conversa, nova_mensagem, novo_contato
from tests.whatsapp.dominio import criar_sessao

pytestmark = pytest.mark.django_db

CONFERIR = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# A stream has no end to wait for; it has tests of its own.
SEM_FIM = "/api/integrations/providers/{slug}/qr/stream"
# Who asks, how well, and how often of each operation. What is wrong with a body is
# found before it matters who sent it, so that one of them says it wrongly often enough.
PERGUNTAS = [
    ("ana", GenerationMode.POSITIVE, 3),
    ("ana", GenerationMode.NEGATIVE, 2),
    ("bruno", GenerationMode.POSITIVE, 2),
    ("chave", GenerationMode.POSITIVE, 1),
    ("chave", GenerationMode.NEGATIVE, 1),
    ("ninguem", GenerationMode.POSITIVE, 1),
]


@contextmanager
def conexao_do_teste() -> Iterator[None]:
    """Keep the test's connection open, as Django's own test client does."""
    for sinal in (request_started, request_finished):
        sinal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for sinal in (request_started, request_finished):
            sinal.connect(close_old_connections)


@pytest.fixture
def conhecidos(gente: SimpleNamespace) -> dict[str, str]:
    """What exists, for the addresses; and one conversation of another organisation."""
    sessao = criar_sessao(gente.ana)
    contato = novo_contato(gente.aurora, telefone="+5531988887777")
    conversa = nova_conversa(contato, gente.ana, conexao_id=sessao.pk)
    alheia: Conversa = nova_conversa(novo_contato(gente.brisa), gente.carla)
    nova_mensagem(alheia)
    return {
        "contato_id": str(contato.pk),
        "conversa_id": str(conversa.pk),
        "mensagem_id": str(nova_mensagem(conversa).pk),
        "tenant_id": str(gente.aurora.pk),
        "slug": "whatsapp_session",
    }


@pytest.fixture
def cabecalhos(
    token: Callable[[str], dict[str, str]], chave: Callable[..., dict[str, str]]
) -> Callable[[str], dict[str, str]]:
    def _cabecalhos(quem: str) -> dict[str, str]:
        if quem == "ninguem":
            return {}
        return chave("ana", *ESCOPOS) if quem == "chave" else token(quem)

    return _cabecalhos


@pytest.mark.parametrize(
    ("quem", "modo", "exemplos"), PERGUNTAS, ids=lambda p: getattr(p, "value", str(p))
)
def test_every_answer_is_as_documented(
    quem: str,
    modo: GenerationMode,
    exemplos: int,
    conhecidos: dict[str, str],
    cabecalhos: Callable[[str], dict[str, str]],
    settings: Any,
) -> None:
    settings.API_POR_SEGUNDO = 100_000
    settings.ALLOWED_HOSTS = ["*"]
    quem_chama = cabecalhos(quem)

    with conexao_do_teste():
        perguntadas = _perguntar_tudo(modo, exemplos, quem_chama, conhecidos)

    assert perguntadas > (35 if modo == GenerationMode.POSITIVE else 20)


def _perguntar_tudo(
    modo: GenerationMode,
    exemplos: int,
    cabecalhos: dict[str, str],
    conhecidos: dict[str, str],
) -> int:
    """Ask every operation; of how many there was something to ask."""
    esquema = schemathesis.openapi.from_wsgi("/api/v1/schema/", get_wsgi_application())
    perguntadas = 0
    for achada in esquema.get_all_operations():
        operacao = achada.ok()
        if operacao.path == SEM_FIM:
            continue
        try:
            _perguntar(operacao, modo, exemplos, cabecalhos, conhecidos)
        except Unsatisfiable:
            # Nothing about this call can be said wrongly.
            continue
        perguntadas += 1
    return perguntadas


def _perguntar(
    operacao: Any,
    modo: GenerationMode,
    exemplos: int,
    cabecalhos: dict[str, str],
    conhecidos: dict[str, str],
) -> None:
    @given(
        caso=operacao.as_strategy(generation_mode=modo),
        existe=st.sampled_from([True, False]),
    )
    @settings(
        max_examples=exemplos,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def chamar(caso: Any, existe: bool) -> None:
        if existe:
            for nome in set(caso.path_parameters or {}) & set(conhecidos):
                caso.path_parameters[nome] = conhecidos[nome]
        resposta = caso.call(headers=cabecalhos)
        caso.validate_response(resposta, checks=CONFERIR)

    chamar()
