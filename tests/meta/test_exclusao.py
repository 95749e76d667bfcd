"""Deauthorised at Facebook, or asked to be forgotten: signed, once, everywhere."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from conexoes.models import CredencialGlobal, Notificacao
from conexoes.tenancy import sistema
from config.celery import aplicacao
from meta import tasks
from meta.models import ConexaoMeta, ExclusaoDeDados, PaginaMeta
from tests.meta.conftest import SEGREDO
from tests.meta.contas import (
    ANA_SOUZA,
    HTMX,
    PAGINA_DA_META,
    autorizacao,
    partir,
    voltar,
)
from tests.servidor import Servidor

pytestmark = pytest.mark.django_db

DESAUTORIZAR = "/webhooks/meta/desautorizar"
EXCLUSAO = "/webhooks/meta/exclusao"
PESSOA = "1020304050"
# Facts: secret "exemplo_app_secret", issued 2026-01-01 00:00 UTC.
VETOR = (
    "13YDQjUgwdQYIFjMtvmW9dE3ahF1do66G7ITJiGI8G0."
    "eyJ1c2VyX2lkIjoiMTAyMDMwNDA1MCIsImFsZ29yaXRobSI6IkhNQUMtU0hBMjU2IiwiaXNzdWVkX2F0Ij"
    "oxNzY3MjI1NjAwfQ"
)
DO_VETOR = datetime(2026, 1, 1, tzinfo=UTC)


def b64(cru: bytes) -> str:
    return base64.urlsafe_b64encode(cru).rstrip(b"=").decode()


def pedido(segredo: str = SEGREDO, **campos: Any) -> str:
    dito = {
        "user_id": PESSOA,
        "algorithm": "HMAC-SHA256",
        "issued_at": int(timezone.now().timestamp()),
        **campos,
    }
    carga = b64(json.dumps({n: v for n, v in dito.items() if v is not None}).encode())
    conta = hmac.new(segredo.encode(), carga.encode(), hashlib.sha256).digest()
    return f"{b64(conta)}.{carga}"


def postar(onde: str, assinado: str | None = None) -> Any:
    # No session, no CSRF token: Meta has neither.
    texto = pedido() if assinado is None else assinado
    return Client(enforce_csrf_checks=True).post(onde, {"signed_request": texto})


def conectar(organizacao: Any, meta_user_id: str = PESSOA, **campos: Any) -> Any:
    padrao = {
        "meta_user_name": "Rita Lima",
        "meta_user_email": "rita@cliente.test",
        "access_token": "EAAB-da-conta",
        "conectada_em": timezone.now() - timedelta(days=9),
    }
    with sistema("comando"):
        conexao = ConexaoMeta.objects.create(
            organizacao=organizacao, meta_user_id=meta_user_id, **padrao | campos
        )
        PaginaMeta.objects.create(
            organizacao=organizacao,
            conexao=conexao,
            page_id="103",
            page_access_token="EAAB-da-pagina",
            ativo=True,
        )
    return conexao


def ler(conexao: Any) -> tuple[Any, Any]:
    with sistema("comando"):
        return (
            ConexaoMeta.objects.get(pk=conexao.pk),
            PaginaMeta.objects.get(conexao_id=conexao.pk),
        )


def avisos() -> list[str]:
    with sistema("comando"):
        return sorted(Notificacao.objects.values_list("usuario__nome", flat=True))


@pytest.fixture(autouse=True)
def _app(credencial: CredencialGlobal) -> None:
    """Meta's app is filled in."""


@pytest.fixture
def duas(gente: SimpleNamespace) -> tuple[Any, Any]:
    """The same Facebook account, in two organisations."""
    return conectar(gente.aurora), conectar(gente.brisa)


# --- who may ask -----------------------------------------------------------

FALSOS = {
    "nothing": "",
    "no signature": b64(b"{}"),
    "another secret": "SEGREDO",
    "another body": VETOR[:-4] + "eHh4",
    "another algorithm": "ALGORITMO",
    "not base64": "@@@.@@@",
    "not ascii": "é.é",
    "no person": "PESSOA",
    "no time": "TEMPO",
    "a week old": "VELHO",
    "of tomorrow": "FUTURO",
}


def falso(qual: str) -> str:
    semana = timezone.now() - timedelta(days=7, minutes=1)
    amanha = timezone.now() + timedelta(days=1)
    return {
        "SEGREDO": lambda: pedido("outro"),
        "ALGORITMO": lambda: pedido(algorithm="none"),
        "PESSOA": lambda: pedido(user_id=None),
        "TEMPO": lambda: pedido(issued_at=None),
        "VELHO": lambda: pedido(issued_at=int(semana.timestamp())),
        "FUTURO": lambda: pedido(issued_at=int(amanha.timestamp())),
    }.get(FALSOS[qual], lambda: FALSOS[qual])()


@pytest.mark.parametrize("onde", [DESAUTORIZAR, EXCLUSAO])
@pytest.mark.parametrize("qual", FALSOS)
def test_what_meta_did_not_sign_lately_changes_nothing(
    duas: tuple[Any, Any], onde: str, qual: str
) -> None:
    resposta = postar(onde, falso(qual))

    assert resposta.status_code in (400, 401)
    assert resposta.content == b""
    for conexao in duas:
        assert ler(conexao)[0].status == "active"
        assert ler(conexao)[0].access_token == "EAAB-da-conta"
    with sistema("comando"):
        assert ExclusaoDeDados.objects.count() == 0
    assert avisos() == []


@pytest.mark.parametrize("onde", [DESAUTORIZAR, EXCLUSAO])
def test_only_post_is_served_and_without_a_secret_nothing_is_believed(
    gente: SimpleNamespace, onde: str
) -> None:
    assert Client().get(onde).status_code == 405
    with sistema("comando"):
        CredencialGlobal.objects.all().delete()
    assert postar(onde, pedido("")).status_code == 503


def test_secret_of_before_its_rotation_still_signs(
    duas: tuple[Any, Any], credencial: CredencialGlobal
) -> None:
    credencial.segredo, credencial.segredo_anterior = "novo", SEGREDO
    credencial.segredo_anterior_ate = timezone.now() + timedelta(hours=1)
    with sistema("comando"):
        credencial.save()

    assert postar(DESAUTORIZAR).status_code == 200
    assert ler(duas[0])[0].status == "revoked"


# --- deauthorised ----------------------------------------------------------


def test_metas_own_request_revokes_the_person_in_every_organisation(
    gente: SimpleNamespace,
) -> None:
    with time_machine.travel(DO_VETOR, tick=False):
        duas = conectar(gente.aurora), conectar(gente.brisa)
        assert postar(DESAUTORIZAR, VETOR).status_code == 200

    for conexao in duas:
        depois, pagina = ler(conexao)
        assert (depois.status, depois.revogada_na_meta) == ("revoked", True)
        assert (depois.access_token, pagina.page_access_token) == ("", "")
        assert depois.meta_user_name == "Rita Lima"
        assert pagina.ativo is True


def test_who_may_mend_it_is_told_once(
    duas: tuple[Any, Any], gente: SimpleNamespace
) -> None:
    for _ in range(3):
        assert postar(DESAUTORIZAR).status_code == 200

    assert avisos() == ["Ana Alves", "Carla Costa"]


def test_another_person_stays_connected(gente: SimpleNamespace) -> None:
    conexao = conectar(gente.aurora, meta_user_id="99")

    assert postar(DESAUTORIZAR).status_code == 200

    assert ler(conexao)[0].status == "active"


@pytest.mark.parametrize("onde", [DESAUTORIZAR, EXCLUSAO])
def test_connection_made_after_they_asked_stays(
    gente: SimpleNamespace, onde: str
) -> None:
    conexao = conectar(gente.aurora, conectada_em=timezone.now())
    antes = int((timezone.now() - timedelta(hours=1)).timestamp())
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        assert postar(onde, pedido(issued_at=antes)).status_code == 200
        tasks.esquecer_pedidos()

    assert ler(conexao)[0].status == "active"
    assert ler(conexao)[0].meta_user_name == "Rita Lima"


@pytest.mark.parametrize(
    ("segundos", "depois"), [(-60, "active"), (-2, "active"), (60, "revoked")]
)
def test_farewell_of_before_the_reconnection_does_not_end_it(
    gente: SimpleNamespace, entrar: Any, graph: Servidor, segundos: int, depois: str
) -> None:
    """Signed by Meta and still within its days: repeated, or late."""
    conexao = conectar(gente.aurora, meta_user_id=ANA_SOUZA)
    ana = entrar("ana")
    graph.respostas = autorizacao()
    voltar(ana, code="AQD", state=partir(ana))
    quando = int(timezone.now().timestamp()) + segundos

    resposta = postar(DESAUTORIZAR, pedido(user_id=ANA_SOUZA, issued_at=quando))

    assert resposta.status_code == 200
    atual, pagina = ler(conexao)
    assert atual.status == depois
    assert bool(atual.access_token) == (depois == "active")
    assert bool(pagina.page_access_token) == (depois == "active")
    assert avisos() == ([] if depois == "active" else ["Ana Alves"])


@pytest.mark.parametrize(
    ("segundos", "token"), [(-60, "EAAB-pendente"), (60, "")], ids=["before", "after"]
)
def test_account_that_waits_is_forgotten_unless_it_came_after(
    gente: SimpleNamespace, segundos: int, token: str
) -> None:
    conexao = conectar(
        gente.aurora,
        meta_user_id="77",
        token_pendente="EAAB-pendente",
        conta_pendente={"id": PESSOA, "em": timezone.now().isoformat()},
    )
    quando = int(timezone.now().timestamp()) + segundos

    for onde in (DESAUTORIZAR, EXCLUSAO):
        assert postar(onde, pedido(issued_at=quando)).status_code == 200
    tasks.esquecer_pedidos()

    atual = ler(conexao)[0]
    assert (atual.token_pendente, atual.status) == (token, "active")
    assert bool(atual.conta_pendente) == bool(token)


def test_late_request_to_be_forgotten_spares_who_came_back_since(
    gente: SimpleNamespace,
) -> None:
    """Meta could not reach us for a day; the person has connected again meanwhile."""
    conexao = conectar(gente.aurora, conectada_em=timezone.now())
    ontem = int((timezone.now() - timedelta(days=1)).timestamp())

    assert postar(EXCLUSAO, pedido(issued_at=ontem)).status_code == 200
    tasks.esquecer_pedidos()

    atual = ler(conexao)[0]
    assert (atual.status, atual.meta_user_name) == ("active", "Rita Lima")
    with sistema("comando"):
        assert ExclusaoDeDados.objects.get().resumo == {"conexoes": 0}


# --- forgotten -------------------------------------------------------------


def pedir() -> dict[str, str]:
    resposta = postar(EXCLUSAO)
    assert resposta.status_code == 200
    assert resposta["Content-Type"] == "application/json"
    dito: dict[str, str] = resposta.json()
    return dito


def test_request_is_answered_with_its_page_and_code(
    duas: tuple[Any, Any], settings: Any
) -> None:
    settings.URL_PUBLICA = "https://crm.exemplo.test"

    dito = pedir()

    codigo = dito["confirmation_code"]
    assert re.fullmatch(r"[A-Z2-7]{24}", codigo)
    assert dito == {
        "url": f"https://crm.exemplo.test/exclusao/{codigo}/",
        "confirmation_code": codigo,
    }
    # Answered at once; done by the clock.
    assert ler(duas[0])[0].meta_user_name == "Rita Lima"


def test_same_request_is_the_same_and_another_is_not(duas: tuple[Any, Any]) -> None:
    um = pedido()

    codigos = [
        postar(EXCLUSAO, texto).json()["confirmation_code"]
        for texto in (um, um, pedido(issued_at=int(timezone.now().timestamp()) - 60))
    ]

    assert codigos[0] == codigos[1] != codigos[2]


def test_person_is_forgotten_in_every_organisation(
    duas: tuple[Any, Any], gente: SimpleNamespace
) -> None:
    pedir()

    tasks.esquecer_pedidos()
    tasks.esquecer_pedidos()

    for conexao in duas:
        depois, pagina = ler(conexao)
        dados = depois.meta_user_name, depois.meta_user_email, depois.meta_user_id
        assert dados == ("", "", "")
        assert (depois.access_token, pagina.page_access_token) == ("", "")
        assert (depois.status, depois.revogada_na_meta) == ("revoked", True)
    with sistema("comando"):
        feito = ExclusaoDeDados.objects.get()
    assert (feito.meta_user_id, feito.resumo) == ("", {"conexoes": 2})
    assert feito.concluida_em is not None
    assert avisos() == ["Ana Alves", "Carla Costa"]


def test_nothing_of_the_person_is_left_in_the_tables(
    gente: SimpleNamespace,
) -> None:
    conectar(gente.aurora, deletado_em=timezone.now())
    conectar(
        gente.brisa,
        meta_user_id="77",
        token_pendente="EAAB-pendente",
        conta_pendente={"id": PESSOA, "nome": "Rita Lima"},
    )
    pedir()
    tasks.esquecer_pedidos()

    with sistema("comando"), connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM conexoes_meta c")
        tudo = "".join(linha for (linha,) in cursor.fetchall())
    assert PESSOA not in tudo
    assert tudo.count("Rita Lima") == 1
    with sistema("comando"):
        assert ConexaoMeta.objects.get(meta_user_id="77").token_pendente == ""


def test_forgotten_person_who_comes_back_is_no_swap(
    gente: SimpleNamespace, entrar: Any, graph: Servidor
) -> None:
    conectar(gente.aurora, meta_user_id=ANA_SOUZA)
    postar(EXCLUSAO, pedido(user_id=ANA_SOUZA))
    tasks.esquecer_pedidos()
    ana = entrar("ana")
    antes = ana.get(PAGINA_DA_META).content.decode()
    graph.respostas = autorizacao()

    pergunta = voltar(ana, code="AQD", state=partir(ana)).content.decode()

    assert '<h2 id="conta-titulo">Conta do Facebook</h2>' in antes
    assert "Conectar como Ana Souza?" in pergunta
    assert "Trocar de conta?" not in pergunta
    dito = ana.post(f"{PAGINA_DA_META}confirmar/", headers=HTMX)["HX-Trigger"]
    assert "Agora escolha a p" in dito


def test_the_clock_does_it() -> None:
    relogio = aplicacao.conf.beat_schedule["esquecer_pedidos"]

    assert relogio["task"] == tasks.esquecer_pedidos.name
    assert aplicacao.conf.task_routes[relogio["task"]] == {"queue": "saida"}


# --- the public page -------------------------------------------------------


def test_anybody_with_the_code_reads_how_it_stands(duas: tuple[Any, Any]) -> None:
    url = f"/exclusao/{pedir()['confirmation_code']}/"
    navegador = Client()

    antes = navegador.get(url).content.decode()
    tasks.esquecer_pedidos()
    depois = navegador.get(url).content.decode()

    assert "Em andamento." in antes
    assert "Apagamos o nome, o e-mail" in depois
    assert "Concluído em" in depois
    for pagina in (antes, depois):
        for dito in (PESSOA, "Rita", "Aurora", "EAAB"):
            assert dito not in pagina


def test_page_is_the_same_for_who_is_logged_in(
    duas: tuple[Any, Any], entrar: Any
) -> None:
    url = f"/exclusao/{pedir()['confirmation_code']}/"

    for apelido in ("ana", "sofia"):
        assert entrar(apelido).get(url).status_code == 200


def test_person_who_was_never_here_is_told_so(gente: SimpleNamespace) -> None:
    url = f"/exclusao/{pedir()['confirmation_code']}/"
    tasks.esquecer_pedidos()

    assert "Não havia nada desta conta" in Client().get(url).content.decode()


@pytest.mark.parametrize("codigo", ["A" * 24, "x", "a-b_c"])
def test_unknown_code_says_nothing(gente: SimpleNamespace, codigo: str) -> None:
    resposta = Client().get(f"/exclusao/{codigo}/")

    assert resposta.status_code == 404
    assert "exclus" not in resposta.content.decode().lower()
