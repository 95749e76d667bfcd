"""Meta's door: one for all organisations, opened by the app's secret alone."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.core.asgi import get_asgi_application
from django.db import connection
from django.test import Client
from django.utils import timezone

from conexoes import portaria, webhooks
from conexoes.models import CredencialGlobal, WebhookRecebido
from conexoes.tenancy import na, sistema
from tests.conexoes.test_portaria import falar, outros
from tests.meta.portas import (
    ASSINATURA,
    CORPO,
    SEGREDO,
    TOKEN,
    WEBHOOK,
    assinar,
    credencial,
    postar,
)
from tests.produto import esperar

pytestmark = pytest.mark.django_db(transaction=True)

MAIOR = 4 * 1024 * 1024


def guardados():
    with sistema("comando"):
        return list(WebhookRecebido.objects.order_by("criado_em", "id"))


@pytest.fixture
def meta(db):
    return credencial()


def mudar(**campos):
    with sistema("comando"):
        atual = CredencialGlobal.objects.get(provedor="meta")
        for nome, valor in campos.items():
            setattr(atual, nome, valor)
        atual.save()


# --- what is kept ----------------------------------------------------------


def test_metas_own_signature_is_ours(gente, meta):
    resposta = postar(CORPO, ASSINATURA, **{"User-Agent": "facebook", "Cookie": "x=1"})

    assert (resposta.status_code, resposta.content) == (200, b"")
    assert resposta.cookies == {}
    [linha] = guardados()
    assert bytes(linha.corpo) == CORPO
    assert (linha.endpoint, linha.organizacao_id) == ("meta-leads", None)
    assert (linha.tipo, linha.destino) == ("webhook", "meta.webhook")
    assert linha.chave == hashlib.sha256(CORPO).hexdigest()
    assert (linha.status, linha.motivo, linha.max_tentativas) == ("pending", "", 8)
    assert linha.cabecalhos == {"User-Agent": "facebook"}


def test_repeated_delivery_is_answered_and_kept_once(gente, meta):
    assert [postar(CORPO).status_code for _ in range(3)] == [200] * 3
    assert len(guardados()) == 1


def test_no_organisation_sees_what_is_not_yet_anybodys(gente, meta):
    postar(CORPO)

    for organizacao in (gente.aurora, gente.brisa):
        with na(organizacao):
            assert WebhookRecebido.objects.count() == 0


def test_receiver_asks_the_database_once(gente, meta, django_assert_num_queries):
    postar(CORPO)

    with django_assert_num_queries(1):
        assert postar(b"{}").status_code == 200


# --- what is refused -------------------------------------------------------

LIDO = json.loads(CORPO)
OUTRAS_FORMAS = {
    "compact": json.dumps(LIDO, separators=(",", ":")).encode(),
    "utf-8": json.dumps(LIDO, separators=(",", ":"), ensure_ascii=False).encode(),
    "default": json.dumps(LIDO).encode(),
}
CONTAS = {"compact": "11b0286d", "utf-8": "dccf265b", "default": "e2ba4bcb"}
REORDENADO = json.dumps(dict(reversed(LIDO.items())), separators=(",", ":")).encode()


@pytest.mark.parametrize("forma", OUTRAS_FORMAS)
def test_signature_of_another_spelling_is_not_ours(gente, meta, forma):
    conta = assinar(OUTRAS_FORMAS[forma])

    assert conta.startswith(f"sha256={CONTAS[forma]}")
    assert postar(CORPO, conta).status_code == 401
    assert guardados() == []


@pytest.mark.parametrize(
    "corpo", [*OUTRAS_FORMAS.values(), REORDENADO, CORPO + b"\n", b" " + CORPO, b""]
)
def test_body_written_anew_is_refused(gente, meta, corpo):
    resposta = postar(corpo, ASSINATURA)

    assert (resposta.status_code, resposta.content) == (401, b"")
    assert guardados() == []


SEM_PREFIXO = ASSINATURA.removeprefix("sha256=")
RECUSADAS = {
    "missing": "",
    "another secret": assinar(CORPO, "outro"),
    "an empty secret": assinar(CORPO, ""),
    "no prefix": SEM_PREFIXO,
    "another prefix": f"sha1={SEM_PREFIXO}",
    "twice the prefix": f"sha256={ASSINATURA}",
    "upper case": f"sha256={SEM_PREFIXO.upper()}",
    "cut": ASSINATURA[:-1],
    "not ascii": "sha256=" + "é" * 64,
}


@pytest.mark.parametrize("assinatura", RECUSADAS.values(), ids=RECUSADAS.keys())
def test_doubtful_signature_leaves_no_row(gente, meta, assinatura):
    # The old header is there too, and counts for nothing.
    antiga = {"X-Hub-Signature": "sha1=" + "0" * 40}

    resposta = postar(CORPO, assinatura, **antiga)

    assert (resposta.status_code, resposta.content) == (401, b"")
    assert guardados() == []


def test_body_at_the_cap_is_kept_and_one_byte_more_is_not(gente, meta):
    cheio = b" " * MAIOR

    assert postar(cheio).status_code == 200
    assert postar(cheio + b" ").status_code == 413
    assert [len(linha.corpo) for linha in guardados()] == [MAIOR]


@pytest.mark.parametrize("codificacao", ["gzip", "br"])
def test_encoded_body_is_refused(gente, meta, codificacao):
    resposta = postar(CORPO, **{"Content-Encoding": codificacao})

    assert resposta.status_code == 415
    assert guardados() == []


@pytest.mark.parametrize("metodo", ["put", "delete", "head", "patch"])
def test_only_get_and_post_are_served(gente, meta, metodo):
    assert getattr(Client(), metodo)(WEBHOOK).status_code == 405
    assert guardados() == []


# --- secrets ---------------------------------------------------------------


@pytest.mark.parametrize("ha", ["no credential", "no secret"])
def test_without_a_secret_meta_is_asked_to_come_back(gente, ha):
    if ha == "no secret":
        credencial(segredo="")

    assert postar(CORPO).status_code == 503
    assert postar(CORPO, assinar(CORPO, "")).status_code == 503
    assert guardados() == []


def test_unreadable_secret_asks_to_try_later(gente, meta):
    with sistema("comando"), connection.cursor() as cursor:
        cursor.execute("UPDATE credenciais_globais SET segredo_encrypted = 'v1.x.AA'")

    assert postar(CORPO).status_code == 503
    assert guardados() == []


def test_previous_secret_signs_until_its_day_is_over(gente, meta):
    amanha = timezone.now() + timedelta(hours=24)
    mudar(segredo="novo", segredo_anterior=SEGREDO, segredo_anterior_ate=amanha)

    assert postar(CORPO).status_code == 200
    assert postar(b"{}", assinar(b"{}", "novo")).status_code == 200

    webhooks.esquecer_segredos()
    with time_machine.travel(amanha + timedelta(seconds=1)):
        assert postar(b"[]").status_code == 401
        assert postar(b"[]", assinar(b"[]", "novo")).status_code == 200
    assert len(guardados()) == 3


def test_previous_secret_without_a_day_never_signs(gente, meta):
    mudar(segredo="novo", segredo_anterior=SEGREDO)

    assert postar(CORPO).status_code == 401


def test_secret_is_remembered_for_half_a_minute(gente, meta, monkeypatch):
    assert postar(CORPO).status_code == 200
    mudar(segredo="novo")
    nova = assinar(b"{}", "novo")
    assert postar(b"{}", nova).status_code == 401

    monkeypatch.setattr(webhooks, "_SEGREDOS_POR_S", 0.0)
    webhooks.esquecer_segredos()
    assert postar(b"{}", nova).status_code == 200


# --- the handshake ---------------------------------------------------------


def apresentar(**campos):
    pedido = {
        "hub.mode": "subscribe",
        "hub.challenge": "1158201444",
        "hub.verify_token": TOKEN,
        **{f"hub.{nome}": valor for nome, valor in campos.items()},
    }
    return Client().get(WEBHOOK, {n: v for n, v in pedido.items() if v is not None})


@pytest.mark.parametrize("desafio", ["1158201444", "a-B_9", "x" * 64])
def test_challenge_comes_back_as_plain_text(gente, meta, desafio):
    resposta = apresentar(challenge=desafio)

    assert (resposta.status_code, resposta.content.decode()) == (200, desafio)
    assert resposta["Content-Type"] == "text/plain"
    assert resposta["X-Content-Type-Options"] == "nosniff"
    assert guardados() == []


RUINS = {
    "markup": {"challenge": "<script>alert(1)</script>"},
    "an entity": {"challenge": "&lt;b&gt;"},
    "a line more": {"challenge": "1158201444\n"},
    "too long": {"challenge": "1" * 65},
    "not ascii": {"challenge": "١٢٣"},
    "empty": {"challenge": ""},
    "no challenge": {"challenge": None},
    "another token": {"verify_token": "outro"},
    "token not ascii": {"verify_token": "é\u0000"},
    "empty token": {"verify_token": ""},
    "no token": {"verify_token": None},
    "another mode": {"mode": "unsubscribe"},
    "no mode": {"mode": None},
}


@pytest.mark.parametrize("campos", RUINS.values(), ids=RUINS.keys())
def test_doubtful_handshake_gets_nothing_back(gente, meta, campos):
    resposta = apresentar(**campos)

    assert (resposta.status_code, resposta.content) == (403, b"")
    assert resposta["X-Content-Type-Options"] == "nosniff"


def test_handshake_without_a_token_of_ours_is_refused(gente):
    assert apresentar(verify_token="").status_code == 403
    credencial(token_de_verificacao="")
    assert apresentar(verify_token="").status_code == 403


def test_unreadable_token_asks_to_try_later(gente, meta):
    with sistema("comando"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE credenciais_globais SET token_de_verificacao_encrypted = 'v1.x.AA'"
        )

    assert apresentar().status_code == 503


# --- the same door before Django -------------------------------------------


@pytest.fixture
def porta():
    antes = outros()
    yield portaria.Portaria(get_asgi_application())
    esperar(lambda: outros() == antes)


@async_to_sync
async def pelo_asgi(porta, *corpos, assinatura="", metodo="POST"):
    assinada = assinatura or assinar(b"".join(corpos))
    cabecalhos = {"X-Hub-Signature-256": assinada}
    return await falar(porta, WEBHOOK, corpos, cabecalhos, metodo)


def test_delivery_in_pieces_is_kept_as_it_came(gente, meta, porta):
    assert pelo_asgi(porta, CORPO[:99], CORPO[99:]) == (200, b"")

    [linha] = guardados()
    assert (linha.endpoint, linha.organizacao_id) == ("meta-leads", None)
    assert bytes(linha.corpo) == CORPO


def test_cap_of_this_door_holds_before_django_too(gente, meta, porta):
    assert pelo_asgi(porta, b" " * MAIOR) == (200, b"")
    assert pelo_asgi(porta, b" " * MAIOR, b" ") == (413, b"")
    assert [len(linha.corpo) for linha in guardados()] == [MAIOR]


def test_false_signature_and_missing_secret_before_django(gente, porta):
    assert pelo_asgi(porta, CORPO) == (503, b"")
    credencial()
    assert pelo_asgi(porta, CORPO, assinatura=assinar(CORPO, "outro")) == (401, b"")
    assert guardados() == []


def test_more_bytes_than_fit_in_memory_are_asked_to_come_back(
    gente, meta, porta, monkeypatch
):
    monkeypatch.setattr(portaria, "_BYTES_A_ESPERA", len(CORPO) - 1)

    assert pelo_asgi(porta, CORPO) == (503, b"")
    assert pelo_asgi(porta, b"{}") == (200, b"")
    assert [bytes(linha.corpo) for linha in guardados()] == [b"{}"]


def test_handshake_goes_on_to_django(gente, meta, porta):
    assert pelo_asgi(porta, b"", metodo="GET") == (403, b"")
