"""The PRD's permission matrix, cell by cell, and a guard on every route."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import URLPattern, get_resolver

from conexoes.acesso import MATRIZ, pode
from crm.models import Usuario

SIM, NAO = True, False

# PRD-08, "Roles e Permissoes". For each row: super admin, admin, member, and a member
# to whom an admin gave the permission of that name.
PRD = {
    "whatsapp.conectar": (NAO, SIM, SIM, SIM),
    "meta_lead_ads.gerenciar": (NAO, SIM, NAO, SIM),
    "meta_capi.gerenciar": (NAO, SIM, NAO, NAO),
    "meta_audiences.gerenciar": (NAO, SIM, NAO, NAO),
    "instagram_direct.conectar": (NAO, SIM, NAO, SIM),
    "google_calendar.conectar": (NAO, SIM, SIM, SIM),
    "email_gmail.conectar": (NAO, SIM, SIM, SIM),
    "email_smtp.configurar": (NAO, SIM, SIM, SIM),
    "credenciais.waha": (SIM, NAO, NAO, NAO),
    "credenciais.meta": (SIM, NAO, NAO, NAO),
    "credenciais.google": (SIM, NAO, NAO, NAO),
}
# What the PRD's table does not name and our pages need.
NOSSAS = {
    "conexoes.ver": (SIM, SIM, SIM, SIM),
    "conexoes.ver_equipe": (SIM, SIM, NAO, NAO),
    "conversas.ver": (SIM, SIM, SIM, SIM),
    "conversas.responder": (NAO, SIM, SIM, SIM),
    "equipe.gerenciar": (SIM, SIM, NAO, NAO),
    "organizacao.configurar": (SIM, SIM, NAO, NAO),
    "recursos.mudar": (SIM, NAO, NAO, NAO),
    "notificacoes.preferir": (NAO, SIM, SIM, SIM),
    "conversas.atribuir": (NAO, SIM, SIM, SIM),
    "conversas.anotar": (NAO, SIM, SIM, SIM),
    "respostas_rapidas.editar": (NAO, SIM, SIM, SIM),
    "fila.ver": (SIM, SIM, NAO, NAO),
    "fila.repetir": (SIM, SIM, NAO, NAO),
    "webhooks.ver": (SIM, SIM, NAO, NAO),
    "nao_atribuidos.gerenciar": (SIM, NAO, NAO, NAO),
    "contatos.ver": (SIM, SIM, SIM, SIM),
    "contatos.editar": (NAO, SIM, SIM, SIM),
    "contatos.configurar": (NAO, SIM, NAO, NAO),
    "funis.ver": (SIM, SIM, SIM, SIM),
    "funis.configurar": (NAO, SIM, NAO, NAO),
    "oportunidades.editar": (NAO, SIM, SIM, SIM),
    "chaves_api.usar": (NAO, SIM, SIM, SIM),
}
# Routes that guard themselves in another way, and how.
SEM_ACAO = {
    "inicio": "redirects to a guarded page",
    "account_login": "public",
    "account_logout": "asks only the session",
    "account_inactive": "public",
    "account_reauthenticate": "log-in required by allauth",
    "account_change_password": "log-in required by allauth",
    "account_reset_password": "public",
    "account_reset_password_done": "public",
    "account_reset_password_from_key": "carries its own key",
    "account_reset_password_from_key_done": "public",
    "aceitar_convite": "carries its own token",
    "perfil": "log-in required",
    "sair_dos_outros": "log-in required",
    "mfa_index": "log-in required",
    "mfa_authenticate": "only in the middle of a log-in, by allauth",
    "mfa_reauthenticate": "log-in required by allauth",
    "mfa_activate_totp": "reauthentication required by allauth",
    "mfa_deactivate_totp": "reauthentication required by allauth",
    "mfa_view_recovery_codes": "reauthentication required by allauth",
    "mfa_generate_recovery_codes": "reauthentication required by allauth",
    "mfa_download_recovery_codes": "reauthentication required by allauth",
    "admin/login/": "redirects to the log-in",
    "token": "asks for the password",
    "token_refresh": "asks for the refresh token",
    "api_esquema": "public: the same for everybody",
    "api_docs": "public: shows the document",
    "conexoes:eventos": "the session's own organisation",
    "conexoes:vivo": "public",
    "conexoes:pronto": "public",
    "crm:organizacoes": "super admin, in the view",
    "crm:trocar_organizacao": "super admin, in the view",
    "waha_webhook": "signed",
    "meta_webhook": "signed",
    "meta_desautorizar": "signed",
    "meta_excluir": "signed",
    "meta_exclusao": "public: whoever has the code",
}


def pessoas(acao: str) -> tuple[Usuario, Usuario, Usuario, Usuario]:
    permissao = {acao.partition(".")[0]: True}
    return (
        Usuario(is_superuser=True, papel="member"),
        Usuario(papel="admin"),
        Usuario(papel="member"),
        Usuario(papel="member", permissoes_conexoes=permissao),
    )


def test_the_matrix_lists_every_action_and_no_other() -> None:
    assert set(MATRIZ) == set(PRD) | set(NOSSAS)


@pytest.mark.parametrize("acao", sorted(PRD | NOSSAS))
def test_each_role_may_do_what_its_column_says(acao: str) -> None:
    podem = tuple(pode(pessoa, acao) for pessoa in pessoas(acao))

    assert podem == (PRD | NOSSAS)[acao]


@pytest.mark.parametrize("acao", sorted(PRD | NOSSAS))
def test_whoever_is_inactive_or_unknown_may_do_nothing(acao: str) -> None:
    inativos = pessoas(acao)
    for pessoa in inativos:
        pessoa.is_active = False

    assert [pode(pessoa, acao) for pessoa in inativos] == [False] * 4
    assert pode(AnonymousUser(), acao) is False


@pytest.mark.parametrize("valor", [False, None, "false", "true", 1, {}, []])
def test_only_a_plain_true_is_a_permission(valor: Any) -> None:
    bruno = Usuario(papel="member", permissoes_conexoes={"meta_lead_ads": valor})

    assert pode(bruno, "meta_lead_ads.gerenciar") is False


def test_a_permission_opens_its_own_connection_and_no_other() -> None:
    bruno = Usuario(papel="member", permissoes_conexoes={"instagram_direct": True})

    assert pode(bruno, "instagram_direct.conectar") is True
    assert pode(bruno, "meta_lead_ads.gerenciar") is False


def test_an_action_that_nobody_listed_is_an_error() -> None:
    with pytest.raises(KeyError):
        pode(Usuario(papel="admin"), "contatos.exportar")


def test_an_unknown_role_may_do_nothing() -> None:
    intruso = Usuario(papel="super")

    assert [acao for acao in MATRIZ if pode(intruso, acao)] == []


def rotas(padroes: Any, espaco: str = "") -> Iterator[tuple[str, Any]]:
    for padrao in padroes:
        if isinstance(padrao, URLPattern):
            nome = f"{espaco}{padrao.name}" if padrao.name else str(padrao.pattern)
            yield nome, padrao.callback
        elif padrao.app_name != "admin":
            filho = f"{padrao.namespace}:" if padrao.namespace else espaco
            yield from rotas(padrao.url_patterns, filho)


def test_every_route_declares_the_action_it_needs() -> None:
    sem_acao = set()
    acoes = set()
    for nome, view in rotas(get_resolver("config.urls").url_patterns):
        classe = getattr(view, "view_class", view)
        acao = getattr(classe, "acao", None)
        if acao is None:
            sem_acao.add(nome)
        else:
            acoes |= {acao, *getattr(classe, "acoes", {}).values()}

    assert sem_acao == set(SEM_ACAO)
    assert acoes <= set(MATRIZ)


@pytest.mark.django_db
def test_the_roles_are_stored_as_the_matrix_spells_them(gente: SimpleNamespace) -> None:
    assert {gente.ana.papel, gente.bruno.papel} == {"admin", "member"}
    assert set(Usuario.Papel.values) == {"admin", "member"}
