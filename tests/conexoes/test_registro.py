import copy
import io
import logging
import logging.config

import pytest
from django.urls import reverse

from conexoes.registro import CONFIGURACAO, formatador, redigir


@pytest.fixture
def saida():
    texto = io.StringIO()
    destino = logging.StreamHandler(texto)
    destino.setFormatter(formatador())
    registro = logging.getLogger("prova.registro")
    registro.addHandler(destino)
    registro.setLevel(logging.DEBUG)
    registro.propagate = False
    yield registro, texto
    registro.removeHandler(destino)


@pytest.mark.parametrize(
    ("texto", "segredo"),
    [
        ("Authorization: Bearer eyJhbGci.abc-def", "eyJhbGci"),
        ("Authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
        ("header Bearer abcdefgh1234", "abcdefgh1234"),
        ("X-Api-Key: 4f3c2b1a", "4f3c2b1a"),
        ("Authorization: Api-Key cnx_0a1b2c3d4e_Zm9vYmFy-x", "Zm9v"),
        ("chave cnx_0a1b2c3d4e_Zm9vYmFy-x", "Zm9v"),
        ('{"access": "eyJhbGciOiJI.eyJ0b2tl.abc-def"}', "eyJhbGci"),
        ("Unprocessable Entity: /conta/convite/Zm9v-YmFy_x/", "Zm9v"),
        ("Forbidden: /conta/senha/nova/7hk-c9x1-4f3c2b/", "4f3c2b"),
        ('{"access_token": "EAAB123"}', "EAAB123"),
        (r"{\"refresh_token\": \"1//0gx\"}", "0gx"),
        ("client_secret=s3nh4-forte", "s3nh4"),
        ("INTEGRATIONS_KEY=MDEyMzQ1", "MDEyMzQ1"),
        ("senha=correta123", "correta123"),
        ("GET /volta?code=4/0AX4&state=xyz987", "4/0AX4"),
        ("GET /volta?code=4/0AX4&state=xyz987", "xyz987"),
        ("postgresql://conexoes_app:s3nh4@localhost/x", "s3nh4"),
        ("valor v1.ab12cd34.AAAAAAAAAAAAAAAAAAAAAAAA fim", "AAAA"),
        ("cliente ana.souza+crm@aurora.com.br escreveu", "ana.souza"),
        ("chat 5511987654321@c.us", "987654321"),
        ("chat 123456789012345@lid", "123456789012345"),
        ("CPF 529.982.247-25", "529"),
        ("CPF 52998224725", "52998224725"),
        ("fone +55 (11) 98765-4321", "98765"),
        ("fone (11) 98765-4321", "98765"),
        ("fone 11 3456-7890", "3456"),
        ("fone 5511987654321", "5511987654321"),
        ("fone 551187654321", "5511"),
        ("fone +14155552671", "4155552671"),
    ],
)
def test_a_secret_is_taken_out(texto, segredo):
    limpo = redigir(texto)

    assert segredo not in limpo
    assert "***" in limpo


@pytest.mark.parametrize(
    "texto",
    [
        "evento 018f2b7a-1c2d-7e3f-8a4b-123456789012 concluído",
        "status=200 ms=1234 tentativas=3",
        "2026-11-22T19:20:15.732582Z",
        "status_code=500 em 127.0.0.1:8100",
        "versão 2026.6.1",
    ],
)
def test_what_is_no_secret_stays(texto):
    assert redigir(texto) == texto


def test_redacting_twice_changes_nothing():
    uma = redigir('token="abc", fone 11987654321, Authorization: Bearer abcdefgh')

    assert redigir(uma) == uma


def test_a_long_run_without_secrets_is_quick():
    texto = "a" * 200_000 + "-b" * 5_000

    assert redigir(texto) == texto


def test_an_event_is_one_line_of_facts(saida):
    registro, texto = saida

    registro.info("chamada_externa", extra={"status": 200, "limitado": False})

    linha = texto.getvalue()
    assert linha.count("\n") == 1
    assert linha.endswith(
        "level=info logger=prova.registro event=chamada_externa"
        " status=200 limitado=false\n"
    )


def test_a_value_cannot_forge_a_line(saida):
    registro, texto = saida

    registro.info("evento", extra={"nome": "a\r\nlevel=error\x1b[31m\u2028b"})

    assert texto.getvalue().count("\n") == 1
    assert r"a\r\nlevel=error\x1b[31m\u2028b" in texto.getvalue()


def test_an_argument_and_a_named_secret_are_taken_out(saida):
    registro, texto = saida

    registro.info("de %s", "ana@aurora.com.br", extra={"access_token": "EAAB"})

    assert "ana@" not in texto.getvalue()
    assert "EAAB" not in texto.getvalue()


def test_a_traceback_is_kept_in_the_line_without_its_secrets(saida):
    registro, texto = saida

    try:
        raise ValueError("access_token=EAAB123")
    except ValueError:
        registro.exception("falhou")

    assert "ValueError" in texto.getvalue()
    assert "EAAB123" not in texto.getvalue()
    assert texto.getvalue().count("\n") == 1


def test_an_odd_key_does_not_break_the_line(saida):
    registro, texto = saida

    registro.info("evento", extra={"com espaço": 1})

    assert "com_espaço=1" in texto.getvalue()


@pytest.mark.django_db
def test_a_page_that_is_refused_leaves_no_traceback(entrar, caplog):
    assert entrar("bruno").get(reverse("crm:equipe")).status_code == 403

    [linha] = [um for um in caplog.records if um.name == "django.request"]
    assert (linha.levelname, linha.status_code) == ("WARNING", 403)
    assert (linha.exc_info, linha.exc_text) == (None, None)


def test_the_configuration_is_accepted_and_silences_access_logs():
    raiz = logging.getLogger()
    antes = raiz.handlers[:], raiz.level

    try:
        logging.config.dictConfig(copy.deepcopy(CONFIGURACAO))

        assert not logging.getLogger("uvicorn.access").isEnabledFor(logging.INFO)
        assert not logging.getLogger("urllib3.x").isEnabledFor(logging.DEBUG)
    finally:
        raiz.handlers[:], raiz.level = antes
