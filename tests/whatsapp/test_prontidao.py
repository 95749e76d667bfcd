"""Above the box where one writes: whether it goes at once, before it is written."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from conexoes import valkey
from conexoes.tenancy import na
from crm.models import Conversa
from tests.crm.conftest import nova_conversa, novo_contato
from tests.whatsapp.dominio import mudar_sessao
from tests.whatsapp.telas import texto
from whatsapp.models import SessaoWhatsapp

Entrar = Callable[[str], Client]
NA_FILA = "O que você enviar espera na fila e sai quando ele voltar."


@pytest.fixture
def aberta(gente: SimpleNamespace, sessao: SessaoWhatsapp) -> Conversa:
    rita = novo_contato(gente.aurora, "Rita", telefone="+5531988887777")
    return nova_conversa(rita, gente.ana, conexao_id=sessao.pk)


def na_tela(navegador: Client, aberta: Conversa) -> str:
    return texto(navegador.get(f"/conversas/{aberta.pk}/"))


def test_nothing_is_said_while_the_number_is_ready(
    aberta: Conversa, entrar: Entrar
) -> None:
    pagina = na_tela(entrar("ana"), aberta)

    assert 'id="espera"' in pagina
    assert NA_FILA not in pagina


@pytest.mark.parametrize(
    ("campos", "situacao"),
    [
        ({"status": "connecting"}, "Conectando"),
        ({"status": "failed"}, "Falha na conexão"),
        ({"status": "disconnected", "ligada": False}, "Desconectado"),
        ({"quarentena_em": timezone.now()}, "Precisa de um novo QR Code"),
    ],
)
def test_a_number_that_is_away_is_told_before_one_writes(
    aberta: Conversa,
    sessao: SessaoWhatsapp,
    entrar: Entrar,
    campos: dict[str, object],
    situacao: str,
) -> None:
    mudar_sessao(sessao, **campos)

    pagina = na_tela(entrar("ana"), aberta)

    assert f"O WhatsApp deste número está assim: {situacao}. {NA_FILA}" in pagina


def test_a_server_that_is_away_is_told_too(aberta: Conversa, entrar: Entrar) -> None:
    valkey.cliente().set("whatsapp:servidor_fora:desde", int(time.time()) - 301)

    pagina = na_tela(entrar("ana"), aberta)

    assert f"O servidor do WhatsApp não responde. {NA_FILA}" in pagina


def test_who_may_not_answer_is_told_nothing_of_the_queue(
    aberta: Conversa, sessao: SessaoWhatsapp, entrar: Entrar
) -> None:
    mudar_sessao(sessao, status="connecting")

    assert NA_FILA not in na_tela(entrar("bruno"), aberta)


def test_asked_again_by_itself_it_reads_no_message(
    aberta: Conversa, sessao: SessaoWhatsapp, entrar: Entrar
) -> None:
    ana = entrar("ana")
    [pede] = re.findall(r'id="espera".*?hx-get="([^"]+)"', na_tela(ana, aberta), re.S)
    with na(sessao.organizacao_id):
        Conversa.da(sessao.organizacao_id).update(nao_lidas=2)
    mudar_sessao(sessao, status="connecting")

    resposta = ana.get(pede, headers={"HX-Request": "true"})

    assert f"assim: Conectando. {NA_FILA}" in texto(resposta)
    with na(sessao.organizacao_id):
        assert Conversa.da(sessao.organizacao_id).get(pk=aberta.pk).nao_lidas == 2
