"""The super admin's site: who enters, and what it never shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from conexoes.models import CredencialGlobal, EventoPendente, RegistroAuditoria
from conexoes.tenancy import na, sistema
from tests.servidor import Servidor
from tests.whatsapp.dominio import criar_sessao

pytestmark = pytest.mark.django_db

Entrar = Callable[[str], Client]
SEGREDO = "segredo-que-ninguem-le"
LISTA = reverse("admin:conexoes_credencialglobal_changelist")


@pytest.fixture
def servidor() -> Iterator[Servidor]:
    aberto = Servidor()
    yield aberto
    aberto.fechar()


@pytest.fixture
def waha(gente: SimpleNamespace) -> CredencialGlobal:
    with sistema("comando"):
        return CredencialGlobal.objects.create(
            provedor="waha", url="http://127.0.0.1:1/waha", segredo=SEGREDO
        )


def ficha(credencial: CredencialGlobal) -> str:
    return reverse("admin:conexoes_credencialglobal_change", args=[credencial.pk])


def salvas() -> list[tuple[str, str, str]]:
    with sistema("comando"):
        return [(c.provedor, c.url, c.segredo) for c in CredencialGlobal.objects.all()]


def test_an_anonymous_person_goes_to_the_one_log_in(gente: SimpleNamespace) -> None:
    navegador = Client()

    resposta = navegador.get("/admin/", follow=True)

    assert [url for url, _ in resposta.redirect_chain][-1].startswith("/conta/entrar/")
    assert resposta.status_code == 200


def test_the_admin_sites_own_log_in_takes_no_password(gente: SimpleNamespace) -> None:
    navegador = Client()

    resposta = navegador.post(
        "/admin/login/",
        {"username": "sofia@exemplo.test", "password": "uma-senha-de-teste"},
    )

    assert resposta.status_code == 302
    assert "_auth_user_id" not in navegador.session


@pytest.mark.parametrize("apelido", ["ana", "bruno"])
@pytest.mark.parametrize("url", ["/admin/", LISTA])
def test_nobody_of_an_organisation_enters(
    entrar: Entrar, waha: CredencialGlobal, apelido: str, url: str
) -> None:
    resposta = entrar(apelido).get(url, follow=True)

    assert resposta.status_code == 403
    assert "127.0.0.1:1/waha" not in resposta.content.decode()


def test_a_refused_person_changes_nothing(
    entrar: Entrar, waha: CredencialGlobal
) -> None:
    entrar("ana").post(
        ficha(waha), {"url": "http://evil.example/", "segredo": "trocado"}
    )

    assert salvas() == [("waha", "http://127.0.0.1:1/waha", SEGREDO)]


def test_the_super_admin_sees_credentials_and_never_their_secret(
    entrar: Entrar, waha: CredencialGlobal
) -> None:
    sofia = entrar("sofia")

    lista, uma = sofia.get(LISTA), sofia.get(ficha(waha))

    assert "http://127.0.0.1:1/waha" in uma.content.decode()
    with connection.cursor() as cursor, sistema("comando"):
        cursor.execute("SELECT segredo_encrypted FROM credenciais_globais")
        (cifrado,) = cursor.fetchone()
    for pagina in (lista.content.decode(), uma.content.decode()):
        assert SEGREDO not in pagina
        assert cifrado not in pagina


def test_an_empty_secret_keeps_the_one_that_is_stored(
    entrar: Entrar, waha: CredencialGlobal
) -> None:
    resposta = entrar("sofia").post(ficha(waha), {"url": waha.url, "segredo": ""})

    assert resposta.status_code == 302
    assert salvas() == [("waha", "http://127.0.0.1:1/waha", SEGREDO)]


def test_a_key_is_never_sent_to_an_address_it_was_not_given_for(
    entrar: Entrar, waha: CredencialGlobal
) -> None:
    resposta = entrar("sofia").post(
        ficha(waha), {"url": "http://127.0.0.1:2/waha", "segredo": ""}
    )

    assert "informe também a chave deste servidor" in resposta.content.decode()
    assert salvas() == [("waha", "http://127.0.0.1:1/waha", SEGREDO)]


def test_a_new_secret_is_stored_and_audited_without_its_value(
    entrar: Entrar, waha: CredencialGlobal
) -> None:
    entrar("sofia").post(ficha(waha), {"url": waha.url, "segredo": "novo-segredo"})

    assert salvas() == [("waha", "http://127.0.0.1:1/waha", "novo-segredo")]
    with sistema("comando"):
        linha = RegistroAuditoria.objects.get(acao="credencial.alterada")
    assert (linha.autor_nome, linha.objeto) == ("Sofia Souza", "waha")
    assert linha.detalhes == {"campos": ["segredo"]}


def test_a_credential_is_made_for_a_listed_provider_only(entrar: Entrar) -> None:
    sofia = entrar("sofia")
    url = reverse("admin:conexoes_credencialglobal_add")

    sofia.post(url, {"provedor": "outro", "url": "http://127.0.0.1:1/", "segredo": "s"})
    recusada = salvas()
    sofia.post(url, {"provedor": "waha", "url": "http://127.0.0.1:1/", "segredo": "s"})

    assert recusada == []
    assert salvas() == [("waha", "http://127.0.0.1:1/", "s")]


def test_a_test_of_a_dead_server_says_so_and_keeps_the_credential(
    entrar: Entrar, waha: CredencialGlobal
) -> None:
    url = reverse("admin:conexoes_credencialglobal_testar", args=[waha.pk])

    resposta = entrar("sofia").post(url, follow=True)

    assert "Não funcionou" in resposta.content.decode()
    assert salvas() == [("waha", "http://127.0.0.1:1/waha", SEGREDO)]


@pytest.mark.parametrize(
    ("versao", "tier", "antigo"),
    [
        ("2026.7.1", "CORE", False),
        ("2026.2.1", "CORE", True),
        ("2026.2.1", "PLUS", False),
    ],
)
def test_saving_a_credential_says_what_server_that_is(
    entrar: Entrar,
    waha: CredencialGlobal,
    servidor: Servidor,
    versao: str,
    tier: str,
    antigo: bool,
) -> None:
    servidor.respostas = [(200, {"version": versao, "engine": "GOWS", "tier": tier})]

    resposta = entrar("sofia").post(
        ficha(waha), {"url": servidor.url, "segredo": "nova-chave"}, follow=True
    )

    pagina = resposta.content.decode()
    assert f"WAHA {versao}, motor GOWS, edição {tier}." in pagina
    assert ("Este WAHA Core é antigo" in pagina) is antigo
    assert [caminho for _, caminho, _ in servidor.pedidos] == ["/api/server/version"]
    assert salvas() == [("waha", servidor.url, "nova-chave")]


def test_saving_a_credential_that_is_refused_says_so_and_keeps_it(
    entrar: Entrar, waha: CredencialGlobal, servidor: Servidor
) -> None:
    servidor.respostas = [(401, {"message": "Unauthorized", "statusCode": 401})]

    resposta = entrar("sofia").post(
        ficha(waha), {"url": servidor.url, "segredo": "errada"}, follow=True
    )

    assert "recusou a chave de API configurada" in resposta.content.decode()
    assert salvas() == [("waha", servidor.url, "errada")]
    with sistema("comando"):
        assert CredencialGlobal.objects.get().problema != ""


def test_an_invalid_form_asks_no_server(
    entrar: Entrar, waha: CredencialGlobal, servidor: Servidor
) -> None:
    resposta = entrar("sofia").post(ficha(waha), {"url": "nada", "segredo": "x"})

    assert resposta.status_code == 200
    assert servidor.pedidos == []
    assert salvas() == [("waha", "http://127.0.0.1:1/waha", SEGREDO)]


def test_the_super_admin_reads_sessions_and_never_their_codes(
    entrar: Entrar, gente: SimpleNamespace
) -> None:
    sessao = criar_sessao(gente.ana, qr="2@abc,def,ghi", codigo="ABCD-1234")
    sofia = entrar("sofia")
    ficha_da_sessao = reverse("admin:whatsapp_sessaowhatsapp_change", args=[sessao.pk])

    lista = sofia.get(reverse("admin:whatsapp_sessaowhatsapp_changelist"))
    aberta = sofia.get(ficha_da_sessao)
    periodos = sofia.get(reverse("admin:whatsapp_periododasessao_changelist"))

    assert lista.status_code == aberta.status_code == periodos.status_code == 200
    assert "Ana Alves" in lista.content.decode()
    assert sessao.session_name in aberta.content.decode()
    for segredo in ("2@abc", "ABCD-1234"):
        assert segredo not in lista.content.decode() + aberta.content.decode()
    assert sofia.post(ficha_da_sessao, {"ligada": ""}).status_code == 403


@pytest.mark.parametrize(
    "modelo", ["eventopendente", "webhookrecebido", "registroauditoria"]
)
def test_the_super_admin_reads_the_work_and_changes_none(
    entrar: Entrar, modelo: str
) -> None:
    sofia = entrar("sofia")

    assert sofia.get(reverse(f"admin:conexoes_{modelo}_changelist")).status_code == 200
    assert sofia.get(reverse(f"admin:conexoes_{modelo}_add")).status_code == 403


def test_the_super_admin_reads_no_message_in_the_work(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    with na(gente.aurora):
        evento = EventoPendente.objects.create(
            organizacao=gente.aurora,
            tipo="whatsapp_envio",
            destino="whatsapp.envio",
            chave="mensagem:1",
            payload={"texto": "um recado particular"},
        )
    url = reverse("admin:conexoes_eventopendente_change", args=[evento.pk])

    pagina = entrar("sofia").get(url)

    assert pagina.status_code == 200
    assert "um recado particular" not in pagina.content.decode()


def test_credential_of_what_is_not_installed_is_kept_and_tested_by_nobody(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    with sistema("comando"):
        antiga = CredencialGlobal.objects.create(
            provedor="antigo", url="http://127.0.0.1:1/a", segredo=SEGREDO
        )
    sofia = entrar("sofia")
    testar = reverse("admin:conexoes_credencialglobal_testar", args=[antiga.pk])

    salva = sofia.post(
        ficha(antiga), {"url": "http://127.0.0.1:1/a", "segredo": "nova"}, follow=True
    )

    assert salva.status_code == 200
    assert salvas() == [("antigo", "http://127.0.0.1:1/a", "nova")]
    pagina = sofia.post(testar, follow=True).content.decode()
    assert "Nenhuma integração instalada a testa." in pagina
