"""The API of WhatsApp: who may call it, how, and what the trail keeps."""

from types import SimpleNamespace
from uuid import UUID

import pytest
from django.test import Client

from conexoes.models import EventoPendente, RegistroAuditoria
from conexoes.tenancy import na
from tests.whatsapp.api import (
    BASE,
    LEITURAS,
    ORDENS,
    Cabecalhos,
    Entrar,
    chamar,
    ler,
    mandar,
)
from tests.whatsapp.dominio import criar_sessao, todas, uma
from whatsapp.models import SessaoWhatsapp


@pytest.mark.parametrize("nome", [*LEITURAS, *ORDENS])
def test_anonymous_is_told_to_identify(gente: SimpleNamespace, nome: str) -> None:
    resposta = chamar(nome, {})

    assert resposta.status_code == 401
    assert resposta.json()["erro"]["codigo"] == "nao_autenticado"
    assert todas(SessaoWhatsapp) == []


@pytest.mark.parametrize("nome", [*LEITURAS, "desconectar", "grupos", "codigo"])
def test_members_reach_only_their_own(
    token: Cabecalhos, sessao: SessaoWhatsapp, nome: str
) -> None:
    assert chamar(nome, token("bruno")).status_code == 404

    assert uma(SessaoWhatsapp).status == "connected"
    assert todas(EventoPendente) == []


def test_member_connects_a_number_of_their_own(
    token: Cabecalhos, sessao: SessaoWhatsapp, gente: SimpleNamespace
) -> None:
    resposta = mandar("iniciar", token("bruno"))

    assert resposta.status_code == 201
    minha = uma(SessaoWhatsapp, pk=UUID(resposta.json()["id"]))
    assert (minha.usuario_id, minha.organizacao_id) == (gente.bruno.pk, gente.aurora.pk)
    assert minha.session_name != sessao.session_name


def test_even_an_admin_reaches_only_their_own(
    token: Cabecalhos, gente: SimpleNamespace
) -> None:
    criar_sessao(gente.bruno)

    assert mandar("desconectar", token("ana")).status_code == 404

    assert uma(SessaoWhatsapp).status == "connected"


@pytest.mark.parametrize("nome", [*LEITURAS, "desconectar", "grupos", "codigo"])
def test_another_organisation_sees_nothing(
    token: Cabecalhos, sessao: SessaoWhatsapp, nome: str
) -> None:
    assert chamar(nome, token("carla")).status_code == 404

    assert uma(SessaoWhatsapp).status == "connected"


@pytest.mark.parametrize("nome", [*LEITURAS, *ORDENS])
def test_header_of_another_organisation_is_not_found(
    token: Cabecalhos, gente: SimpleNamespace, sessao: SessaoWhatsapp, nome: str
) -> None:
    cabecalhos = token("carla") | {"X-Org-Id": str(gente.aurora.pk)}

    resposta = chamar(nome, cabecalhos)

    assert resposta.status_code == 404
    assert resposta.json()["erro"]["codigo"] == "nao_encontrado"
    assert len(todas(SessaoWhatsapp)) == 1
    assert todas(EventoPendente) == []


@pytest.mark.parametrize("valor", ["", "lixo", "0b7f7a52-8a53-4d0a-9f0e-6f3c2f4f8d11"])
def test_odd_organisation_header(
    token: Cabecalhos, sessao: SessaoWhatsapp, valor: str
) -> None:
    resposta = ler("status", token("ana") | {"X-Org-Id": valor})

    assert resposta.status_code == (404 if valor else 200)


def test_header_of_ones_own_organisation_is_fine(
    token: Cabecalhos, gente: SimpleNamespace, sessao: SessaoWhatsapp
) -> None:
    cabecalhos = token("ana") | {"X-Org-Id": str(gente.aurora.pk)}

    assert ler("status", cabecalhos).status_code == 200


@pytest.mark.parametrize("escolhe", [True, False])
@pytest.mark.parametrize("nome", [*LEITURAS, *ORDENS])
def test_super_admin_has_no_number(
    entrar: Entrar, gente: SimpleNamespace, nome: str, escolhe: bool
) -> None:
    navegador = entrar("sofia")
    cabecalhos = {"X-Org-Id": str(gente.aurora.pk)} if escolhe else {}
    metodo = navegador.get if nome in LEITURAS else navegador.post

    resposta = metodo(f"{BASE}/{nome}", headers=cabecalhos)

    assert resposta.status_code == 403
    assert resposta.json()["erro"]["codigo"] == "sem_permissao"
    assert todas(SessaoWhatsapp) == []


def test_browser_session_reads(entrar: Entrar, sessao: SessaoWhatsapp) -> None:
    resposta = entrar("ana").get(f"{BASE}/status")

    assert (resposta.status_code, resposta.json()["id"]) == (200, str(sessao.pk))


def test_browser_session_needs_the_csrf_token_to_change(
    entrar: Entrar, sessao: SessaoWhatsapp
) -> None:
    navegador = entrar("ana")
    navegador.handler.enforce_csrf_checks = True

    recusada = navegador.post(f"{BASE}/desconectar", content_type="application/json")

    assert recusada.status_code == 403
    assert uma(SessaoWhatsapp).status == "connected"
    assert todas(EventoPendente) == []

    navegador.get("/configuracoes/conexoes/whatsapp/")
    ficha = navegador.cookies["csrftoken"].value
    aceita = navegador.post(
        f"{BASE}/desconectar",
        content_type="application/json",
        headers={"X-CSRFToken": ficha},
    )
    assert aceita.status_code == 200
    assert uma(SessaoWhatsapp).status == "disconnected"


def test_token_needs_no_csrf(token: Cabecalhos) -> None:
    navegador = Client(enforce_csrf_checks=True)

    resposta = navegador.post(
        f"{BASE}/iniciar",
        {"aceito_risco": True},
        content_type="application/json",
        headers=token("ana"),
    )

    assert resposta.status_code == 201


@pytest.mark.parametrize(
    ("metodo", "nome"),
    [
        ("get", "iniciar"),
        ("post", "qr-code"),
        ("put", "status"),
        ("get", "desconectar"),
    ],
)
def test_other_methods_are_refused(token: Cabecalhos, metodo: str, nome: str) -> None:
    resposta = getattr(Client(), metodo)(f"{BASE}/{nome}", headers=token("ana"))

    assert resposta.status_code == 405
    assert resposta.json()["erro"]["codigo"] == "metodo_nao_permitido"


def test_refusals_and_deeds_are_in_the_audit_trail(
    token: Cabecalhos, gente: SimpleNamespace
) -> None:
    mandar("iniciar", token("ana"))
    mandar("desconectar", token("ana"))

    with na(gente.aurora):
        trilha = list(
            RegistroAuditoria.objects.order_by("id").values_list("acao", "autor_id")
        )
    assert trilha == [
        ("whatsapp.risco_aceito", gente.ana.pk),
        ("whatsapp.conexao_iniciada", gente.ana.pk),
        ("whatsapp.desconectado", gente.ana.pk),
    ]
