"""The catalogue: every table is placed, locked, and granted no more than it needs."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from conexoes.concessoes import SO_ACRESCENTA, SO_DO_SISTEMA
from conexoes.isolamento import ChaveDaOrganizacao

pytestmark = pytest.mark.django_db

# Every table is one of these; a new one that nobody placed fails the catalogue test.
DO_INQUILINO = {
    *("acks_adiantados", "auditoria", "chamadas_idempotentes", "chaves_api"),
    *("configuracoes_tenant", "contatos", "conversas", "convites"),
    *("eventos_pendentes", "historico_sessoes_whatsapp", "identidades_contato"),
    *("mensagens", "midias", "notificacoes", "org_features", "organizacoes_saas"),
    *("rascunhos", "reacoes", "respostas_rapidas", "segredos_webhook"),
    *("sessoes_whatsapp", "unioes_de_contatos", "usuarios", "webhooks_logs"),
    *("campos_personalizados", "etapas_funil", "funis", "oportunidades", "tags"),
    *("movimentos_da_oportunidade", "tags_dos_contatos", "vezes_no_funil"),
    *("conexoes_meta", "estados_oauth", "formularios_lead_ads", "formularios_meta"),
    *("leads_capturados", "leituras_de_leads", "paginas_meta"),
}
DA_PESSOA = {
    *("account_emailaddress", "account_emailconfirmation", "django_admin_log"),
    "mfa_authenticator",
}
GLOBAIS = {
    *("alertas", "auth_group", "auth_group_permissions", "auth_permission"),
    "canario_da_chave",
    *("credenciais_globais", "django_content_type", "django_migrations"),
    *("django_session", "exclusoes_de_dados"),
}
SO_DA_PESSOA = {
    *("chamadas_idempotentes", "chaves_api", "estados_oauth", "notificacoes"),
    "rascunhos",
    "sessoes_whatsapp",
}
TAMBEM_A_PROPRIA = {"usuarios"}
# One delivery may be shared by several organisations: the parent belongs to none, its
# parts to each, so this key cannot carry the organisation.
CHAVES_SIMPLES = {("webhooks_logs", "pai_id")}

DONA = {"organizacoes_saas": "id"}
INQUILINO = (
    "(NULLIF(current_setting('app.current_tenant'::text, true), ''::text))::uuid"
)
USUARIO = "(NULLIF(current_setting('app.current_user'::text, true), ''::text))::uuid"


def consultar(sql: str, *valores: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, valores)
        linhas: list[tuple[Any, ...]] = cursor.fetchall()
    return linhas


def coluna(tabela: str) -> str:
    return DONA.get(tabela, "organizacao_id")


def test_every_table_is_on_one_of_the_three_lists() -> None:
    tabelas = consultar(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p', 'm', 'f')"
    )

    assert {nome for (nome,) in tabelas} == DO_INQUILINO | DA_PESSOA | GLOBAIS
    assert len(tabelas) == len(DO_INQUILINO) + len(DA_PESSOA) + len(GLOBAIS)


def test_every_tenant_table_is_locked_also_for_its_owner() -> None:
    trancadas = consultar(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relrowsecurity AND relforcerowsecurity"
    )

    assert {nome for (nome,) in trancadas} == DO_INQUILINO


def test_every_tenant_table_has_exactly_its_policies() -> None:
    esperadas = set()
    for tabela in DO_INQUILINO:
        regra = f"({coluna(tabela)} = {INQUILINO})"
        if tabela in TAMBEM_A_PROPRIA:
            regra = f"({regra} OR (id = {USUARIO}))"
        esperadas |= {
            (tabela, "organizacao", "PERMISSIVE", "{conexoes_app}", regra),
            (tabela, "sistema", "PERMISSIVE", "{conexoes_sistema}", "true"),
            (tabela, "dono", "PERMISSIVE", "{conexoes_dono}", "true"),
        }
        if tabela in SO_DA_PESSOA:
            regra = (
                f"((usuario_id = {USUARIO}) OR (current_setting('app.current_role'"
                "::text, true) = ANY (ARRAY['admin'::text, 'servico'::text])))"
            )
            esperadas.add((tabela, "propria", "RESTRICTIVE", "{conexoes_app}", regra))

    achadas = consultar(
        "SELECT tablename, policyname, permissive, roles::text, qual FROM pg_policies"
        " WHERE schemaname = 'public' AND cmd = 'ALL' AND qual = with_check"
    )

    assert set(achadas) == esperadas
    assert consultar("SELECT count(*) FROM pg_policies") == [(len(esperadas),)]


def test_tenant_tables_point_at_each_other_with_their_organisation() -> None:
    simples = consultar(
        """
        SELECT c.conrelid::regclass::text, a.attname
        FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'f' AND cardinality(c.conkey) = 1
          AND c.conrelid::regclass::text = ANY(%s)
          AND c.confrelid::regclass::text = ANY(%s)
          AND c.confrelid <> 'organizacoes_saas'::regclass
        """,
        sorted(DO_INQUILINO),
        sorted(DO_INQUILINO),
    )

    assert set(simples) == CHAVES_SIMPLES


def test_every_composite_key_of_the_models_stands_in_the_database() -> None:
    esperadas = {
        (modelo._meta.db_table, campo.column, campo.related_model._meta.db_table)
        for modelo in apps.get_models()
        for campo in modelo._meta.local_fields
        if isinstance(campo, ChaveDaOrganizacao)
    }

    achadas = consultar(
        """
        SELECT c.conrelid::regclass::text, segunda.attname, c.confrelid::regclass::text
        FROM pg_constraint c
        JOIN pg_attribute primeira
          ON primeira.attrelid = c.conrelid AND primeira.attnum = c.conkey[1]
        JOIN pg_attribute segunda
          ON segunda.attrelid = c.conrelid AND segunda.attnum = c.conkey[2]
        WHERE c.contype = 'f' AND cardinality(c.conkey) = 2 AND c.convalidated
          AND primeira.attname = 'organizacao_id'
        """
    )

    assert set(achadas) == esperadas
    assert ("mensagens", "conversa_id", "conversas") in esperadas


def test_every_view_reads_with_the_rights_of_who_asks() -> None:
    vistas = consultar(
        "SELECT relname, relkind, reloptions FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')"
    )

    assert vistas == [("integracao_health", "v", ["security_invoker=true"])]


def test_two_listed_functions_run_with_more_rights_than_their_caller() -> None:
    funcoes = consultar(
        "SELECT proname, prosecdef, pg_get_userbyid(proowner), proconfig,"
        " has_function_privilege('public', oid, 'EXECUTE') FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace ORDER BY proname"
    )

    caminho = ["search_path=pg_catalog, public, pg_temp"]
    assert funcoes == [
        ("procurar_mensagens", True, "conexoes_sistema", caminho, False),
        ("receber_webhooks", True, "conexoes_sistema", caminho, False),
    ]


def test_the_role_that_serves_is_bound_by_the_policies() -> None:
    papeis = consultar(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolinherit"
        " FROM pg_roles WHERE rolname IN ('conexoes_app', 'conexoes_sistema')"
        " ORDER BY rolname"
    )
    donas = consultar(
        "SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner)"
        " IN ('conexoes_app', 'conexoes_sistema')"
    )

    assert consultar("SELECT current_user, session_user") == [
        ("conexoes_app", "conexoes_app")
    ]
    assert papeis[0] == ("conexoes_app", False, False, False, False, False)
    assert papeis[1][:5] == ("conexoes_sistema", False, False, False, False)
    assert donas == [(0,)]
    assert consultar(
        "SELECT pg_has_role(current_user, 'conexoes_sistema', 'USAGE'),"
        " pg_has_role(current_user, 'conexoes_dono', 'MEMBER')"
    ) == [(False, False)]


def test_no_role_at_run_time_may_empty_a_table_or_build_one() -> None:
    direitos = consultar(
        """
        SELECT papel, direito, count(*)
        FROM pg_class c
        CROSS JOIN unnest(ARRAY['conexoes_app', 'conexoes_sistema']) papel
        CROSS JOIN unnest(ARRAY['TRUNCATE', 'REFERENCES', 'TRIGGER']) direito
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')
          AND has_table_privilege(papel, c.oid, direito)
        GROUP BY 1, 2
        """
    )

    assert direitos == []
    assert consultar(
        "SELECT has_schema_privilege('conexoes_app', 'public', 'CREATE'),"
        " has_schema_privilege('conexoes_sistema', 'public', 'CREATE')"
    ) == [(False, False)]


def test_the_audit_trail_is_append_only_for_every_role_at_run_time() -> None:
    direitos = consultar(
        """
        SELECT relname, papel, direito
        FROM pg_class c
        CROSS JOIN unnest(ARRAY['conexoes_app', 'conexoes_sistema']) papel
        CROSS JOIN unnest(ARRAY['INSERT', 'SELECT', 'UPDATE', 'DELETE']) direito
        WHERE relname = ANY(%s) AND relnamespace = 'public'::regnamespace
          AND has_table_privilege(papel, c.oid, direito)
        """,
        sorted(SO_ACRESCENTA),
    )
    colunas = consultar(
        "SELECT relname FROM pg_class WHERE relname = ANY(%s)"
        " AND (has_any_column_privilege('conexoes_app', oid, 'UPDATE')"
        " OR has_any_column_privilege('conexoes_sistema', oid, 'UPDATE'))",
        sorted(SO_ACRESCENTA),
    )

    assert colunas == []
    assert set(direitos) == {
        (tabela, papel, direito)
        for tabela in SO_ACRESCENTA
        for papel in ("conexoes_app", "conexoes_sistema")
        for direito in ("INSERT", "SELECT")
    }
    assert {"auditoria"} <= SO_ACRESCENTA


def test_secrets_of_the_installation_are_out_of_a_requests_reach() -> None:
    legiveis = consultar(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relname = ANY(%s) AND"
        " has_any_column_privilege('conexoes_app', oid, 'SELECT, INSERT, UPDATE')",
        sorted(SO_DO_SISTEMA),
    )

    assert legiveis == []
    assert {"credenciais_globais", "django_admin_log"} <= SO_DO_SISTEMA
