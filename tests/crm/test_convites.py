"""Invitations to the team, and the links they carry."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conexoes import drenos
from conexoes.models import EventoPendente, RegistroAuditoria
from conexoes.registro import formatador
from conexoes.tenancy import sistema
from crm.models import Convite, Usuario
from tests.crm.equipe import EQUIPE, Entrar, acoes, convidar, todos

pytestmark = pytest.mark.django_db(transaction=True)

BOA = "uma-senha-bem-longa-42"


def link() -> str:
    """Where the newest invitation mail leads."""
    drenos.drenar_saida()
    achado = re.search(r"(/conta/convite/\S+)", str(mail.outbox[-1].body))
    assert achado
    return achado[1]


def aceitar(url: str, nome: str = "Nina Nunes", senha: str = BOA) -> Any:
    return Client().post(url, {"nome": nome, "senha": senha})


def test_invited_person_makes_an_account_and_is_in(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    resposta = convidar(
        entrar("ana"), "Nina@Exemplo.test", papel="member", meta_lead_ads="on"
    )
    assert resposta.status_code == 302
    url = link()
    [carta] = mail.outbox
    assert carta.to == ["nina@exemplo.test"]
    assert "Ana Alves convidou você para a equipe de Aurora Imóveis" in carta.body
    navegador = Client()
    pagina = navegador.get(url)
    assert "nina@exemplo.test" in pagina.content.decode()
    # No path leaves, and the origin does: without it browsers cannot send the form.
    assert pagina["Referrer-Policy"] == "strict-origin"

    entrou = navegador.post(url, {"nome": "Nina Nunes", "senha": BOA}, follow=True)

    assert entrou.redirect_chain[-1][0] == "/conversas/"
    [nina] = todos(Usuario, email="nina@exemplo.test")
    assert (nina.nome, nina.papel, nina.organizacao_id) == (
        "Nina Nunes",
        "member",
        gente.aurora.pk,
    )
    assert nina.permissoes_conexoes == {
        "meta_lead_ads": True,
        "instagram_direct": False,
    }
    assert not nina.is_superuser
    assert acoes() == ["convite.enviado", "convite.aceito"]


def test_invitation_whose_mail_was_refused_says_so_until_it_is_sent_again(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    recusa = "O servidor de e-mail recusou o endereço da pessoa (550)."
    ana = entrar("ana")
    convidar(ana, "nina@exemplo.test, nilo@exemplo.test")
    _nilo, nina = sorted(todos(Convite), key=lambda convite: str(convite.email))
    with sistema("comando"):
        EventoPendente.objects.filter(payload__convite=str(nina.pk)).update(
            status="failed", motivo="permanente", ultimo_erro=recusa
        )

    antes = ana.get(EQUIPE).content.decode()
    ana.post(f"{EQUIPE}convites/{nina.pk}/reenviar/")
    depois = ana.get(EQUIPE).content.decode()

    assert antes.count(f"O e-mail não saiu: {recusa}") == 1
    assert "O e-mail não saiu" not in depois


def test_link_opens_once(gente: SimpleNamespace, entrar: Entrar) -> None:
    convidar(entrar("ana"), "nina@exemplo.test")
    url = link()

    assert aceitar(url).status_code == 302
    depois = aceitar(url, "Outra")

    assert depois.status_code == 404
    assert "Este convite não vale mais" in depois.content.decode()
    assert len(todos(Usuario, email="nina@exemplo.test")) == 1


def test_two_who_accept_at_once_make_one_account(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    convidar(entrar("ana"), "nina@exemplo.test")
    url = link()

    def tentar(_: int) -> int:
        try:
            status: int = aceitar(url).status_code
            return status
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as duas:
        respostas = sorted(duas.map(tentar, range(2)))

    assert respostas == [302, 404]
    assert len(todos(Usuario, email="nina@exemplo.test")) == 1


@pytest.mark.parametrize("como", ["expired", "cancelled", "cut", "invented", "resent"])
def test_link_that_is_worth_nothing_says_so(
    gente: SimpleNamespace, entrar: Entrar, como: str
) -> None:
    ana = entrar("ana")
    convidar(ana, "nina@exemplo.test")
    url = link()
    [convite] = todos(Convite)
    if como == "expired":
        with sistema("comando"):
            Convite.objects.update(expira_em=timezone.now() - timedelta(seconds=1))
    elif como == "cancelled":
        ana.post(f"{EQUIPE}convites/{convite.pk}/cancelar/")
    elif como == "resent":
        ana.post(f"{EQUIPE}convites/{convite.pk}/reenviar/")
        assert link() != url
    else:
        url = url[:-3] + "/" if como == "cut" else "/conta/convite/nada/"

    assert aceitar(url).status_code == 404
    assert todos(Usuario, email="nina@exemplo.test") == []


@pytest.mark.parametrize("senha", ["12345678", "curta", "nina@exemplo.test", ""])
def test_weak_password_is_refused_in_words(
    gente: SimpleNamespace, entrar: Entrar, senha: str
) -> None:
    convidar(entrar("ana"), "nina@exemplo.test")

    resposta = aceitar(link(), senha=senha)

    assert resposta.status_code == 422
    assert todos(Usuario, email="nina@exemplo.test") == []


def test_link_is_told_neither_to_the_log_nor_to_the_trail(
    entrar: Entrar, caplog: pytest.LogCaptureFixture
) -> None:
    convidar(entrar("ana"), "nina@exemplo.test")
    url = link()
    token = url.removeprefix("/conta/convite/").rstrip("/")
    bruno = entrar("bruno")
    bruno.handler.enforce_csrf_checks = True

    assert bruno.post(url, {}).status_code == 403
    assert aceitar(url, senha="curta").status_code == 422

    ditas = [formatador().format(linha) for linha in caplog.records]
    assert sum("/conta/convite/***" in linha for linha in ditas) >= 2
    assert not [linha for linha in ditas if token in linha]
    [recusa] = todos(RegistroAuditoria, acao="acesso.recusado")
    assert recusa.objeto == "/conta/convite/***/"


def test_account_elsewhere_is_told_to_its_owner_only(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    resposta = convidar(entrar("ana"), "carla@exemplo.test")

    # As for anybody: who invites learns nothing of other organisations.
    assert resposta.status_code == 302
    drenos.drenar_saida()
    [carta] = mail.outbox
    assert "este e-mail já tem uma conta" in carta.body
    assert "/conta/convite/" not in carta.body


def test_inviting_costs_the_same_whoever_it_is(
    gente: SimpleNamespace,
    entrar: Entrar,
) -> None:
    ana = entrar("ana")
    convidar(ana, "aquece@exemplo.test")
    custos = []
    for email in ("ninguem@exemplo.test", "carla@exemplo.test", "sofia@exemplo.test"):
        with CaptureQueriesContext(connection) as consultas:
            resposta = convidar(ana, email)
        custos.append((resposta.status_code, resposta["Location"], len(consultas)))

    assert len(set(custos)) == 1


def test_several_at_once_and_what_cannot_be_stays_in_the_form(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    resposta = convidar(
        entrar("ana"), "um@exemplo.test, bruno@exemplo.test\num@exemplo.test"
    )

    assert resposta.status_code == 422
    conteudo = resposta.content.decode()
    assert "bruno@exemplo.test já está na equipe." in conteudo
    assert "um@exemplo.test</textarea>" not in conteudo
    assert [c.email for c in todos(Convite)] == ["um@exemplo.test"]


def test_second_invitation_of_an_address_replaces_the_first(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    ana = entrar("ana")
    convidar(ana, "nina@exemplo.test")
    antigo = link()
    convidar(ana, "NINA@exemplo.test", papel="admin")

    assert aceitar(link()).status_code == 302
    assert aceitar(antigo).status_code == 404
    assert todos(Usuario, email="nina@exemplo.test")[0].papel == "admin"


def test_fifty_a_day_is_enough(gente: SimpleNamespace, entrar: Entrar) -> None:
    emails = " ".join(f"p{n}@exemplo.test" for n in range(51))

    resposta = convidar(entrar("ana"), emails)

    assert "São até 50 convites por dia." in resposta.content.decode()
    assert len(todos(Convite)) == 50


def test_queue_keeps_no_link(gente: SimpleNamespace, entrar: Entrar) -> None:
    convidar(entrar("ana"), "nina@exemplo.test")
    token = link().rsplit("/", 2)[-2]

    [evento] = todos(EventoPendente)
    assert evento.status == "completed"
    assert token not in str(evento.payload)
    assert token not in todos(Convite)[0].token_hash


def test_invitation_is_accepted_only_from_its_own_page(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    convidar(entrar("ana"), "nina@exemplo.test")
    forjado = Client(enforce_csrf_checks=True)

    resposta = forjado.post(link(), {"nome": "Nina", "senha": BOA})

    assert resposta.status_code == 403
    assert todos(Usuario, email="nina@exemplo.test") == []


def test_invitation_leads_inside_whatever_its_address_says(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    convidar(entrar("ana"), "nina@exemplo.test")

    resposta = aceitar(f"{link()}?next=//evil.example/")

    assert (resposta.status_code, resposta["Location"]) == (302, "/")
