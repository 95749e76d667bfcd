"""One call, one send: repeated, side by side, and after a crash half way."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from conexoes.models import ChamadaIdempotente, EventoPendente
from conexoes.tasks import reter
from conexoes.tenancy import na, sistema
from crm.models import Contato, Conversa, Mensagem
from tests.crm.conftest import nova_conversa

pytestmark = pytest.mark.django_db

Token = Callable[[str], dict[str, str]]


def mandar(
    conversa: Conversa, cabecalhos: dict[str, str], chave: str, texto: str = "Oi"
) -> Any:
    return Client(raise_request_exception=False).post(
        f"/api/v1/conversas/{conversa.pk}/mensagens",
        {"texto": texto},
        content_type="application/json",
        headers={**cabecalhos, "Idempotency-Key": chave},
    )


def quantas() -> tuple[int, int, int]:
    with sistema("comando"):
        return (
            Mensagem.objects.count(),
            EventoPendente.objects.count(),
            ChamadaIdempotente.objects.count(),
        )


def test_the_same_call_again_is_the_same_answer_and_no_second_send(
    token: Token, conversa: Conversa
) -> None:
    cabecalhos = token("bruno")
    primeira = mandar(conversa, cabecalhos, "pedido-1")

    segunda = mandar(conversa, cabecalhos, "pedido-1")

    assert (segunda.status_code, segunda.json()) == (201, primeira.json())
    assert "Idempotency-Replayed" not in primeira
    assert segunda["Idempotency-Replayed"] == "true"
    assert quantas() == (1, 1, 1)


def test_the_same_key_for_another_call_is_422(
    token: Token, conversa: Conversa, gente: SimpleNamespace, rita: Contato
) -> None:
    cabecalhos = token("bruno")
    mandar(conversa, cabecalhos, "pedido-1")

    outro_texto = mandar(conversa, cabecalhos, "pedido-1", "Outra coisa")
    outra_conversa = mandar(nova_conversa(rita, gente.bruno), cabecalhos, "pedido-1")

    for resposta in (outro_texto, outra_conversa):
        assert resposta.status_code == 422
        assert resposta.json()["erro"]["codigo"] == "chave_reutilizada"
    assert quantas() == (1, 1, 1)


def test_each_person_has_keys_of_their_own(
    token: Token, conversa: Conversa, alheia: Conversa
) -> None:
    respostas = [
        mandar(conversa, token("bruno"), "k"),
        mandar(conversa, token("ana"), "k"),
        mandar(alheia, token("davi"), "k"),
    ]

    assert [r.status_code for r in respostas] == [201] * 3
    assert quantas() == (3, 3, 3)


@pytest.mark.parametrize("chave", ["", " ", "a b", "á", "a" * 256, "a\tb"])
def test_a_bad_key_is_400_and_sends_nothing(
    token: Token, conversa: Conversa, chave: str
) -> None:
    resposta = mandar(conversa, token("bruno"), chave)

    assert resposta.status_code == 400
    assert resposta.json()["erro"]["codigo"] == "chave_de_idempotencia_invalida"
    assert quantas() == (0, 0, 0)


def test_a_refused_call_keeps_nothing_and_may_be_tried_again(
    token: Token, conversa: Conversa
) -> None:
    cabecalhos = token("bruno")

    recusada = mandar(conversa, cabecalhos, "k", " ")
    mandada = mandar(conversa, cabecalhos, "k", "Agora sim")

    assert (recusada.status_code, mandada.status_code) == (400, 201)
    assert quantas() == (1, 1, 1)


def _cair(*args: Any, **kwargs: Any) -> None:
    raise RuntimeError("the process dies while it keeps the answer")


def test_a_crash_half_way_leaves_nothing_and_the_next_try_sends_once(
    token: Token, conversa: Conversa, monkeypatch: pytest.MonkeyPatch
) -> None:
    cabecalhos = token("bruno")
    monkeypatch.setattr(ChamadaIdempotente, "save", _cair)
    caida = mandar(conversa, cabecalhos, "k")
    monkeypatch.undo()

    assert caida.status_code == 500
    assert quantas() == (0, 0, 0)
    assert mandar(conversa, cabecalhos, "k").status_code == 201
    assert mandar(conversa, cabecalhos, "k").status_code == 201
    assert quantas() == (1, 1, 1)


def test_files_with_the_same_content_are_the_same_call(
    token: Token, conversa: Conversa
) -> None:
    cabecalhos = token("bruno") | {"Idempotency-Key": "k"}

    def enviar(conteudo: bytes) -> Any:
        # Each form is cut with a boundary of its own.
        return Client().post(
            f"/api/v1/conversas/{conversa.pk}/mensagens",
            {"texto": "oi", "arquivos": [SimpleUploadedFile("a.txt", conteudo)]},
            headers=cabecalhos,
        )

    uma, igual, outra = enviar(b"um"), enviar(b"um"), enviar(b"dois")

    assert [r.status_code for r in (uma, igual, outra)] == [201, 201, 422]
    assert uma.json() == igual.json()
    assert quantas() == (1, 1, 1)


def envelhecer(horas: int) -> None:
    """What was kept is older; the clock stands, since keys of rows follow it."""
    with sistema("comando"):
        ChamadaIdempotente.objects.update(
            criado_em=timezone.now() - timedelta(hours=horas)
        )


def test_an_answer_is_kept_for_a_day(token: Token, conversa: Conversa) -> None:
    cabecalhos = token("bruno")
    mandar(conversa, cabecalhos, "velha")
    envelhecer(23)
    reter()
    assert mandar(conversa, cabecalhos, "velha")["Idempotency-Replayed"] == "true"

    envelhecer(25)
    nova = mandar(conversa, cabecalhos, "velha")
    assert "Idempotency-Replayed" not in nova
    assert quantas() == (2, 2, 1)

    envelhecer(25)
    reter()
    assert quantas() == (2, 2, 0)


@pytest.mark.parametrize(
    ("caminho", "corpo"),
    [("contatos", {"nome": "Zé", "email": "ze@x.test"}), ("notas", {"texto": "Oi"})],
)
def test_what_else_creates_may_be_named_too(
    token: Token, conversa: Conversa, caminho: str, corpo: dict[str, str]
) -> None:
    base = "/api/v1/" if caminho == "contatos" else f"/api/v1/conversas/{conversa.pk}/"

    uma, outra = (
        Client().post(
            base + caminho,
            corpo,
            content_type="application/json",
            headers=token("bruno") | {"Idempotency-Key": "k"},
        )
        for _ in range(2)
    )

    assert (uma.status_code, outra.status_code) == (201, 201)
    assert uma.json() == outra.json()


@pytest.mark.django_db(transaction=True)
def test_side_by_side_calls_send_once(token: Token, conversa: Conversa) -> None:
    cabecalhos, largada = token("bruno"), Barrier(4)

    def chamar(_n: int) -> Any:
        try:
            largada.wait(10)
            return mandar(conversa, cabecalhos, "k")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as executor:
        respostas = list(executor.map(chamar, range(4)))

    certas = [r for r in respostas if r.status_code == 201]
    demoradas = [r for r in respostas if r.status_code != 201]
    # Who waited longer than a busy machine allows is told to ask again.
    assert {r.json()["erro"]["codigo"] for r in demoradas} <= {"em_andamento"}
    assert len({r.content for r in certas}) == 1
    assert sum("Idempotency-Replayed" not in r for r in certas) == 1
    assert quantas() == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_call_that_is_still_at_work_answers_409(
    token: Token, conversa: Conversa, gente: SimpleNamespace
) -> None:
    cabecalhos = token("bruno")

    def chamar() -> Any:
        try:
            return mandar(conversa, cabecalhos, "k")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as executor, na(gente.aurora, gente.bruno):
        # Somebody reserved the key and has not finished.
        ChamadaIdempotente.objects.create(
            organizacao=gente.aurora, usuario=gente.bruno, chave="k", resumo="x"
        )
        resposta = executor.submit(chamar).result(30)

    assert resposta.status_code == 409
    assert resposta.json()["erro"]["codigo"] == "em_andamento"
    assert resposta["Retry-After"] == "1"
