import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.conf import settings as configuracao
from django.core.asgi import get_asgi_application
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from conexoes import drenos, valkey, webhooks
from conexoes.models import SegredoWebhook, WebhookRecebido
from conexoes.tenancy import na, sistema
from crm.models import Contato, Mensagem
from tests.conexoes.conftest import SEGREDO, assinar, postar
from tests.produto import esperar
from whatsapp.models import SessaoWhatsapp

pytestmark = pytest.mark.django_db(transaction=True)

FIXTURES = Path(__file__).parents[1] / "whatsapp" / "fixtures"
CORPO = b'{"event":"presence.update","session":"s","payload":{}}'


def guardados():
    with sistema("comando"):
        return list(WebhookRecebido.objects.order_by("criado_em", "id"))


def mudar_segredo(**campos):
    with sistema("comando"):
        segredo = SegredoWebhook.objects.get()
        for nome, valor in campos.items():
            setattr(segredo, nome, valor)
        segredo.save()


@pytest.fixture
def sessao(gente, segredo):
    with na(gente.aurora):
        return SessaoWhatsapp.objects.create(
            organizacao=gente.aurora,
            usuario=gente.ana,
            session_name="wpp-ana",
            status=SessaoWhatsapp.Status.CONNECTED,
            ligada=True,
            phone_number="5511999990000",
        )


def mensagem_do_cliente(nome="message__texto.json"):
    evento = json.loads((FIXTURES / nome).read_bytes())
    evento["session"] = "wpp-ana"
    return json.dumps(evento).encode()


# --- what is kept ----------------------------------------------------------


def test_signed_delivery_is_kept_as_it_came(gente, segredo):
    resposta = postar(
        gente.aurora, CORPO, **{"X-Webhook-Request-Id": "r1", "Cookie": "segredo=1"}
    )

    assert (resposta.status_code, resposta.content) == (200, b"")
    [linha] = guardados()
    assert bytes(linha.corpo) == CORPO
    assert linha.organizacao_id == gente.aurora.pk
    assert linha.endpoint == f"waha:{gente.aurora.pk}"
    assert (linha.tipo, linha.destino) == ("webhook", "waha.webhook")
    assert (linha.status, linha.motivo, linha.tentativas) == ("pending", "", 0)
    assert (linha.max_tentativas, linha.cerca, linha.quedas) == (8, 0, 0)
    assert linha.proxima_tentativa <= timezone.now()
    assert linha.cabecalhos == {
        "X-Webhook-Request-Id": "r1",
        "X-Webhook-Timestamp": "",
        "User-Agent": "",
    }
    # The bell rings from a thread of its own.
    esperar(lambda: valkey.cliente().llen("entrada") == 1)


def test_repeated_delivery_is_answered_and_kept_once(gente, segredo):
    assert [postar(gente.aurora, CORPO).status_code for _ in range(3)] == [200] * 3
    assert len(guardados()) == 1


def test_same_bytes_for_two_organisations_are_two_deliveries(gente, segredo):
    with sistema("comando"):
        SegredoWebhook.objects.create(
            organizacao=gente.brisa, provedor="waha", segredo=SEGREDO
        )

    assert postar(gente.aurora, CORPO).status_code == 200
    assert postar(gente.brisa, CORPO).status_code == 200

    donas = {linha.organizacao_id for linha in guardados()}
    assert donas == {gente.aurora.pk, gente.brisa.pk}


def test_hundred_deliveries_side_by_side_are_one_row_and_one_effect(gente, sessao):
    corpo = mensagem_do_cliente()

    def entregar(_):
        try:
            return postar(gente.aurora, corpo).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as carteiros:
        respostas = list(carteiros.map(entregar, range(100)))
    drenos.drenar_entrada()

    assert respostas == [200] * 100
    [linha] = guardados()
    assert (linha.status, linha.tentativas) == ("completed", 1)
    with na(gente.aurora):
        assert Mensagem.da(gente.aurora).count() == 1
        assert Contato.da(gente.aurora).count() == 1


# --- what is refused -------------------------------------------------------

CERTA = assinar(CORPO)

RECUSADAS = {
    "missing": "",
    "wrong": assinar(CORPO, "outro-segredo"),
    "of another body": assinar(CORPO + b" "),
    "truncated": CERTA[:-1],
    "longer": CERTA + "0",
    "prefixed": "sha512=" + CERTA,
    "upper case": CERTA.upper(),
    "by another algorithm": assinar(CORPO, algoritmo="sha256"),
    "of an empty secret": assinar(CORPO, ""),
    "not ascii": "é" * 128,
    "not latin": "\ud83d\ude00",
}


@pytest.mark.parametrize("assinatura", RECUSADAS.values(), ids=RECUSADAS.keys())
def test_doubtful_signature_leaves_no_row(gente, segredo, assinatura):
    # The provider does not choose the algorithm.
    algoritmo = {"X-Webhook-Hmac-Algorithm": "SHA256"}

    resposta = postar(gente.aurora, CORPO, assinatura, **algoritmo)

    assert (resposta.status_code, resposta.content) == (401, b"")
    assert guardados() == []
    assert valkey.cliente().keys("*") == []


def test_unknown_organisation_gets_the_answer_of_a_bad_signature(gente, segredo):
    ruim = postar(gente.aurora, CORPO, "00")

    desconhecida = postar(uuid4(), CORPO)

    assert (desconhecida.status_code, desconhecida.content) == (401, b"")
    assert dict(desconhecida.headers) == dict(ruim.headers)
    assert guardados() == []


def test_secret_of_another_organisation_does_not_sign(gente, segredo):
    with sistema("comando"):
        SegredoWebhook.objects.create(
            organizacao=gente.brisa, provedor="waha", segredo="da-brisa"
        )

    assert postar(gente.brisa, CORPO, assinar(CORPO)).status_code == 401
    assert guardados() == []


def test_previous_secret_signs_until_it_is_forgotten(gente, segredo):
    mudar_segredo(segredo="novo", anterior=SEGREDO)

    assert postar(gente.aurora, CORPO).status_code == 200
    assert postar(gente.aurora, b"{}", assinar(b"{}", "novo")).status_code == 200
    assert len(guardados()) == 2

    mudar_segredo(anterior="")
    webhooks.esquecer_segredos()
    assert postar(gente.aurora, b"[]").status_code == 401
    assert len(guardados()) == 2


def test_organisation_without_a_secret_asks_to_try_later(gente):
    resposta = postar(gente.aurora, CORPO)

    assert (resposta.status_code, resposta.content) == (503, b"")
    assert guardados() == []


def test_secret_made_a_moment_ago_counts_at_once(gente):
    assert postar(gente.aurora, CORPO).status_code == 503
    with sistema("comando"):
        SegredoWebhook.objects.create(
            organizacao=gente.aurora, provedor="waha", segredo=SEGREDO
        )

    assert postar(gente.aurora, CORPO).status_code == 200


def test_unreadable_secret_asks_to_try_later(gente, segredo):
    """A secret nobody can decrypt is ours to mend: the provider keeps the delivery."""
    with sistema("comando"), connection.cursor() as cursor:
        cursor.execute("UPDATE segredos_webhook SET segredo_encrypted = 'v1.x.AAAA'")

    resposta = Client(raise_request_exception=False).generic(
        "POST",
        f"/webhooks/waha/{gente.aurora.pk}",
        CORPO,
        headers={"X-Webhook-Hmac": CERTA},
    )

    assert resposta.status_code == 503
    assert guardados() == []


def test_body_at_the_cap_is_kept_and_one_byte_more_is_not(gente, segredo):
    cheio = b" " * (1024 * 1024)

    assert postar(gente.aurora, cheio).status_code == 200
    assert postar(gente.aurora, cheio + b" ").status_code == 413
    assert [len(linha.corpo) for linha in guardados()] == [1024 * 1024]


@pytest.mark.parametrize(("tamanho", "status"), [(1024 * 1024, 200), (2**20 + 1, 413)])
def test_cap_holds_for_a_body_of_undeclared_length(gente, segredo, tamanho, status):
    corpo = b" " * tamanho

    assert pelo_asgi(gente.aurora.pk, corpo, assinar(corpo)) == status
    assert len(guardados()) == (status == 200)


@pytest.mark.parametrize("codificacao", ["gzip", "deflate", "br"])
def test_encoded_body_is_refused(gente, segredo, codificacao):
    corpo = gzip.compress(CORPO)

    resposta = postar(gente.aurora, corpo, **{"Content-Encoding": codificacao})

    assert resposta.status_code == 415
    assert guardados() == []


def test_only_post_is_served(gente, segredo):
    caminho = f"/webhooks/waha/{gente.aurora.pk}"

    for metodo in ("get", "put", "delete", "head"):
        assert getattr(Client(), metodo)(caminho).status_code == 405
    assert guardados() == []


@pytest.mark.parametrize(
    "caminho", ["/webhooks/", "/webhooks/nada/", "/webhooks/waha/12"]
)
def test_unknown_address_is_a_bare_404(gente, caminho):
    resposta = Client().post(caminho)

    assert (resposta.status_code, resposta.content) == (404, b"")


def test_receiver_makes_no_session_and_no_cookie(gente, segredo):
    resposta = postar(gente.aurora, CORPO)

    assert resposta.cookies == {}
    assert "Set-Cookie" not in resposta.headers


def test_receiver_asks_the_database_once(gente, segredo, django_assert_num_queries):
    postar(gente.aurora, CORPO)

    with django_assert_num_queries(1):
        assert postar(gente.aurora, b"{}").status_code == 200


# --- hostile bodies --------------------------------------------------------

HOSTIS = {
    "empty": b"",
    "not JSON": b"nada{{{",
    "a list": b"[]",
    "null": b"null",
    "a word": b'"x"',
    "no payload": b'{"event":"message.any","session":"wpp-ana"}',
    "payload is a list": b'{"event":"message.any","session":"wpp-ana","payload":[]}',
    "NaN": b'{"event":"message.any","session":"wpp-ana","payload":{"a":NaN}}',
    "infinity": b'{"event":"message.any","session":"wpp-ana","payload":{"a":1e999}}',
    "long number": b'{"a":' + b"9" * 5000 + b"}",
    "deep list": b"[" * 100_000,
    "deep object": b'{"payload":' * 40 + b"1" + b"}" * 40,
    "not text": b"\xff\xfe\x00\xd8",
    "NUL bytes": b"\x00\x00\x00",
    "unknown event": b'{"event":"nada","session":"wpp-ana","payload":{}}',
    "session of nobody": b'{"event":"message.any","session":"x","payload":{}}',
    "no id": b'{"event":"message.any","session":"wpp-ana","payload":{}}',
}


@pytest.mark.parametrize("corpo", HOSTIS.values(), ids=HOSTIS.keys())
def test_signed_nonsense_is_kept_set_aside_and_stops_nobody(gente, sessao, corpo):
    assert postar(gente.aurora, corpo).status_code == 200
    assert postar(gente.aurora, mensagem_do_cliente()).status_code == 200

    assert drenos.drenar_entrada() == 2

    hostil, boa = guardados()
    assert bytes(hostil.corpo) == corpo
    assert (hostil.status, hostil.motivo) == ("failed", "envenenada")
    assert hostil.tentativas == 1
    assert boa.status == "completed"
    with na(gente.aurora):
        assert Mensagem.da(gente.aurora).count() == 1


@pytest.mark.parametrize("hostil", [r"\u0000", r"\ud800", r"\udc00\ud800"])
def test_text_postgresql_refuses_is_mended_not_lost(gente, sessao, hostil):
    evento = json.loads(mensagem_do_cliente())
    evento["payload"]["body"] = "antes-MARCA-depois"
    corpo = json.dumps(evento).replace("MARCA", hostil).encode()

    assert postar(gente.aurora, corpo).status_code == 200
    drenos.drenar_entrada()

    [linha] = guardados()
    assert linha.status == "completed"
    with na(gente.aurora):
        texto = Mensagem.da(gente.aurora).get().texto
    assert texto.replace("?", "") == "antes--depois"


# --- when something is down ------------------------------------------------


@pytest.fixture
def sem_direito():
    """The database refuses to keep deliveries, as a read-only one would."""
    dono = psycopg.connect(
        configuracao.DATABASE_OWNER_URL,
        dbname=connection.settings_dict["NAME"],
        autocommit=True,
    )
    funcao = (
        "FUNCTION receber_webhooks"
        "(uuid[], text[], uuid[], text[], text[], bytea[], jsonb[])"
    )
    with dono:
        dono.execute("SET ROLE conexoes_sistema")
        dono.execute(f"REVOKE EXECUTE ON {funcao} FROM conexoes_app")
        try:
            yield
        finally:
            dono.execute(f"GRANT EXECUTE ON {funcao} TO conexoes_app")


def test_delivery_that_cannot_be_kept_is_asked_for_again(gente, segredo, sem_direito):
    resposta = postar(gente.aurora, CORPO)

    assert (resposta.status_code, resposta.content) == (503, b"")
    assert guardados() == []
    assert valkey.cliente().exists("sino:entrada") == 0


@pytest.mark.parametrize("lembra", [True, False], ids=["secret known", "not yet"])
def test_lost_database_connection_is_asked_again_and_mends_itself(
    gente, segredo, lembra
):
    if lembra:
        assert postar(gente.aurora, b"{}").status_code == 200
    antes = len(guardados())
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    assert postar(gente.aurora, CORPO).status_code == 503

    # What Django does between two requests.
    connection.close_if_unusable_or_obsolete()
    assert postar(gente.aurora, CORPO).status_code == 200
    assert len(guardados()) == antes + 1


def test_dead_broker_costs_no_delivery(gente, segredo, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert postar(gente.aurora, CORPO).status_code == 200
    assert len(guardados()) == 1


# --- rights ----------------------------------------------------------------


def test_internet_facing_role_cannot_read_deliveries_back(gente, segredo):
    postar(gente.aurora, CORPO)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM webhooks_logs")
        assert cursor.fetchone() == (0,)


def test_function_that_stores_belongs_to_the_system_role_and_to_nobody_else(gente):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_userbyid(proowner), prosecdef, proconfig,"
            " has_function_privilege('conexoes_app', oid, 'EXECUTE'),"
            " array(SELECT grantee::regrole::text FROM aclexplode(proacl)"
            "       ORDER BY 1)"
            " FROM pg_proc WHERE proname = 'receber_webhooks'"
        )
        assert cursor.fetchone() == (
            "conexoes_sistema",
            True,
            ["search_path=pg_catalog, public, pg_temp"],
            True,
            ["conexoes_app", "conexoes_sistema"],
        )


def pelo_asgi(organizacao_id, corpo, assinatura):
    """The status of a chunked delivery, whose length nobody declares."""

    async def entregar():
        escopo = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "path": f"/webhooks/waha/{organizacao_id}",
            "raw_path": b"",
            "query_string": b"",
            "headers": [(b"x-webhook-hmac", assinatura.encode())],
        }
        conversa = ApplicationCommunicator(get_asgi_application(), escopo)
        meio = len(corpo) // 2
        for parte, mais in ((corpo[:meio], True), (corpo[meio:], False)):
            await conversa.send_input(
                {"type": "http.request", "body": parte, "more_body": mais}
            )
        inicio = await conversa.receive_output(5)
        await conversa.receive_output(5)
        await conversa.wait(5)
        return inicio["status"]

    return async_to_sync(entregar)()
