"""One transaction a request: whose rows it sees, what it keeps and what it undoes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Barrier, Event, Thread
from types import SimpleNamespace
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import include, path, register_converter
from rest_framework.request import Request
from rest_framework.response import Response

from conexoes.api.organizacao import ApiDaOrganizacao
from conexoes.erros import ErroDeDominio
from conexoes.middleware import CHAVE_DA_SESSAO, sem_transacao
from conexoes.models import RegistroAuditoria
from conexoes.tenancy import atual, na, sistema
from crm.models import Contato, Organizacao
from tests.conftest import SENHA

# An identifier that no row has.
NINGUEM = "00000000-0000-7000-8000-000000000000"

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

Entrar = Callable[[str], Client]
Token = Callable[[str], dict[str, str]]


# --- Views of this test, behind the real middleware --------------------------


def criar(request: HttpRequest) -> None:
    Contato.objects.create(organizacao=request.organizacao, nome="Escrito")  # type: ignore[attr-defined]


ERROS = {
    "defeito": ZeroDivisionError,
    "ausente": Http404,
    "proibido": PermissionDenied,
    "suspeito": SuspiciousOperation,
}


def guarda(request: HttpRequest) -> HttpResponse:
    criar(request)
    return HttpResponse(status=int(request.GET["status"]))


def quebra(request: HttpRequest) -> HttpResponse:
    criar(request)
    raise ERROS[request.GET["erro"]]


class NegaNaApi(ApiDaOrganizacao):
    acao = "contatos.editar"

    def post(self, request: Request) -> Response:
        criar(request._request)
        raise ErroDeDominio("Hoje não.")


@sem_transacao
def solta(request: HttpRequest) -> HttpResponse:
    organizacao = request.organizacao  # type: ignore[attr-defined]
    partes = (connection.in_atomic_block, request.user, organizacao, atual().usuario_id)
    return HttpResponse(" | ".join(str(parte) for parte in partes))


def fluxo(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(iter([b"um", b"dois"]))


class Contada:
    """A parameter that keeps how often its address was looked up."""

    regex = "[a-z]+"
    vezes: ClassVar[list[str]] = []

    def to_python(self, valor: str) -> str:
        self.vezes.append(valor)
        return valor

    def to_url(self, valor: str) -> str:
        return valor


register_converter(Contada, "contada")


def alvo(request: HttpRequest, nome: str) -> HttpResponse:
    return HttpResponse(nome)


urlpatterns = [
    path("prova/alvo/<contada:nome>/", alvo),
    path("prova/guarda/", guarda),
    path("prova/quebra/", quebra),
    path("prova/nega/", NegaNaApi.as_view()),
    path("prova/solta/", solta),
    path("prova/fluxo/", fluxo),
    path("", include("config.urls")),
]


# --- What a request sees -----------------------------------------------------


@pytest.fixture
def contatos(gente: SimpleNamespace) -> SimpleNamespace:
    with sistema("comando"):
        return SimpleNamespace(
            rita=Contato.objects.create(organizacao=gente.aurora, nome="Rita Reis"),
            tito=Contato.objects.create(organizacao=gente.brisa, nome="Tito Telles"),
        )


def nomes(organizacao: Organizacao) -> list[str]:
    with na(organizacao):
        return list(Contato.objects.order_by("nome").values_list("nome", flat=True))


def auditados(acao: str) -> list[tuple[Any, ...]]:
    with sistema("comando"):
        return list(
            RegistroAuditoria.objects.filter(acao=acao)
            .order_by("id")
            .values_list("autor_nome", "organizacao__nome", "objeto", "detalhes", "ip")
        )


def test_a_page_shows_the_persons_own_organisation(
    entrar: Entrar, contatos: SimpleNamespace
) -> None:
    pagina = entrar("ana").get("/contatos/").content.decode()

    assert "Rita Reis" in pagina
    assert "Tito Telles" not in pagina


def test_a_foreign_object_answers_exactly_like_a_missing_one(
    entrar: Entrar, contatos: SimpleNamespace
) -> None:
    ana = entrar("ana")

    proprio = ana.get(f"/contatos/{contatos.rita.pk}/")
    alheio = ana.get(f"/contatos/{contatos.tito.pk}/")
    inexistente = ana.get(f"/contatos/{uuid4()}/")

    assert proprio.status_code == 200
    assert (alheio.status_code, inexistente.status_code) == (404, 404)
    assert alheio.content == inexistente.content
    assert alheio.headers == inexistente.headers


@pytest.mark.parametrize("url", ["/contatos/", "/organizacoes/", "/prova/solta/"])
def test_another_organisation_cannot_be_asked_for_by_header(
    gente: SimpleNamespace, entrar: Entrar, url: str
) -> None:
    resposta = entrar("ana").get(url, headers={"X-Org-Id": str(gente.brisa.pk)})

    assert resposta.status_code == 404


@pytest.mark.parametrize("pedida", ["1", "' OR 1=1 --", NINGUEM])
def test_an_organisation_that_does_not_exist_cannot_be_asked_for(
    entrar: Entrar, pedida: str
) -> None:
    assert (
        entrar("ana").get("/contatos/", headers={"X-Org-Id": pedida}).status_code == 404
    )
    assert (
        entrar("sofia").get("/contatos/", headers={"X-Org-Id": pedida}).status_code
        == 404
    )
    assert auditados("super_admin.agiu") == []


def test_ones_own_organisation_may_be_named_in_the_header(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    resposta = entrar("ana").get(
        "/contatos/", headers={"X-Org-Id": str(gente.aurora.pk)}
    )

    assert resposta.status_code == 200


def test_the_api_refuses_a_foreign_organisation_in_the_header(
    gente: SimpleNamespace, token: Token
) -> None:
    cabecalhos = token("ana") | {"X-Org-Id": str(gente.brisa.pk)}

    resposta = Client().post("/prova/nega/", headers=cabecalhos)

    assert resposta.status_code == 404
    assert resposta.json()["erro"]["codigo"] == "nao_encontrado"


def test_an_anonymous_person_logs_in_and_comes_back(gente: SimpleNamespace) -> None:
    anonimo = Client()

    ida = anonimo.get("/contatos/?busca=rita")
    volta = anonimo.post(
        ida["Location"],
        {
            "login": "ana@exemplo.test",
            "password": SENHA,
            "next": "/contatos/?busca=rita",
        },
    )

    assert ida.status_code == 302
    assert ida["Location"] == "/conta/entrar/?next=%2Fcontatos%2F%3Fbusca%3Drita"
    assert volta.status_code == 302
    assert volta["Location"] == "/contatos/?busca=rita"


def test_a_fragment_sends_an_anonymous_browser_to_the_log_in(
    gente: SimpleNamespace,
) -> None:
    resposta = Client().get(
        "/conversas/lista/",
        headers={
            "HX-Request": "true",
            "HX-Current-URL": "http://testserver/conversas/?filtro=nao_lidas",
        },
    )

    assert resposta["HX-Redirect"] == (
        "/conta/entrar/?next=%2Fconversas%2F%3Ffiltro%3Dnao_lidas"
    )
    assert resposta.content == b""
    # By this the page knows that it did nothing, and keeps what somebody was writing.
    assert resposta["X-Sessao"] == "terminou"


def test_a_person_deactivated_meanwhile_is_anonymous_at_once(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    bruno = entrar("bruno")
    with sistema("comando"):
        gente.bruno.is_active = False
        gente.bruno.save()

    resposta = bruno.get("/contatos/")

    assert resposta.status_code == 302
    assert resposta["Location"].startswith("/conta/entrar/")


def test_a_token_on_a_page_is_no_log_in(token: Token) -> None:
    resposta = Client().get("/contatos/", headers=token("ana"))

    assert resposta.status_code == 302
    assert resposta["Location"].startswith("/conta/entrar/")


# --- The super admin ---------------------------------------------------------


def test_a_super_admin_without_an_organisation_is_sent_to_the_choice(
    entrar: Entrar,
) -> None:
    sofia = entrar("sofia")

    pagina = sofia.get("/contatos/")
    fragmento = sofia.get("/conversas/lista/", headers={"HX-Request": "true"})

    assert (pagina.status_code, pagina["Location"]) == (302, "/organizacoes/")
    assert fragmento["HX-Redirect"] == "/organizacoes/"


def test_a_super_admin_enters_one_organisation_and_it_is_audited(
    gente: SimpleNamespace, entrar: Entrar, contatos: SimpleNamespace
) -> None:
    sofia = entrar("sofia")

    troca = sofia.post("/organizacoes/trocar/", {"organizacao": str(gente.brisa.pk)})
    pagina = sofia.get("/contatos/").content.decode()

    assert (troca.status_code, troca["Location"]) == (302, "/conversas/")
    assert "Tito Telles" in pagina
    assert "Rita Reis" not in pagina
    assert auditados("super_admin.entrou") == [
        ("Sofia Souza", "Brisa Odontologia", "", {}, "127.0.0.1")
    ]
    assert auditados("super_admin.agiu") == []


def test_a_super_admin_is_audited_when_the_header_names_the_organisation(
    gente: SimpleNamespace, entrar: Entrar, contatos: SimpleNamespace
) -> None:
    resposta = entrar("sofia").get(
        "/contatos/", headers={"X-Org-Id": str(gente.aurora.pk)}
    )

    assert "Rita Reis" in resposta.content.decode()
    assert auditados("super_admin.agiu") == [
        ("Sofia Souza", "Aurora Imóveis", "/contatos/", {"metodo": "GET"}, "127.0.0.1")
    ]


def test_a_super_admin_is_audited_when_they_change_something(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    sofia = entrar("sofia")
    sofia.post("/organizacoes/trocar/", {"organizacao": str(gente.brisa.pk)})

    sofia.post("/prova/guarda/?status=200")

    assert nomes(gente.brisa) == ["Escrito"]
    assert auditados("super_admin.agiu") == [
        (
            "Sofia Souza",
            "Brisa Odontologia",
            "/prova/guarda/",
            {"metodo": "POST"},
            "127.0.0.1",
        )
    ]


def test_the_header_wins_over_the_organisation_chosen_before(
    gente: SimpleNamespace, entrar: Entrar, contatos: SimpleNamespace
) -> None:
    sofia = entrar("sofia")
    sofia.post("/organizacoes/trocar/", {"organizacao": str(gente.brisa.pk)})

    pagina = sofia.get("/contatos/", headers={"X-Org-Id": str(gente.aurora.pk)})

    assert "Rita Reis" in pagina.content.decode()
    assert "Tito Telles" not in pagina.content.decode()


def test_an_organisation_that_is_gone_is_forgotten_by_the_session(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    sofia = entrar("sofia")
    with sistema("comando"):
        extinta = Organizacao.objects.create(nome="Extinta")
    sessao = sofia.session
    sessao[CHAVE_DA_SESSAO] = str(extinta.pk)
    sessao.save()
    with sistema("comando"):
        extinta.delete()

    primeira = sofia.get("/contatos/")
    segunda = sofia.get("/contatos/")

    assert primeira.status_code == 404
    assert (segunda.status_code, segunda["Location"]) == (302, "/organizacoes/")


# --- What a request undoes ---------------------------------------------------


def test_what_a_view_wrote_is_kept(gente: SimpleNamespace, entrar: Entrar) -> None:
    entrar("ana").post("/prova/guarda/?status=200")

    assert nomes(gente.aurora) == ["Escrito"]


@pytest.mark.parametrize(
    ("erro", "status"),
    [("defeito", 500), ("ausente", 404), ("proibido", 403), ("suspeito", 400)],
)
def test_an_exception_undoes_what_the_view_wrote(
    gente: SimpleNamespace, entrar: Entrar, erro: str, status: int
) -> None:
    ana = entrar("ana")
    ana.raise_request_exception = False

    resposta = ana.post(f"/prova/quebra/?erro={erro}")

    assert resposta.status_code == status
    assert nomes(gente.aurora) == []


@pytest.mark.parametrize("status", [500, 502, 503])
def test_an_answer_from_500_undoes_what_the_view_wrote(
    gente: SimpleNamespace, entrar: Entrar, status: int
) -> None:
    resposta = entrar("ana").post(f"/prova/guarda/?status={status}")

    assert resposta.status_code == status
    assert nomes(gente.aurora) == []


@pytest.mark.parametrize("via", ["token", "sessao"])
def test_a_refusal_of_the_domain_undoes_what_the_api_wrote(
    gente: SimpleNamespace, entrar: Entrar, token: Token, via: str
) -> None:
    if via == "token":
        resposta = Client().post("/prova/nega/", headers=token("ana"))
    else:
        resposta = entrar("ana").post("/prova/nega/")

    assert resposta.status_code == 409
    assert resposta.json() == {
        "erro": {"codigo": "regra_de_negocio", "mensagem": "Hoje não."}
    }
    assert nomes(gente.aurora) == []


def test_a_refused_page_is_audited(gente: SimpleNamespace, entrar: Entrar) -> None:
    resposta = entrar("bruno").get("/organizacoes/")

    assert resposta.status_code == 403
    assert auditados("acesso.recusado") == [
        (
            "Bruno Barros",
            "Aurora Imóveis",
            "/organizacoes/",
            {"metodo": "GET"},
            "127.0.0.1",
        )
    ]


def test_a_refused_switch_is_audited_and_changes_nothing(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    ana = entrar("ana")

    resposta = ana.post("/organizacoes/trocar/", {"organizacao": str(gente.brisa.pk)})

    assert resposta.status_code == 403
    assert CHAVE_DA_SESSAO not in ana.session
    assert auditados("super_admin.entrou") == []
    assert [linha[:3] for linha in auditados("acesso.recusado")] == [
        ("Ana Alves", "Aurora Imóveis", "/organizacoes/trocar/")
    ]


def test_a_refused_super_admin_is_audited_without_an_organisation(
    entrar: Entrar,
) -> None:
    resposta = entrar("sofia").get("/contatos/novo/")

    assert resposta.status_code == 403
    assert [linha[:3] for linha in auditados("acesso.recusado")] == [
        ("Sofia Souza", None, "/contatos/novo/")
    ]


def test_a_refused_call_of_the_api_is_audited(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    sofia = entrar("sofia")

    resposta = sofia.post("/prova/nega/", headers={"X-Org-Id": str(gente.aurora.pk)})

    assert resposta.status_code == 403
    assert resposta.json()["erro"]["codigo"] == "sem_permissao"
    assert [linha[:3] for linha in auditados("acesso.recusado")] == [
        ("Sofia Souza", "Aurora Imóveis", "/prova/nega/")
    ]
    assert nomes(gente.aurora) == []


def test_an_address_is_looked_up_once_by_us_and_once_by_django(entrar: Entrar) -> None:
    ana = entrar("ana")

    ana.get("/prova/alvo/uma/")

    assert Contada.vezes == ["uma", "uma"]


# --- Outside a transaction ---------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_view_without_a_transaction_still_knows_its_person(entrar: Entrar) -> None:
    resposta = entrar("bruno").get("/prova/solta/")

    assert resposta.content.decode() == "False | Bruno Barros | Aurora Imóveis | None"


@pytest.mark.django_db(transaction=True)
def test_a_view_without_a_transaction_may_be_anonymous(gente: SimpleNamespace) -> None:
    resposta = Client().get("/prova/solta/")

    assert resposta.content.decode() == "False | AnonymousUser | None | None"


@pytest.mark.django_db(transaction=True)
def test_a_request_leaves_no_trace_on_its_connection(entrar: Entrar) -> None:
    entrar("ana").get("/contatos/")

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, current_setting('app.current_tenant', true),"
            " current_setting('app.current_user', true)"
        )
        assert cursor.fetchone() == ("conexoes_app", "", "")
    assert Contato.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_stream_holds_no_connection(entrar: Entrar) -> None:
    resposta = entrar("ana").get("/prova/fluxo/")

    assert connection.connection is None
    assert b"".join(resposta) == b"umdois"  # type: ignore[call-overload]


@pytest.fixture
def dois_lugares(entrar: Entrar) -> Iterator[Client]:
    """A browser logged in, and a pool with room for two connections."""
    ana = entrar("ana")
    connection.close()
    opcoes = connection.settings_dict["OPTIONS"]
    piscina = {"min_size": 1, "max_size": 2, "timeout": 2}
    connection.settings_dict["OPTIONS"] = opcoes | {"pool": piscina}
    yield ana
    connection.close()
    connection.close_pool()
    connection.settings_dict["OPTIONS"] = opcoes


@pytest.mark.django_db(transaction=True)
def test_more_streams_than_connections_still_leave_room_for_a_page(
    dois_lugares: Client,
) -> None:
    abertos, fechar = Barrier(4), Event()

    def abrir() -> None:
        aba = Client()
        aba.cookies = dois_lugares.cookies
        try:
            resposta = aba.get("/prova/fluxo/")
            abertos.wait(10)
            fechar.wait(10)
            assert resposta.streaming
        finally:
            connection.close()

    abas = [Thread(target=abrir, daemon=True) for _ in range(3)]
    for aba in abas:
        aba.start()
    abertos.wait(10)

    pagina = dois_lugares.get("/contatos/")

    fechar.set()
    for aba in abas:
        aba.join(10)
    assert pagina.status_code == 200


def test_a_webhook_passes_by_sessions_and_pages(
    gente: SimpleNamespace, django_assert_num_queries: Callable[..., Any]
) -> None:
    with django_assert_num_queries(0):
        resposta = Client().get("/webhooks/nada")

    assert resposta.status_code == 404
    assert resposta.content == b""
    assert "Content-Security-Policy" not in resposta
    assert resposta.cookies == {}


@pytest.fixture
def banco_fora(gente: SimpleNamespace) -> Iterator[None]:
    """Whoever connects now finds nobody listening."""
    porta = connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict["PORT"] = "1"
    yield
    connection.settings_dict["PORT"] = porta


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("banco_fora")
def test_the_process_says_it_lives_without_a_database() -> None:
    resposta = Client().get("/healthz")

    assert (resposta.status_code, resposta.content) == (200, b"ok")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("banco_fora")
def test_the_process_says_that_it_lacks_its_database() -> None:
    resposta = Client().get("/readyz")

    assert (resposta.status_code, resposta.content) == (503, b"banco")


@pytest.mark.django_db(transaction=True)
def test_the_process_says_that_it_lacks_redis(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    resposta = Client().get("/readyz")

    assert (resposta.status_code, resposta.content) == (503, b"redis")


@pytest.mark.django_db(transaction=True)
def test_the_process_says_that_it_is_ready() -> None:
    resposta = Client().get("/readyz")

    assert (resposta.status_code, resposta.content) == (200, b"ok")
