"""One shape for everything that goes wrong under /api/, whoever noticed it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response

from conexoes.api.leitores import JSON_MAXIMO
from conexoes.api.organizacao import ApiDaOrganizacao
from crm.models import Contato
from tests.crm.conftest import nova_conversa, novo_contato

pytestmark = pytest.mark.django_db

Token = Callable[[str], dict[str, str]]
CONTATOS = "/api/v1/contatos"


class Quebra(ApiDaOrganizacao):
    acao = "contatos.ver"

    def get(self, request: Request) -> Response:
        raise RuntimeError("a bug")


def pagina_de_erro(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<h1>proibido</h1>", status=403)


urlpatterns = [
    path("api/prova/quebra", Quebra.as_view()),
    path("api/prova/pagina", pagina_de_erro),
    path("", include("config.urls")),
]
handler500 = "conexoes.views.erro_interno"


def conferir(resposta: Any, status: int, codigo: str) -> dict[str, Any]:
    """It is our JSON and nothing else; the error."""
    assert resposta.status_code == status, resposta.content[:300]
    assert resposta["Content-Type"].startswith("application/json")
    assert set(resposta.json()) == {"erro"}
    erro: dict[str, Any] = resposta.json()["erro"]
    assert set(erro) - {"campos"} == {"codigo", "mensagem"}
    assert erro["codigo"] == codigo
    assert erro["mensagem"]
    return erro


@pytest.mark.parametrize(
    "caminho",
    ["/api/", "/api/v1/nada", "/api/v1/contatos/", "/api/v1/contatos/nao-e-uuid"],
)
def test_an_unknown_address_is_404_in_json(caminho: str) -> None:
    conferir(Client().get(caminho), 404, "nao_encontrado")


def test_a_page_outside_the_api_keeps_its_own_404() -> None:
    assert b"<!doctype html>" in Client().get("/nada").content


def test_nobody_in_particular_gets_401(gente: SimpleNamespace) -> None:
    resposta = Client().get(CONTATOS)

    conferir(resposta, 401, "nao_autenticado")
    assert resposta["WWW-Authenticate"].startswith("Bearer")


def test_a_method_that_is_not_there_is_405(token: Token) -> None:
    resposta = Client().delete(CONTATOS, headers=token("ana"))

    conferir(resposta, 405, "metodo_nao_permitido")
    assert "POST" in resposta["Allow"]


@pytest.mark.parametrize(
    "corpo",
    [b"{", b'{"nome": NaN}', b"\xff\xfe", b"[" * 100_000, b'"\xed\xa0\x80"'],
    ids=["cut", "nan", "not-utf8", "deep", "surrogate-bytes"],
)
def test_what_is_no_json_is_400(token: Token, corpo: bytes) -> None:
    resposta = Client().post(
        CONTATOS, corpo, content_type="application/json", headers=token("ana")
    )

    erro = conferir(resposta, 400, "dados_invalidos")
    assert erro["mensagem"] == "O corpo não é um JSON válido."


@pytest.mark.parametrize(
    "corpo",
    [[], '"texto"', 3, None, {"nome": {}}, {"nome": "a\x00b", "email": "a@b.co"}],
)
def test_json_of_the_wrong_shape_names_its_fields(token: Token, corpo: Any) -> None:
    resposta = Client().post(
        CONTATOS, corpo, content_type="application/json", headers=token("ana")
    )

    erro = conferir(resposta, 400, "dados_invalidos")
    assert isinstance(erro["campos"], dict)
    assert erro["campos"]


def test_a_lone_surrogate_is_refused_and_not_stored(
    token: Token, gente: SimpleNamespace
) -> None:
    resposta = Client().post(
        CONTATOS,
        '{"nome": "\\ud800", "email": "a@b.co"}',
        content_type="application/json",
        headers=token("ana"),
    )

    erro = conferir(resposta, 400, "dados_invalidos")
    assert set(erro["campos"]) == {"nome"}


def test_an_error_may_name_a_field_that_is_half_a_character(
    token: Token, gente: SimpleNamespace
) -> None:
    resposta = Client().post(
        CONTATOS,
        '{"nome": "Rita", "email": "a@b.co", "campos": {"\\ud800": "x"}}',
        content_type="application/json",
        headers=token("ana"),
    )

    erro = conferir(resposta, 400, "dados_invalidos")
    assert erro["campos"] == {"campos": ["Não existe um campo com o id \ud800."]}


def test_another_kind_of_body_is_415(token: Token) -> None:
    resposta = Client().post(
        CONTATOS, "a=b", content_type="text/csv", headers=token("ana")
    )

    conferir(resposta, 415, "tipo_nao_aceito")


def test_another_kind_of_answer_is_406(token: Token) -> None:
    resposta = Client().get(CONTATOS, headers={**token("ana"), "Accept": "text/csv"})

    conferir(resposta, 406, "formato_nao_aceito")


@pytest.mark.parametrize("tamanho", [JSON_MAXIMO + 1, 4 * JSON_MAXIMO])
def test_too_large_a_body_is_413(token: Token, tamanho: int) -> None:
    resposta = Client().post(
        CONTATOS,
        b'"' + b"a" * (tamanho - 2) + b'"',
        content_type="application/json",
        headers=token("ana"),
    )

    conferir(resposta, 413, "corpo_grande_demais")


def test_too_large_a_form_is_413_and_sends_nothing(
    token: Token, gente: SimpleNamespace, settings: Any
) -> None:
    settings.ARQUIVOS_ENVIADO_MB = 0
    conversa = nova_conversa(novo_contato(gente.aurora), gente.ana)

    resposta = Client().post(
        f"/api/v1/conversas/{conversa.pk}/mensagens",
        {"texto": "a" * (JSON_MAXIMO + 1)},
        headers=token("ana"),
    )

    conferir(resposta, 413, "corpo_grande_demais")


def test_nul_in_the_query_finds_nothing_and_breaks_nothing(token: Token) -> None:
    resposta = Client().get(f"{CONTATOS}?busca=%00", headers=token("ana"))

    conferir(resposta, 400, "dados_invalidos")


def test_csrf_of_a_session_has_its_own_code(entrar: Callable[[str], Client]) -> None:
    navegador = Client(enforce_csrf_checks=True)
    navegador.cookies = entrar("ana").cookies

    resposta = navegador.post(CONTATOS, {}, content_type="application/json")

    erro = conferir(resposta, 403, "csrf")
    assert "X-CSRFToken" in erro["mensagem"]


def test_another_organisation_in_the_header_is_404(
    token: Token,
    entrar: Callable[[str], Client],
    chave: Callable[..., dict[str, str]],
    gente: SimpleNamespace,
) -> None:
    alheia = {"X-Org-Id": str(gente.brisa.pk)}
    navegador = entrar("ana")

    for quem, cabecalhos in (
        (Client(), token("ana") | alheia),
        (Client(), chave("ana", "contatos.ver") | alheia),
        (navegador, alheia),
    ):
        resposta = quem.get(CONTATOS, headers=cabecalhos)
        conferir(resposta, 404, "nao_encontrado")


@pytest.mark.urls(__name__)
def test_a_bug_of_ours_is_500_in_json_without_details(token: Token) -> None:
    programa = Client(raise_request_exception=False)

    resposta = programa.get("/api/prova/quebra", headers=token("ana"))

    erro = conferir(resposta, 500, "erro_interno")
    assert "bug" not in str(erro)


@pytest.mark.urls(__name__)
def test_a_page_that_slips_through_becomes_json() -> None:
    conferir(Client().get("/api/prova/pagina"), 403, "sem_permissao")


def test_an_unknown_host_is_400_in_json() -> None:
    conferir(
        Client().get(CONTATOS, headers={"Host": "mau.test"}), 400, "dados_invalidos"
    )


@pytest.fixture
def banco_fora() -> Iterator[None]:
    porta = connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict["PORT"] = "1"
    yield
    connection.settings_dict["PORT"] = porta


@pytest.mark.django_db(transaction=True)
def test_without_a_database_it_is_503_and_says_when_to_come_back(
    token: Token, chave: Callable[..., dict[str, str]], request: Any
) -> None:
    cabecalhos = (token("ana"), chave("ana", "contatos.ver"), {})
    request.getfixturevalue("banco_fora")
    programa = Client(raise_request_exception=False)

    for quem in cabecalhos:
        resposta = programa.get(CONTATOS, headers=quem)
        conferir(resposta, 503, "indisponivel")
        assert resposta["Retry-After"] == "5"


def test_a_refusal_changes_nothing(token: Token, gente: SimpleNamespace) -> None:
    resposta = Client().post(
        CONTATOS,
        {"nome": "Zé", "telefone": "123"},
        content_type="application/json",
        headers=token("ana"),
    )

    erro = conferir(resposta, 400, "dados_invalidos")
    assert set(erro["campos"]) == {"telefone"}
    assert Contato.objects.count() == 0
