"""Log-in by page: who gets in, who does not, and what they are told."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from conexoes.tenancy import sistema
from crm.models import Contato, Usuario
from tests.conexoes.entradas import OUTRA, Entrar, Token, entrou, mudar, tentar
from tests.conftest import SENHA
from whatsapp.models import SessaoWhatsapp

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


# --- The page ----------------------------------------------------------------


def test_the_log_in_page_speaks_portuguese() -> None:
    pagina = Client().get("/conta/entrar/").content.decode()

    assert '<html lang="pt-br"' in pagina
    assert "Use o e-mail e a senha da sua conta na empresa." in pagina
    assert "Esqueci minha senha" in pagina


def test_the_right_password_opens_the_product(gente: SimpleNamespace) -> None:
    navegador = Client()

    resposta = tentar(navegador, "ana")

    assert (resposta.status_code, resposta["Location"]) == (302, "/")
    assert entrou(navegador)


def test_the_e_mail_is_found_whatever_its_case(gente: SimpleNamespace) -> None:
    navegador = Client()

    navegador.post("/conta/entrar/", {"login": "ANA@Exemplo.Test", "password": SENHA})

    assert entrou(navegador)


@pytest.mark.parametrize(
    ("apelido", "senha"), [("ana", "errada"), ("ninguem", SENHA), ("ana", "")]
)
def test_a_wrong_password_and_an_unknown_e_mail_look_alike(
    gente: SimpleNamespace, apelido: str, senha: str
) -> None:
    navegador = Client()

    resposta = tentar(navegador, apelido, senha)

    assert resposta.status_code == 200
    assert not entrou(navegador)
    esperado = "Este campo é obrigatório." if not senha else "incorretos"
    assert esperado in resposta.content.decode()


def test_the_refusal_does_not_tell_whether_the_e_mail_exists(
    gente: SimpleNamespace,
) -> None:
    def erros(apelido: str) -> list[str]:
        pagina = tentar(Client(), apelido, "errada").context["form"]
        return [str(erro) for erro in pagina.non_field_errors()]

    assert erros("ana") == erros("ninguem")
    assert len(erros("ana")) == 1


def test_five_failures_close_the_account_for_a_while(gente: SimpleNamespace) -> None:
    navegador = Client()
    for _ in range(5):
        tentar(navegador, "ana", "errada")

    bloqueada = tentar(navegador, "ana")
    outra_pessoa = Client()
    tentar(outra_pessoa, "bruno")

    assert bloqueada.status_code == 200
    assert "Muitas tentativas" in bloqueada.content.decode()
    assert not entrou(navegador)
    assert entrou(outra_pessoa)


def test_the_account_opens_again_after_five_minutes(gente: SimpleNamespace) -> None:
    navegador = Client()
    for _ in range(5):
        tentar(navegador, "ana", "errada")

    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        tentar(navegador, "ana")

    assert entrou(navegador)


def test_twenty_failures_close_the_address_for_every_account(
    gente: SimpleNamespace,
) -> None:
    for numero in range(20):
        tentar(Client(), f"ninguem{numero}", "errada")

    daqui, de_longe = Client(), Client(REMOTE_ADDR="192.0.2.77")
    tentar(daqui, "ana")
    tentar(de_longe, "ana")

    assert not entrou(daqui)
    assert entrou(de_longe)


def test_an_inactive_person_is_refused(gente: SimpleNamespace) -> None:
    mudar(gente.bruno, is_active=False)
    navegador = Client()

    tentar(navegador, "bruno")

    assert not entrou(navegador)


def test_a_log_in_changes_the_session_key(gente: SimpleNamespace) -> None:
    navegador = Client()
    sessao = navegador.session
    sessao["semeada"] = "por outro"
    sessao.save()
    antes = sessao.session_key

    tentar(navegador, "ana")

    assert entrou(navegador)
    assert navegador.session.session_key != antes


def test_the_session_cookie_is_out_of_reach_of_scripts(gente: SimpleNamespace) -> None:
    navegador = Client()

    tentar(navegador, "ana")

    biscoito = navegador.cookies["sessionid"]
    assert (biscoito["httponly"], biscoito["samesite"]) == (True, "Lax")


def test_a_log_out_ends_the_session_in_the_server(entrar: Entrar) -> None:
    ana = entrar("ana")
    copia = Client()
    copia.cookies["sessionid"] = ana.cookies["sessionid"].value

    saida = ana.post("/conta/sair/")

    assert (saida.status_code, saida["Location"]) == (302, "/conta/entrar/")
    assert ana.get("/contatos/").status_code == 302
    assert copia.get("/contatos/").status_code == 302


def test_opening_the_log_out_page_ends_nothing(entrar: Entrar) -> None:
    ana = entrar("ana")

    assert ana.get("/conta/sair/").status_code == 200
    assert ana.get("/contatos/").status_code == 200


@pytest.mark.parametrize(
    "para",
    [
        *("//evil.example/", "https://evil.example/", "/\\evil.example", "///evil"),
        *("javascript:alert(1)", "http:evil.example", "\t//evil.example"),
    ],
)
def test_nobody_is_sent_elsewhere_after_the_log_in(
    gente: SimpleNamespace, para: str
) -> None:
    fora, dentro = Client(), Client()
    tentar(dentro, "ana")

    novo = tentar(fora, "ana", next=para)
    ja_dentro = dentro.get("/conta/entrar/", {"next": para})

    assert (novo.status_code, novo["Location"]) == (302, "/")
    assert (ja_dentro.status_code, ja_dentro["Location"]) == (302, "/")


@pytest.mark.parametrize(
    "nome", ["account_signup", "account_email", "socialaccount_signup"]
)
def test_nobody_signs_up(nome: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(nome)


@pytest.mark.parametrize(
    "url", ["/conta/cadastro/", "/conta/signup/", "/accounts/signup/"]
)
def test_there_is_no_sign_up_page(gente: SimpleNamespace, url: str) -> None:
    resposta = Client().post(
        url, {"email": "x@exemplo.test", "password1": OUTRA, "password2": OUTRA}
    )

    assert resposta.status_code == 404
    with sistema("comando"):
        assert Usuario.objects.count() == 5


# --- Who has an account here -------------------------------------------------


def contar_hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that is hashed from now on: the slow part of a log-in."""
    feitos: list[str] = []
    original = MD5PasswordHasher.encode

    def encode(self: Any, password: str, salt: str) -> str:
        feitos.append(password)
        return original(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", encode)
    return feitos


@pytest.mark.parametrize("apelido", ["bruno", "ninguem", "sofia", "inativa"])
def test_a_wrong_password_costs_the_same_whoever_it_is_for(
    gente: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, apelido: str
) -> None:
    mudar(gente.davi, is_active=False, email="inativa@exemplo.test")
    feitos = contar_hashes(monkeypatch)

    pagina = tentar(Client(), apelido, "errada")
    token = Client().post(
        "/api/v1/auth/token/",
        {"email": f"{apelido}@exemplo.test", "password": "errada"},
        content_type="application/json",
    )

    assert feitos == ["errada", "errada"]
    assert "incorretos" in pagina.content.decode()
    assert token.status_code == 401


# --- Forged requests ---------------------------------------------------------


def test_a_log_in_from_another_site_is_refused(gente: SimpleNamespace) -> None:
    navegador = Client(enforce_csrf_checks=True)

    resposta = tentar(navegador, "ana")

    assert resposta.status_code == 403
    assert not entrou(navegador)


def test_a_form_from_another_site_is_refused(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    forjado = Client(enforce_csrf_checks=True)
    forjado.cookies = entrar("ana").cookies

    resposta = forjado.post("/contatos/novo/", {"nome": "Forjada", "email": "f@x.test"})

    assert resposta.status_code == 403
    with sistema("comando"):
        assert Contato.objects.count() == 0


def test_a_page_from_before_the_log_in_is_told_to_be_loaded_anew(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    antiga = Client(enforce_csrf_checks=True)
    antiga.cookies = entrar("ana").cookies

    resposta = antiga.post("/contatos/novo/", {"nome": "Ana"}, headers=HTMX)

    assert resposta.status_code == 403
    assert json.loads(resposta["HX-Trigger"])["aviso"] == {
        "texto": "Por segurança, o formulário venceu antes de ser enviado. Recarregue"
        " a página e envie de novo.",
        "tom": "erro",
    }
    assert resposta["X-Sessao"] == "terminou"


def test_the_api_by_session_needs_the_sites_own_token(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    forjado = Client(enforce_csrf_checks=True)
    forjado.cookies = entrar("ana").cookies

    resposta = forjado.post(
        "/api/v1/conexoes/whatsapp/iniciar", content_type="application/json"
    )

    assert resposta.status_code == 403
    assert resposta.json()["erro"]["codigo"] == "csrf"
    with sistema("comando"):
        assert SessaoWhatsapp.objects.count() == 0


def test_the_api_by_token_needs_no_cookie(token: Token) -> None:
    programa = Client(enforce_csrf_checks=True)

    resposta = programa.post(
        "/api/v1/conexoes/whatsapp/iniciar",
        {"aceito_risco": True},
        content_type="application/json",
        headers=token("bruno"),
    )

    assert resposta.status_code == 201
