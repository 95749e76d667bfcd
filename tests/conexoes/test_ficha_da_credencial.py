"""A global credential as its provider wants it: words, secrets, addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.validators import RegexValidator
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from conexoes import provedores, retencao
from conexoes.erros import ErroPermanente
from conexoes.fichas import (
    AcaoDaCredencial,
    CampoDaCredencial,
    Endereco,
    FichaDaCredencial,
)
from conexoes.models import CredencialGlobal, RegistroAuditoria
from conexoes.tenancy import sistema

pytestmark = pytest.mark.django_db

LISTA = reverse("admin:conexoes_credencialglobal_changelist")
NOVA = reverse("admin:conexoes_credencialglobal_add")
CERTA = {"provedor": "rede", "identificador": "123", "segredo": "primeiro"}


@dataclass
class Rede:
    """A provider with an app of its own; what was asked of it, and what it said."""

    testadas: list[str] = field(default_factory=list)
    usadas: list[str] = field(default_factory=list)
    erro: Exception | None = None

    def testar(self, credencial):
        assert not [b for b in connection.atomic_blocks if not b._from_testcase]
        self.testadas.append(credencial.segredo)
        return "Funciona.\nMas falta uma coisa."

    def usar(self, credencial):
        assert not [b for b in connection.atomic_blocks if not b._from_testcase]
        self.usadas.append(credencial.token_de_verificacao)
        if self.erro:
            raise self.erro
        return "Inscrito."

    def ficha(self):
        return FichaDaCredencial(
            (
                CampoDaCredencial(
                    "identificador",
                    "Número do app",
                    validadores=(RegexValidator(r"^\d+\Z", "Só números."),),
                ),
                CampoDaCredencial("segredo", "Chave do app"),
                CampoDaCredencial(
                    "token_de_verificacao", "Token", obrigatorio=False, gerado=True
                ),
                CampoDaCredencial("versao", "Versão", "Como v1.0", obrigatorio=False),
            ),
            assina=True,
            enderecos=lambda: (Endereco("Volta", "https://x/volta", "Painel"),),
            acao=AcaoDaCredencial("Inscrever agora", self.usar),
        )


@pytest.fixture
def rede(gente, ensaio):
    esta = Rede()
    provedores.registrar(
        replace(
            provedores.obter("teste"),
            slug="rede",
            nome="Rede",
            destinos={},
            eventos={},
            credencial="rede",
            testar_credencial=esta.testar,
            ficha=esta.ficha(),
        )
    )
    return esta


@pytest.fixture
def sofia(entrar, rede):
    return entrar("sofia")


def guardada():
    with sistema("comando"):
        return CredencialGlobal.objects.get(provedor="rede")


def pagina():
    return reverse("admin:conexoes_credencialglobal_change", args=[guardada().pk])


def verbo(nome):
    url = f"admin:conexoes_credencialglobal_{nome}"
    return reverse(url, args=[guardada().pk])


@pytest.fixture
def criada(sofia):
    assert sofia.post(NOVA, CERTA).status_code == 200
    return guardada()


def mudar(navegador, **campos):
    dados = {"identificador": "123", "segredo": "", "token_de_verificacao": ""}
    return navegador.post(pagina(), {**dados, "versao": "", **campos})


# --- the form --------------------------------------------------------------


def test_who_adds_one_is_asked_whose_it_is(sofia):
    escolha = sofia.get(NOVA).content.decode()

    assert {"waha", "rede"} <= set(re.findall(r'href="\?provedor=(\w+)"', escolha))


def test_each_provider_is_asked_for_what_it_has_a_word_for(sofia):
    html = sofia.get(NOVA, {"provedor": "rede"}).content.decode()
    campos = set(re.findall(r'name="(\w+)"', html))

    assert {"identificador", "segredo", "token_de_verificacao", "versao"} <= campos
    assert campos & {"url", "gerar_token_de_verificacao"} == set()
    for texto in ("Número do app", "Chave do app", "Como v1.0", "https://x/volta"):
        assert texto in html
    waha = sofia.get(NOVA, {"provedor": "waha"}).content.decode()
    assert {"url", "segredo"} <= set(re.findall(r'name="(\w+)"', waha))
    assert "Número do app" not in waha


@pytest.mark.parametrize(
    ("campos", "texto"),
    [
        ({"identificador": ""}, "obrigatório"),
        ({"identificador": "12a"}, "Só números."),
        ({"segredo": ""}, "obrigatório"),
    ],
)
def test_what_is_missing_or_odd_is_said_and_asks_nobody(sofia, rede, campos, texto):
    resposta = sofia.post(NOVA, CERTA | campos)

    assert texto in resposta.content.decode()
    assert rede.testadas == []
    with sistema("comando"):
        assert CredencialGlobal.objects.count() == 0


def test_second_one_of_a_provider_is_not_made(sofia, criada):
    sofia.post(NOVA, CERTA | {"segredo": "outro"})

    assert guardada().segredo == "primeiro"


# --- what is made up -------------------------------------------------------


def test_token_left_to_us_is_shown_once_and_never_again(sofia, rede, caplog):
    caplog.set_level("DEBUG")

    resposta = sofia.post(NOVA, CERTA)

    token = guardada().token_de_verificacao
    assert len(token) == 43
    assert token in unescape(resposta.content.decode())
    assert "Funciona." in resposta.content.decode()
    assert rede.testadas == ["primeiro"]
    for url in (LISTA, pagina()):
        assert token not in sofia.get(url).content.decode()
    assert token not in "".join(str(vars(r)) for r in caplog.records)
    assert token not in str(resposta.cookies)
    for sessao in Session.objects.all():
        assert token not in str(sessao.get_decoded())


def test_token_that_somebody_chose_is_kept_and_not_shown(sofia):
    resposta = sofia.post(NOVA, CERTA | {"token_de_verificacao": "escolhido"})

    assert resposta.status_code == 302
    assert guardada().token_de_verificacao == "escolhido"


def test_saving_again_keeps_it_and_asking_makes_another(sofia, criada):
    assert mudar(sofia, versao="v2").status_code == 302
    mesma = guardada()
    assert mesma.token_de_verificacao == criada.token_de_verificacao
    assert mesma.versao == "v2"

    resposta = mudar(sofia, gerar_token_de_verificacao="on")

    outro = guardada().token_de_verificacao
    assert outro not in ("", criada.token_de_verificacao)
    assert outro in unescape(resposta.content.decode())
    with sistema("comando"):
        campos = [
            r.detalhes["campos"]
            for r in RegistroAuditoria.objects.filter(acao="credencial.alterada")
        ]
    assert ["token_de_verificacao", "versao"] in campos


# --- secrets ---------------------------------------------------------------


def test_replaced_secret_counts_for_a_day_more(sofia, criada):
    antes = timezone.now()

    assert mudar(sofia, segredo="segundo").status_code == 302

    atual = guardada()
    assert (atual.segredo, atual.segredo_anterior) == ("segundo", "primeiro")
    prazo = atual.segredo_anterior_ate - antes
    assert timedelta(hours=24) <= prazo < timedelta(hours=24, minutes=1)


def test_same_secret_typed_again_replaces_none(sofia, criada):
    mudar(sofia, segredo="primeiro")

    atual = guardada()
    assert (atual.segredo_anterior, atual.segredo_anterior_ate) == ("", None)


def test_secret_that_signs_nothing_is_not_kept_after_it(sofia, gente):
    with sistema("comando"):
        waha = CredencialGlobal.objects.create(
            provedor="waha", url="http://127.0.0.1:1/", segredo="antiga"
        )
    url = reverse("admin:conexoes_credencialglobal_change", args=[waha.pk])

    sofia.post(url, {"url": "http://127.0.0.1:1/", "segredo": "nova"})

    with sistema("comando"):
        atual = CredencialGlobal.objects.get(provedor="waha")
    assert (atual.segredo, atual.segredo_anterior) == ("nova", "")


def test_replaced_secret_is_erased_when_its_day_is_over(sofia, criada):
    mudar(sofia, segredo="segundo")
    retencao.cumprir()
    assert guardada().segredo_anterior == "primeiro"

    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        retencao.cumprir()

    atual = guardada()
    assert (atual.segredo_anterior, atual.segredo_anterior_ate) == ("", None)
    assert atual.segredo == "segundo"


def test_unreadable_secret_can_be_replaced(sofia, criada):
    with sistema("comando"), connection.cursor() as cursor:
        cursor.execute("UPDATE credenciais_globais SET segredo_encrypted = 'v1.x.AA'")

    assert sofia.get(pagina()).status_code == 200
    assert mudar(sofia, segredo="segundo").status_code == 302

    assert (guardada().segredo, guardada().segredo_anterior) == ("segundo", "")


def test_another_app_needs_its_own_secret(sofia, criada):
    resposta = mudar(sofia, identificador="456")

    assert "informe também a chave secreta dele" in resposta.content.decode()
    assert guardada().identificador == "123"


# --- what else it can do ---------------------------------------------------


def test_its_own_action_is_one_call_and_audited(sofia, rede, criada):
    assert "Inscrever agora" in sofia.get(pagina()).content.decode()

    resposta = sofia.post(verbo("executar"), follow=True)

    assert "Inscrito." in resposta.content.decode()
    assert rede.usadas == [criada.token_de_verificacao]
    with sistema("comando"):
        registro = RegistroAuditoria.objects.get(acao="credencial.usada")
    assert registro.detalhes == {"para": "Inscrever agora"}


def test_its_action_that_fails_is_said(sofia, rede, criada):
    rede.erro = ErroPermanente("Não alcançaram o endereço.")

    resposta = sofia.post(verbo("executar"), follow=True)

    assert "Não funcionou: Não alcançaram o endereço." in resposta.content.decode()


def test_test_button_shows_each_warning(sofia, criada):
    html = sofia.post(verbo("testar"), follow=True).content.decode()

    assert "Funciona." in html
    assert "Mas falta uma coisa." in html


@pytest.mark.parametrize("nome", ["testar", "executar"])
def test_verbs_are_the_super_admins_alone(entrar, rede, criada, nome):
    rede.testadas.clear()
    assert entrar("ana").post(verbo(nome)).status_code in (302, 403)
    assert Client().post(verbo(nome)).status_code == 302
    assert (rede.testadas, rede.usadas) == ([], [])


def test_provider_without_an_action_has_no_such_page(sofia, gente):
    with sistema("comando"):
        waha = CredencialGlobal.objects.create(
            provedor="waha", url="http://127.0.0.1:1/"
        )
    url = reverse("admin:conexoes_credencialglobal_executar", args=[waha.pk])

    assert sofia.post(url).status_code == 404
