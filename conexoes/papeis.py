"""The three database roles, as SQL that may run any number of times.

``conexoes_dono`` owns every table and migrates; ``conexoes_app`` serves requests and
work, bound by row-level security; it becomes ``conexoes_sistema``, by SET LOCAL ROLE,
for the few jobs that cross organisations. The same statements serve PostgreSQL 15 and
every later one.
"""

from __future__ import annotations

from typing import Final

import psycopg

DONO: Final = "conexoes_dono"
APP: Final = "conexoes_app"
SISTEMA: Final = "conexoes_sistema"

# From 16 on a grant keeps the INHERIT of the moment it was made, so conexoes_app is
# NOINHERIT before it and the grant says so again. EXECUTE, as 15 cannot parse it.
_CONCEDER_SISTEMA = f"""\
DO $papeis$
DECLARE papel text;
BEGIN
  FOREACH papel IN ARRAY ARRAY['{APP}', '{DONO}'] LOOP
    IF current_setting('server_version_num')::int >= 160000 THEN
      EXECUTE format('GRANT {SISTEMA} TO %I WITH INHERIT FALSE, SET TRUE', papel);
    ELSE
      EXECUTE format('GRANT {SISTEMA} TO %I', papel);
    END IF;
  END LOOP;
END $papeis$"""

# A grant by another grantor survives ours: better to stop here than to see everything.
_CONFERIR = f"""\
DO $papeis$
BEGIN
  IF pg_has_role('{APP}', '{SISTEMA}', 'USAGE') THEN
    RAISE EXCEPTION '{APP} herda {SISTEMA}: revogue essa concessão e repita';
  END IF;
END $papeis$"""


def sql_dos_papeis(*, senha_dono: str, senha_app: str) -> list[str]:
    """Statements for any database of the server: the roles and their memberships."""
    return [
        _criar(DONO),
        _criar(APP),
        _criar(SISTEMA),
        f"ALTER ROLE {DONO} LOGIN CREATEDB INHERIT PASSWORD {literal(senha_dono)}",
        f"ALTER ROLE {APP} LOGIN NOINHERIT PASSWORD {literal(senha_app)}",
        f"ALTER ROLE {SISTEMA} NOLOGIN",
        _CONCEDER_SISTEMA,
        _CONFERIR,
    ]


def sql_do_banco(banco: str) -> str:
    """Create the database; not repeatable, and not inside a transaction."""
    nome = identificador(banco)
    return f"CREATE DATABASE {nome} OWNER {DONO} ENCODING 'UTF8' TEMPLATE template0"


def sql_dos_direitos(banco: str) -> list[str]:
    """Statements to run inside ``banco``: who owns it and who creates tables there."""
    nome = identificador(banco)
    return [
        f"ALTER DATABASE {nome} OWNER TO {DONO}",
        f"GRANT CONNECT ON DATABASE {nome} TO {APP}",
        f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {APP}, {SISTEMA}",
        f"GRANT USAGE, CREATE ON SCHEMA public TO {DONO}",
        f"GRANT USAGE ON SCHEMA public TO {APP}, {SISTEMA}",
    ]


def roteiro(banco: str, *, senha_dono: str, senha_app: str) -> str:
    """The whole as a script for psql, to be run by a superuser."""
    papeis = sql_dos_papeis(senha_dono=senha_dono, senha_app=senha_app)
    existe = f"SELECT FROM pg_database WHERE datname = {literal(banco)}"
    criar = f"SELECT {literal(sql_do_banco(banco))} WHERE NOT EXISTS ({existe})\\gexec"
    return "\n".join(
        (
            "\\set ON_ERROR_STOP on",
            *(f"{comando};" for comando in papeis),
            criar,
            f"\\connect {identificador(banco)}",
            *(f"{comando};" for comando in sql_dos_direitos(banco)),
            "",
        )
    )


def aplicar(url: str, banco: str, *, senha_dono: str, senha_app: str) -> None:
    """Make roles, database and rights, logged in as the superuser of ``url``.

    Raises ``psycopg.Error`` when the server refuses.
    """
    with psycopg.connect(url, autocommit=True) as conexao:
        # Keeps the passwords out of the server's log, where we may say so.
        conexao.execute(
            "SELECT set_config('log_statement', 'none', false) FROM pg_roles"
            " WHERE rolname = current_user AND rolsuper"
        )
        with conexao.transaction():
            for comando in sql_dos_papeis(senha_dono=senha_dono, senha_app=senha_app):
                conexao.execute(comando.encode())
        achado = conexao.execute(
            "SELECT FROM pg_database WHERE datname = %s", [banco]
        ).fetchone()
        if achado is None:
            conexao.execute(sql_do_banco(banco).encode())
    with psycopg.connect(url, dbname=banco) as conexao:
        for comando in sql_dos_direitos(banco):
            conexao.execute(comando.encode())


def literal(texto: str) -> str:
    """Quote a string for SQL, whatever standard_conforming_strings says."""
    if "\0" in texto:
        raise ValueError("NUL cannot stand in SQL")
    citado = texto.replace("'", "''")
    if "\\" not in texto:
        return f"'{citado}'"
    return " E'" + citado.replace("\\", "\\\\") + "'"


def identificador(nome: str) -> str:
    """Quote a name for SQL."""
    if "\0" in nome or not nome:
        raise ValueError("not a name")
    return '"' + nome.replace('"', '""') + '"'


def _criar(papel: str) -> str:
    # One that already exists may never bypass row-level security; only then is it
    # altered, as a managed server's administrator may not name these attributes.
    return f"""\
DO $papeis$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{papel}') THEN
    CREATE ROLE {papel};
  ELSIF EXISTS (SELECT FROM pg_roles
      WHERE rolname = '{papel}' AND (rolsuper OR rolbypassrls)) THEN
    ALTER ROLE {papel} NOSUPERUSER NOBYPASSRLS;
  END IF;
END $papeis$"""
