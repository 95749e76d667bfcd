"""To Facebook: the dialog, what is asked for, and who may."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine

from conexoes.models import CredencialGlobal, EstadoOAuth, RegistroAuditoria
from conexoes.oauth import POR_HORA
from conexoes.tenancy import sistema
from crm.models import Usuario
from meta.services.conta.autorizacao import ESCOPOS
from tests.meta.autorizacao.registros import LONGE, auditadas, linhas
from tests.meta.conftest import APP_ID, ler
from tests.meta.contas import HTMX, PAGINA_DA_META, RETORNO, autorizacao, partir, voltar
from tests.servidor import Servidor


def avisado(resposta: Any) -> str:
    """The words of the toast that an answer carries."""
    texto: str = json.loads(resposta["HX-Trigger"])["aviso"]["texto"]
    return texto


def test_button_leads_to_the_dialog_with_what_lead_ads_needs(entrar: Any) -> None:
    resposta = entrar("ana").post(f"{PAGINA_DA_META}conectar/", headers=HTMX)

    partes = urlsplit(resposta["HX-Redirect"])
    params = {nome: valor[0] for nome, valor in parse_qs(partes.query).items()}
    assert f"{partes.scheme}://{partes.netloc}{partes.path}" == (
        "https://www.facebook.com/v25.0/dialog/oauth"
    )
    assert len(params.pop("state")) == 43
    assert params == {
        "client_id": APP_ID,
        "redirect_uri": "https://crm.exemplo.test/api/v1/conexoes/meta/callback",
        "response_type": "code",
        "scope": ",".join(ESCOPOS),
        "locale": "pt_BR",
    }
    assert auditadas() == ["meta.autorizacao_iniciada"]


def test_without_htmx_a_link_leads_there(entrar: Any) -> None:
    resposta = entrar("ana").post(f"{PAGINA_DA_META}conectar/")

    assert resposta.status_code == 200
    assert 'href="https://www.facebook.com/v25.0/dialog/oauth?' in (
        resposta.content.decode()
    )


def test_who_begins_too_often_is_told_when_to_come_back(
    entrar: Any, graph: Servidor
) -> None:
    ana = entrar("ana")
    quase = datetime.now(UTC).replace(minute=59, second=30)
    with time_machine.travel(quase, tick=False):
        for _ in range(POR_HORA):
            partir(ana)

        pagina = ana.post(f"{PAGINA_DA_META}conectar/", headers=HTMX)
        api = ana.get("/api/v1/conexoes/meta/auth-url")

    assert (pagina.status_code, pagina["Retry-After"]) == (429, "30")
    assert "HX-Redirect" not in pagina
    assert "vezes demais. Tente de novo em 1 minuto." in avisado(pagina)
    assert (api.status_code, api["Retry-After"]) == (429, "30")
    assert api.json()["erro"]["codigo"] == "limite_excedido"
    with sistema("comando"):
        assert EstadoOAuth.objects.count() == POR_HORA
    assert auditadas() == ["meta.autorizacao_iniciada"] * POR_HORA


def test_what_was_declined_is_asked_for_again(entrar: Any) -> None:
    resposta = entrar("ana").post(
        f"{PAGINA_DA_META}conectar/", {"de_novo": "1"}, headers=HTMX
    )

    assert "auth_type=rerequest" in resposta["HX-Redirect"]


def test_installation_without_an_app_says_so(entrar: Any) -> None:
    with sistema("comando"):
        CredencialGlobal.objects.all().delete()

    resposta = entrar("ana").post(f"{PAGINA_DA_META}conectar/", headers=HTMX)

    assert "HX-Redirect" not in resposta
    assert "ainda n\\u00e3o foi configurada" in resposta["HX-Trigger"]


@pytest.mark.parametrize(
    "caminho", ["", "conta/", "desconectar/", "facebook/", "callback"]
)
def test_member_without_the_permission_is_refused_and_it_is_audited(
    entrar: Any, caminho: str
) -> None:
    endereco = RETORNO if caminho == "callback" else PAGINA_DA_META + caminho

    resposta = entrar("bruno").get(endereco)

    assert resposta.status_code == 403
    with sistema("comando"):
        recusas = RegistroAuditoria.objects.filter(acao="acesso.recusado")
        assert [r.objeto for r in recusas] == [endereco]


def test_member_whom_an_admin_let_may_connect(
    entrar: Any, graph: Servidor, gente: SimpleNamespace
) -> None:
    with sistema("comando"):
        Usuario.objects.filter(pk=gente.bruno.pk).update(
            permissoes_conexoes={"meta_lead_ads": True}
        )
    bruno = entrar("bruno")
    graph.respostas = autorizacao()

    voltar(bruno, code="AQD", state=partir(bruno))

    assert [linha.token_pendente for linha in linhas()] == [LONGE]


def test_permissions_fixture_names_every_scope_we_ask_for() -> None:
    dadas = {p["permission"] for p in ler("permissoes__todas")["data"]}

    assert set(ESCOPOS) <= dadas
