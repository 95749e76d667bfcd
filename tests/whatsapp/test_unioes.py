"""Two contacts are united while one of them is writing: nothing is lost or doubled."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client

from conexoes.models import Status, WebhookRecebido
from crm.models import Contato, Conversa, Mensagem
from tests.trabalho import apressar, drenar_entrada
from tests.whatsapp.dominio import todas, uma
from tests.whatsapp.waha import Entregador

pytestmark = pytest.mark.django_db(transaction=True)

CHATS = ("5531988880001@c.us", "5531988880002@c.us")
DITAS = 8


@pytest.mark.parametrize("mantido", [0, 1])
def test_customer_who_writes_while_being_united(
    gente: SimpleNamespace,
    entregar: Entregador,
    entrar: Callable[[str], Client],
    mantido: int,
) -> None:
    navegador = entrar("ana")
    for n, chat in enumerate(CHATS):
        entregar.recado(f"primeira {n}", id_=f"P{n}", chat=chat)
    pessoas = [c.contato_id for c in todas(Conversa)]
    fica, sai = pessoas[mantido], pessoas[1 - mantido]
    largada = Barrier(3)

    def escrever(n: int) -> None:
        try:
            largada.wait(10)
            for vez in range(DITAS):
                entregar.recado(f"{n} {vez}", id_=f"M{n}{vez}", chat=CHATS[n])
        finally:
            connection.close()

    def unir() -> int:
        try:
            largada.wait(10)
            endereco = f"/contatos/{fica}/unir/"
            return navegador.post(endereco, {"outro": str(sai)}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as tres:
        escritos = [tres.submit(escrever, n) for n in (0, 1)]
        uniao = tres.submit(unir)
        for feito in escritos:
            feito.result(60)
    # What met the union half-way was put back, and comes again.
    while todas(WebhookRecebido, status=Status.PENDENTE):
        apressar()
        drenar_entrada()

    assert uniao.result() == 200
    assert todas(WebhookRecebido, status=Status.FALHOU) == []
    esperadas = {f"{n} {vez}" for n in (0, 1) for vez in range(DITAS)}
    textos = [m.texto for m in todas(Mensagem)]
    assert sorted(textos) == sorted(esperadas | {"primeira 0", "primeira 1"})
    assert uma(Contato).pk == fica
    conversa = uma(Conversa)
    assert conversa.nao_lidas == len(textos)
    assert {m.conversa_id for m in todas(Mensagem)} == {conversa.pk}
