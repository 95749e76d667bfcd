"""Passwords: forgotten, made anew by a link, and changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from conexoes import drenos
from conexoes.models import EventoPendente
from conexoes.tenancy import sistema
from tests.conexoes.entradas import OUTRA, Entrar, entrou, mudar, tentar
from tests.conftest import SENHA
from tests.produto import esperar

pytestmark = pytest.mark.django_db


def pedir_senha(email: str) -> Any:
    resposta = Client().post("/conta/senha/esqueci/", {"email": email}, follow=True)
    drenos.drenar_saida()
    return resposta


def link_do_email() -> str:
    url = r"http://127\.0\.0\.1:8000(/conta/senha/nova/\S+)"
    achado = re.search(url, str(mail.outbox[0].body))
    assert achado
    return achado[1]


@pytest.mark.django_db(transaction=True)
def test_the_password_is_reset_by_an_e_mail_in_portuguese(
    gente: SimpleNamespace,
) -> None:
    pedir_senha("bruno@exemplo.test")
    navegador = Client()
    formulario = navegador.get(link_do_email(), follow=True)
    url = formulario.redirect_chain[-1][0]

    navegador.post(url, {"password1": OUTRA, "password2": OUTRA})

    assert [m.to for m in mail.outbox[:1]] == [["bruno@exemplo.test"]]
    assert mail.outbox[0].subject == "[Conexões] Crie sua senha nova"
    assert "Alguém pediu para trocar a senha da sua conta." in mail.outbox[0].body
    com_a_nova, com_a_velha = Client(), Client()
    tentar(com_a_nova, "bruno", OUTRA)
    tentar(com_a_velha, "bruno", SENHA)
    assert (entrou(com_a_nova), entrou(com_a_velha)) == (True, False)


@pytest.mark.django_db(transaction=True)
def test_an_unknown_e_mail_gets_the_same_page(gente: SimpleNamespace) -> None:
    conhecido = pedir_senha("bruno@exemplo.test")
    desconhecido = pedir_senha("ninguem@exemplo.test")

    def visto(resposta: Any) -> str:
        return re.sub('"x-csrftoken": "[^"]+"', "", resposta.content.decode())

    assert visto(conhecido) == visto(desconhecido)
    assert conhecido.redirect_chain == desconhecido.redirect_chain
    assert "Se houver uma conta com esse e-mail" in conhecido.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_reset_link_works_once(gente: SimpleNamespace) -> None:
    pedir_senha("bruno@exemplo.test")
    link = link_do_email()
    navegador = Client()
    url = navegador.get(link, follow=True).redirect_chain[-1][0]
    navegador.post(url, {"password1": OUTRA, "password2": OUTRA})

    segunda = Client().get(link, follow=True)

    assert "password1" not in segunda.content.decode()
    assert "link" in segunda.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_reset_ends_the_sessions_of_before(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    antiga = entrar("bruno")
    pedir_senha("bruno@exemplo.test")
    navegador = Client()
    url = navegador.get(link_do_email(), follow=True).redirect_chain[-1][0]

    navegador.post(url, {"password1": OUTRA, "password2": OUTRA})

    assert antiga.get("/contatos/").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_who_makes_a_new_password_by_link_may_end_the_keys(
    gente: SimpleNamespace, chave: Callable[..., Any]
) -> None:
    cabecalhos = chave("bruno", "contatos.ver")
    pedir_senha("bruno@exemplo.test")
    navegador = Client()
    formulario = navegador.get(link_do_email(), follow=True)
    senhas = {"password1": OUTRA, "password2": OUTRA, "revogar_chaves": "on"}
    navegador.post(formulario.redirect_chain[-1][0], senhas)

    assert "Revogar também a minha chave de API" in formulario.content.decode()
    assert Client().get("/api/v1/contatos", headers=cabecalhos).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_an_inactive_person_gets_no_link(gente: SimpleNamespace) -> None:
    mudar(gente.bruno, is_active=False)

    pedir_senha("bruno@exemplo.test")

    assert not [m for m in mail.outbox if "/conta/senha/nova/" in m.body]


def test_a_password_is_changed_from_the_account(entrar: Entrar) -> None:
    bruno = entrar("bruno")

    resposta = bruno.post(
        "/conta/senha/alterar/",
        {"oldpassword": SENHA, "password1": OUTRA, "password2": OUTRA},
        follow=True,
    )

    # Back where it was asked from, not at the empty form once more.
    assert resposta.redirect_chain == [("/conta/perfil/", 302)]
    assert "Senha alterada." in resposta.content.decode()
    com_a_nova = Client()
    tentar(com_a_nova, "bruno", OUTRA)
    assert entrou(com_a_nova)
    assert bruno.get("/contatos/").status_code == 200


@pytest.mark.parametrize(
    ("marcado", "vale"), [({}, 200), ({"revogar_chaves": "on"}, 401)]
)
def test_a_new_password_offers_to_end_the_keys(
    entrar: Entrar, chave: Callable[..., Any], marcado: dict[str, str], vale: int
) -> None:
    dele, dela = (chave(quem, "contatos.ver") for quem in ("bruno", "ana"))
    bruno, pagina = entrar("bruno"), "/conta/senha/alterar/"

    oferta = bruno.get(pagina).content.decode()
    senhas = {"oldpassword": SENHA, "password1": OUTRA, "password2": OUTRA}
    bruno.post(pagina, senhas | marcado)

    assert "Revogar também a minha chave de API" in oferta
    assert Client().get("/api/v1/contatos", headers=dele).status_code == vale
    assert Client().get("/api/v1/contatos", headers=dela).status_code == 200


def test_who_has_no_key_is_offered_nothing(entrar: Entrar) -> None:
    for quem in ("bruno", "sofia"):
        pagina = entrar(quem).get("/conta/senha/alterar/").content.decode()
        assert "chave de API" not in pagina


def test_a_weak_password_is_refused_in_portuguese(entrar: Entrar) -> None:
    resposta = entrar("bruno").post(
        "/conta/senha/alterar/",
        {"oldpassword": SENHA, "password1": "12345678", "password2": "12345678"},
    )

    assert "Esta senha é muito comum." in resposta.content.decode()
    de_novo = Client()
    tentar(de_novo, "bruno")
    assert entrou(de_novo)


@pytest.mark.django_db(transaction=True)
def test_the_row_keeps_no_link(gente: SimpleNamespace) -> None:
    pedir_senha("bruno@exemplo.test")

    chave = link_do_email().rstrip("/").rpartition("-")[2]
    with sistema("comando"):
        [evento] = EventoPendente.objects.all()
    assert evento.status == "completed"
    assert chave not in str(evento.payload)


@pytest.mark.django_db(transaction=True)
def test_a_super_admin_gets_the_link_too(gente: SimpleNamespace) -> None:
    pedir_senha("sofia@exemplo.test")

    esperar(lambda: mail.outbox)
    assert mail.outbox[0].to == ["sofia@exemplo.test"]
    assert Client().get(link_do_email(), follow=True).status_code == 200


@pytest.mark.parametrize("apelido", ["bruno", "ninguem"])
def test_a_forgotten_password_waits_for_nobody(
    gente: SimpleNamespace, settings: Any, apelido: str
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody answers

    resposta = Client().post(
        "/conta/senha/esqueci/", {"email": f"{apelido}@exemplo.test"}
    )

    assert resposta.status_code == 302
    assert resposta["Location"] == "/conta/senha/esqueci/enviado/"


def test_too_many_requests_for_a_link_are_told_so(gente: SimpleNamespace) -> None:
    def pedir() -> Any:
        return Client().post("/conta/senha/esqueci/", {"email": "bruno@exemplo.test"})

    respostas = [pedir() for _ in range(6)]

    assert [r.status_code for r in respostas] == [302] * 5 + [429]
    assert "Muitas tentativas seguidas" in respostas[-1].content.decode()
