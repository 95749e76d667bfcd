"""The WAHA server itself in trouble: nothing is said of any session, people are."""

import json
import time
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from conexoes import valkey
from conexoes.models import CredencialGlobal, EventoPendente, Notificacao
from crm.models import Usuario
from tests.servidor import Servidor
from tests.whatsapp.dominio import (
    criar_sessao,
    mudar_sessao,
    todas,
    uma,
    usar_servidor,
)
from tests.whatsapp.telas import PAGINA
from tests.whatsapp.waha import na_lista
from whatsapp.models import SessaoWhatsapp
from whatsapp.tasks import vigiar

Olhar = Callable[[int, Any], None]


@pytest.fixture
def olhar(servidor: Servidor, sessao: SessaoWhatsapp) -> Olhar:
    """One round, in which the server answers this."""
    usar_servidor(servidor.url)
    mudar_sessao(sessao, conectado_em=timezone.now())

    def _olhar(status: int, corpo: Any) -> None:
        servidor.respostas = [(status, corpo)]
        vigiar()

    return _olhar


def titulos(usuario: Usuario) -> list[str]:
    return [n.titulo for n in todas(Notificacao, usuario=usuario)]


def ha_minutos() -> None:
    """The outage began five minutes ago, and a second."""
    valkey.cliente().set("whatsapp:servidor_fora:desde", int(time.time()) - 301)


def test_page_and_hub_do_not_call_well_what_nobody_knows(
    olhar: Olhar, sessao: SessaoWhatsapp, entrar: Callable[[str], Client]
) -> None:
    ana = entrar("ana")
    olhar(500, {"message": "boom"})
    assert "Instável" not in ana.get(PAGINA).content.decode()
    ha_minutos()

    pagina, hub = (
        ana.get(url).content.decode() for url in (PAGINA, "/configuracoes/conexoes/")
    )

    assert "Instável" in pagina
    assert "O servidor do WhatsApp não responde." in pagina
    assert "Instável" in hub
    olhar(200, [na_lista(sessao)])
    assert "Instável" not in ana.get(PAGINA).content.decode()


@pytest.mark.django_db(transaction=True)
def test_open_pages_learn_that_the_server_is_away_and_back(
    olhar: Olhar, sessao: SessaoWhatsapp
) -> None:
    canal = f"aovivo:{sessao.organizacao_id}"
    with valkey.cliente().pubsub() as assinatura:
        assinatura.subscribe(canal)
        assert assinatura.get_message(timeout=5)["type"] == "subscribe"
        olhar(500, {"message": "boom"})
        fora = recados(assinatura)
        olhar(200, [na_lista(sessao)])

        assert fora == recados(assinatura) == ["whatsapp", "conexoes"]


def recados(assinatura: Any) -> list[str]:
    ouvidos = iter(lambda: assinatura.get_message(timeout=0.5), None)
    return [json.loads(o["data"])["o"] for o in ouvidos if o["type"] == "message"]


@pytest.mark.parametrize(
    ("status", "corpo"),
    [
        (500, {"message": "boom"}),
        (401, {"message": "Unauthorized", "statusCode": 401}),
        (404, {"message": "Cannot GET"}),
        (200, {}),
        (200, {"error": "x"}),
        (200, "olá"),
        (200, b"<html>"),
        (200, b"null"),
    ],
)
def test_server_in_trouble_says_nothing_of_the_sessions(
    olhar: Olhar, sessao: SessaoWhatsapp, status: int, corpo: Any
) -> None:
    mudar_sessao(sessao, visto_em=timezone.now() - timedelta(days=1))

    olhar(status, corpo)

    assert uma(SessaoWhatsapp).status == "connected"
    assert (todas(EventoPendente), todas(Notificacao)) == ([], [])


def test_server_away_for_five_minutes_is_told_once_and_so_is_its_return(
    olhar: Olhar, sessao: SessaoWhatsapp, gente: SimpleNamespace
) -> None:
    criar_sessao(gente.bruno)
    olhar(500, {})
    olhar(500, {})
    assert todas(Notificacao) == []
    ha_minutos()

    olhar(500, {})
    olhar(500, {})

    fora = "O servidor do WhatsApp não responde"
    assert (titulos(gente.ana), titulos(gente.bruno)) == ([fora], [fora])
    assert titulos(gente.carla) == []
    assert uma(SessaoWhatsapp, pk=sessao.pk).status == "connected"

    # The circuit breaker is patient too, and closes by and by.
    for chave in valkey.cliente().scan_iter("disjuntor*"):
        valkey.cliente().delete(chave)
    olhar(200, [na_lista(sessao)])
    olhar(200, [na_lista(sessao)])

    volta = "O servidor do WhatsApp voltou"
    assert (titulos(gente.ana), titulos(gente.bruno)) == ([fora, volta], [fora, volta])


def test_admin_of_the_organisation_hears_of_the_server_too(
    servidor: Servidor, gente: SimpleNamespace
) -> None:
    usar_servidor(servidor.url)
    criar_sessao(gente.bruno)
    ha_minutos()
    servidor.respostas = [(500, {})]

    vigiar()

    contados = {n.usuario_id for n in todas(Notificacao)}
    assert contados == {gente.ana.pk, gente.bruno.pk}


def test_refused_key_is_noted_for_the_super_admin(
    olhar: Olhar, sessao: SessaoWhatsapp
) -> None:
    olhar(401, {"message": "Unauthorized"})

    assert uma(CredencialGlobal).problema == (
        "O servidor WAHA recusou a chave de API configurada."
    )
    assert uma(SessaoWhatsapp, pk=sessao.pk).status == "connected"
