"""Document 000's and 002's addresses: the same verbs, by the provider's name."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test import AsyncClient, Client
from django.utils import timezone

from conexoes import aovivo
from conexoes.api import fluxo_qr
from conexoes.models import ChaveDeApi, EventoPendente
from conexoes.tenancy import sistema
from crm.models import Mensagem
from tests.crm.conftest import nova_conversa, novo_contato
from tests.servidor import Servidor
from tests.whatsapp.dominio import criar_sessao, todas, uma, usar_servidor
from tests.whatsapp.waha import na_lista
from whatsapp.models import SessaoWhatsapp

pytestmark = pytest.mark.django_db

Token = Callable[[str], dict[str, str]]
Chave = Callable[..., dict[str, str]]
BASE = "/api/integrations/providers"
NOMES = ("whatsapp_session", "whatsapp")


@pytest.fixture
def waha(gente: SimpleNamespace, servidor: Servidor) -> Servidor:
    """The installation's WAHA server, saying what a test tells it to."""
    usar_servidor(servidor.url)
    return servidor


def pedir(caminho: str, cabecalhos: dict[str, str], **corpo: Any) -> Any:
    return Client().post(
        f"{BASE}/{caminho}", corpo, content_type="application/json", headers=cabecalhos
    )


def ler(caminho: str, cabecalhos: dict[str, str]) -> Any:
    return Client().get(f"{BASE}/{caminho}", headers=cabecalhos)


@pytest.mark.parametrize("nome", NOMES)
def test_connecting_begins_as_from_the_page(
    token: Token, gente: SimpleNamespace, nome: str
) -> None:
    resposta = pedir(f"{nome}/connect", token("bruno"), aceito_risco=True)

    assert resposta.status_code == 201
    assert resposta.json() == {
        "provider": "whatsapp",
        "status": "pending_qr",
        "motivo": "",
        "conta": "",
        "conectado_em": None,
    }
    assert uma(SessaoWhatsapp).usuario_id == gente.bruno.pk


def test_an_empty_body_says_what_is_missing_the_first_time(token: Token) -> None:
    resposta = pedir("whatsapp_session/connect", token("bruno"))

    assert resposta.status_code == 409
    assert resposta.json()["erro"]["codigo"] == "regra_de_negocio"
    assert todas(SessaoWhatsapp) == []


def test_the_state_is_ones_own(token: Token, gente: SimpleNamespace) -> None:
    criar_sessao(gente.ana)

    ana, bruno, carla = (
        ler("whatsapp/status", token(quem)).json() for quem in ("ana", "bruno", "carla")
    )

    assert (ana["status"], ana["conta"]) == ("connected", "+55 11 99999-0000")
    assert bruno["status"] == carla["status"] == "disconnected"


def test_the_list_names_every_provider(token: Token, gente: SimpleNamespace) -> None:
    linhas = Client().get(BASE, headers=token("bruno")).json()["resultados"]

    assert {linha["status"] for linha in linhas} == {"disconnected"}
    assert [(p["provider"], p["nome"], p["pode_conectar"]) for p in linhas] == [
        ("whatsapp", "WhatsApp", True),
        ("meta", "Meta Ads", False),
        ("facebook_pages", "Páginas do Facebook", False),
    ]


@pytest.mark.parametrize("metodo", ["post", "delete"])
def test_disconnecting_ends_ones_own_number_only(
    token: Token, gente: SimpleNamespace, metodo: str
) -> None:
    minha, dela = criar_sessao(gente.bruno), criar_sessao(gente.ana)

    resposta = getattr(Client(), metodo)(
        f"{BASE}/whatsapp_session/disconnect", headers=token("bruno")
    )

    assert resposta.json()["status"] == "disconnected"
    assert uma(SessaoWhatsapp, pk=minha.pk).ligada is False
    assert uma(SessaoWhatsapp, pk=dela.pk).ligada is True


@pytest.mark.parametrize(
    "caminho", ["connect", "test", "disconnect", "mark-connected", "status"]
)
def test_an_unknown_provider_is_404(token: Token, caminho: str) -> None:
    chamada = ler if caminho == "status" else pedir

    assert chamada(f"telegram/{caminho}", token("ana")).status_code == 404


def test_a_key_needs_the_providers_own_scope(
    chave: Chave, gente: SimpleNamespace
) -> None:
    so_ve = chave("bruno", "conexoes.ver")
    conecta = chave("bruno", "conexoes.ver", "whatsapp.conectar")

    assert ler("whatsapp/status", so_ve).status_code == 200
    for verbo in ("connect", "disconnect", "test", "mark-connected"):
        assert pedir(f"whatsapp/{verbo}", so_ve).status_code == 403
    assert todas(SessaoWhatsapp) == []
    assert pedir("whatsapp/connect", conecta, aceito_risco=True).status_code == 201


def test_the_test_asks_the_server_now(
    token: Token, gente: SimpleNamespace, waha: Servidor
) -> None:
    sessao = criar_sessao(gente.ana)
    cabecalhos = token("ana")
    respostas = []
    for status in ("WORKING", "STOPPED"):
        waha.respostas.append((200, [na_lista(sessao, status=status)]))
        respostas.append(pedir("whatsapp/test", cabecalhos).json())
    waha.respostas.append((200, []))
    respostas.append(pedir("whatsapp/test", cabecalhos).json())

    assert [r["ok"] for r in respostas] == [True, False, False]
    assert "+55 11 99999-0000" in respostas[0]["mensagem"]
    assert "STOPPED" in respostas[1]["mensagem"]


def test_without_a_server_the_test_says_so(
    token: Token, gente: SimpleNamespace
) -> None:
    criar_sessao(gente.ana)

    resposta = pedir("whatsapp/test", token("ana"))

    assert resposta.status_code == 200
    assert resposta.json()["ok"] is False


def test_nobody_is_connected_because_a_caller_says_so(
    token: Token, gente: SimpleNamespace, waha: Servidor
) -> None:
    sessao = criar_sessao(gente.ana, status="qr_pending", status_do_provedor="")
    cabecalhos = token("ana")
    esperando = na_lista(sessao, status="SCAN_QR_CODE", me=None)
    waha.respostas += [(200, [esperando]), (200, [na_lista(sessao)])]

    ainda = pedir("whatsapp_session/mark-connected", cabecalhos).json()
    agora = pedir("whatsapp_session/mark-connected", cabecalhos).json()

    assert (ainda["status"], agora["status"]) == ("pending_qr", "connected")
    assert uma(SessaoWhatsapp).status == "connected"


# --- The stream --------------------------------------------------------------


async def _fluxo(cabecalhos: dict[str, str]) -> tuple[Any, list[dict[str, Any]]]:
    resposta = await AsyncClient().get(
        f"{BASE}/whatsapp_session/qr/stream",
        headers={**cabecalhos, "Accept": "text/event-stream"},
    )
    if not resposta.streaming:
        return resposta, []
    eventos: list[dict[str, Any]] = []
    async for parte in resposta.streaming_content:
        linhas = parte.decode().split("\n\n")
        eventos += [json.loads(x[6:]) for x in linhas if x.startswith("data: ")]
    return resposta, eventos


@pytest.mark.django_db(transaction=True)
def test_the_stream_ends_when_connected(token: Token, gente: SimpleNamespace) -> None:
    criar_sessao(gente.ana)

    resposta, eventos = asyncio.run(_fluxo(token("ana")))

    assert resposta["Content-Type"] == "text/event-stream"
    assert eventos == [{"type": "status", "status": "connected", "motivo": ""}]


@pytest.mark.django_db(transaction=True)
def test_the_stream_tells_each_thing_once_and_ends_in_time(
    token: Token, gente: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fluxo_qr, "_FLUXO_S", 0.5)
    monkeypatch.setattr(fluxo_qr, "_OLHAR_S", 0.1)
    criar_sessao(
        gente.ana,
        status="qr_pending",
        qr="2@abc",
        qr_expira_em=timezone.now() + timedelta(seconds=45),
        qr_numero=1,
    )

    _resposta, eventos = asyncio.run(_fluxo(token("ana")))

    assert [evento["type"] for evento in eventos] == ["status", "qr"]
    assert eventos[0]["status"] == "pending_qr"
    assert eventos[1]["qr"].startswith("data:image/png;base64,")
    assert eventos[1]["expires_in"] in (43, 44, 45)


@pytest.mark.django_db(transaction=True)
def test_the_stream_ends_with_its_key(
    chave: Chave, gente: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fluxo_qr, "_OLHAR_S", 0.1)
    criar_sessao(gente.ana, status="qr_pending")
    cabecalhos = chave("ana", "conexoes.ver", "whatsapp.conectar")

    async def cena() -> int:
        resposta = await AsyncClient().get(
            f"{BASE}/whatsapp_session/qr/stream", headers=cabecalhos
        )
        partes = aiter(resposta.streaming_content)
        assert b"pending_qr" in await anext(partes)
        await sync_to_async(_revogar_todas)()
        return len([parte async for parte in partes])

    # What was asked before the end of the key may still come.
    assert asyncio.run(asyncio.wait_for(cena(), 10)) <= 1


@pytest.mark.django_db(transaction=True)
def test_one_stream_too_many_is_refused(token: Token, gente: SimpleNamespace) -> None:
    criar_sessao(gente.ana, status="qr_pending")
    cabecalhos = token("ana")

    async def cena() -> Any:
        fluxos = [
            aovivo.central.fluxo(gente.aurora.pk, gente.ana.pk)
            for _ in range(aovivo.POR_PESSOA)
        ]
        for fluxo in fluxos:
            await anext(fluxo)
        resposta, _eventos = await _fluxo(cabecalhos)
        for fluxo in fluxos:
            await fluxo.aclose()  # type: ignore[attr-defined]
        return resposta

    recusa = asyncio.run(asyncio.wait_for(cena(), 20))

    assert (recusa.status_code, recusa["Retry-After"]) == (429, "30")
    assert recusa.json()["erro"]["codigo"] == "fluxos_demais"


def _revogar_todas() -> None:
    with sistema("comando"):
        ChaveDeApi.objects.update(revogada_em=timezone.now())
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_the_stream_takes_no_token_in_its_address(
    token: Token, chave: Chave, gente: SimpleNamespace
) -> None:
    criar_sessao(gente.ana)
    segredo = token("ana")["Authorization"].removeprefix("Bearer ")
    url = f"{BASE}/whatsapp_session/qr/stream?access_token={segredo}"

    assert Client().get(url).status_code == 401
    por_chave, _eventos = asyncio.run(
        _fluxo(chave("ana", "conexoes.ver", "whatsapp.conectar"))
    )
    assert por_chave.status_code == 200


# --- Document 002 ------------------------------------------------------------


def test_the_gateways_addresses_are_the_same_verbs(
    token: Token, gente: SimpleNamespace
) -> None:
    cabecalhos = token("bruno")
    tenant = gente.aurora.pk

    conectada = Client().post(
        "/api/whatsapp/connect",
        {"aceito_risco": True},
        content_type="application/json",
        headers=cabecalhos,
    )
    estado = Client().get(f"/api/whatsapp/status/{tenant}", headers=cabecalhos)
    fim = Client().delete(f"/api/whatsapp/disconnect/{tenant}", headers=cabecalhos)

    assert (conectada.status_code, estado.status_code, fim.status_code) == (
        *(201, 200, 200),
    )
    assert [r.json()["status"] for r in (conectada, estado, fim)] == [
        *("qr_pending", "qr_pending", "disconnected")
    ]


@pytest.mark.parametrize("de_quem", ["brisa", "ninguem"])
def test_another_tenant_is_404_and_nothing_happens(
    token: Token, gente: SimpleNamespace, de_quem: str
) -> None:
    dela, minha = criar_sessao(gente.carla), criar_sessao(gente.ana)
    tenant = gente.brisa.pk if de_quem == "brisa" else uuid4()
    cabecalhos = token("ana")

    lida = Client().get(f"/api/whatsapp/status/{tenant}", headers=cabecalhos)
    apagada = Client().delete(f"/api/whatsapp/disconnect/{tenant}", headers=cabecalhos)

    assert (lida.status_code, apagada.status_code) == (404, 404)
    assert all(uma(SessaoWhatsapp, pk=s.pk).ligada for s in (dela, minha))


@pytest.mark.parametrize("campo", ["message", "texto"])
def test_the_gateways_send_is_a_send(
    token: Token, gente: SimpleNamespace, campo: str
) -> None:
    conversa = nova_conversa(novo_contato(gente.aurora), gente.bruno)
    url = f"/api/conversations/{conversa.pk}/send-message"
    cabecalhos = token("bruno") | {"Idempotency-Key": "k"}

    uma_vez, outra = (
        Client().post(
            url, {campo: "Oi"}, content_type="application/json", headers=cabecalhos
        )
        for _ in range(2)
    )

    assert (uma_vez.status_code, outra.status_code) == (201, 201)
    assert uma(Mensagem).texto == "Oi"
    assert len(todas(EventoPendente)) == 1


def test_the_gateways_send_needs_a_text_and_ones_own_conversation(
    token: Token, gente: SimpleNamespace
) -> None:
    minha = nova_conversa(novo_contato(gente.aurora), gente.ana)
    dela = nova_conversa(novo_contato(gente.brisa), gente.carla)

    respostas = [
        Client()
        .post(
            f"/api/conversations/{conversa.pk}/send-message",
            corpo,
            content_type="application/json",
            headers=token("ana"),
        )
        .status_code
        for conversa, corpo in (
            (minha, {}),
            (minha, {"message": " "}),
            (dela, {"message": "Oi"}),
        )
    ]

    assert respostas == [400, 400, 404]
    with sistema("comando"):
        assert Mensagem.objects.count() == 0
