"""What each database role may do, granted over the catalogue after every migrate."""

from __future__ import annotations

from typing import Any, Final

from django.db import connections

# Tables that requests and workers never touch in their own name.
SO_DO_SISTEMA: Final = frozenset(
    {
        "account_emailaddress",
        "alertas",
        "canario_da_chave",
        "credenciais_globais",
        "django_admin_log",
        "exclusoes_de_dados",
        "mfa_authenticator",
    }
)
# Append-only: nobody at run time may change or delete what is written here.
SO_ACRESCENTA: Final = frozenset({"auditoria"})
SO_LEITURA: Final = frozenset({"django_migrations"})

_TABELAS = """
    SELECT c.relname, c.relkind FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'v')
"""


def conceder(using: str = "default", **_: Any) -> None:
    """Grant the run-time roles their rights on every table and sequence.

    Runs after each ``migrate``, as the owner; without the owner's log-in it does
    nothing. No role gets TRUNCATE, REFERENCES or TRIGGER.
    """
    conexao = connections[using]
    with conexao.cursor() as cursor:
        cursor.execute("SELECT current_user = 'conexoes_dono'")
        if not cursor.fetchone()[0]:
            return
        cursor.execute(_TABELAS)
        for tabela, especie in cursor.fetchall():
            for papel in ("conexoes_app", "conexoes_sistema"):
                cursor.execute(f'REVOKE ALL ON "{tabela}" FROM {papel}')
                direitos = _direitos(papel, tabela, especie)
                if direitos:
                    cursor.execute(f'GRANT {direitos} ON "{tabela}" TO {papel}')
        cursor.execute(
            "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public"
            " TO conexoes_app, conexoes_sistema"
        )


def _direitos(papel: str, tabela: str, especie: str) -> str:
    if papel == "conexoes_app" and tabela in SO_DO_SISTEMA:
        return ""
    if especie == "v" or tabela in SO_LEITURA:
        return "SELECT"
    if tabela in SO_ACRESCENTA:
        return "SELECT, INSERT"
    return "SELECT, INSERT, UPDATE, DELETE"
