"""The three roles on a PostgreSQL of their own: this suite's must not be disturbed."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.core.management import CommandError, call_command

from conexoes import papeis
from script import morada, segredos
from script.caminhos import criar_var
from script.portas import qualquer
from script.postgres import Postgres, endereco
from script.supervisor import Supervisor

# Whatever a password may hold: quotes, backslash, our own dollar quotes, a parameter.
SENHAS = {"senha_dono": "it's \\ 50%s", "senha_app": "\"$papeis$\\'; --"}


# One cluster for all, whichever workers the suite runs on.
pytestmark = pytest.mark.xdist_group("papeis")


@pytest.fixture(scope="module")
def superusuario() -> Iterator[str]:
    criar_var()
    with morada.passageira() as casa, Supervisor() as supervisor:
        senha = segredos.novos()["SENHA_POSTGRES"]
        servidor = Postgres(casa, senha, duravel=False)
        servidor.preparar()
        porta = qualquer()
        filho = supervisor.ligar(servidor.processo(porta))
        assert supervisor.esperar(filho, lambda: servidor.responde(porta), 30.0)
        url = endereco(porta, "postgres", senha, "postgres")
        papeis.aplicar(url, "crm", **SENHAS)
        yield url


def entrar(superusuario: str, papel: str) -> psycopg.Connection:
    senha = SENHAS["senha_app" if papel == papeis.APP else "senha_dono"]
    return psycopg.connect(
        superusuario, user=papel, password=senha, dbname="crm", autocommit=True
    )


def test_no_role_escapes_row_level_security(superusuario: str) -> None:
    with psycopg.connect(superusuario) as conexao:
        achados = conexao.execute(
            "SELECT rolname, rolcanlogin, rolinherit, rolcreatedb, rolsuper,"
            " rolbypassrls FROM pg_roles WHERE rolname LIKE 'conexoes%' ORDER BY 1"
        ).fetchall()

    assert achados == [
        ("conexoes_app", True, False, False, False, False),
        ("conexoes_dono", True, True, True, False, False),
        ("conexoes_sistema", False, True, False, False, False),
    ]


def test_app_becomes_sistema_only_when_it_says_so(superusuario: str) -> None:
    with entrar(superusuario, papeis.APP) as conexao:
        herda = "SELECT pg_has_role(current_user, 'conexoes_sistema', 'USAGE')"
        assert conexao.execute(herda).fetchone() == (False,)

        with conexao.transaction():
            conexao.execute("SET LOCAL ROLE conexoes_sistema")
            quem = conexao.execute("SELECT current_user").fetchone()

    assert quem == ("conexoes_sistema",)


def test_only_the_owner_creates_tables(superusuario: str) -> None:
    with entrar(superusuario, papeis.DONO) as conexao:
        conexao.execute("CREATE TABLE do_dono (id int)")

    with (
        entrar(superusuario, papeis.APP) as conexao,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        conexao.execute("CREATE TABLE da_app (id int)")


def test_repeating_mends_what_was_loosened(superusuario: str) -> None:
    with psycopg.connect(superusuario, autocommit=True) as conexao:
        conexao.execute("ALTER ROLE conexoes_app INHERIT BYPASSRLS")
        if conexao.info.server_version >= 160000:
            conexao.execute("GRANT conexoes_sistema TO conexoes_app WITH INHERIT TRUE")

        papeis.aplicar(superusuario, "crm", **SENHAS)

        achado = conexao.execute(
            "SELECT rolinherit, rolbypassrls,"
            " pg_has_role('conexoes_app', 'conexoes_sistema', 'USAGE')"
            " FROM pg_roles WHERE rolname = 'conexoes_app'"
        ).fetchone()
    assert achado == (False, False, False)


def test_a_grant_by_someone_else_is_refused(superusuario: str) -> None:
    with psycopg.connect(superusuario, autocommit=True) as conexao:
        if conexao.info.server_version < 160000:
            pytest.skip("up to PostgreSQL 15 a membership has one grantor")
        conexao.execute(
            "CREATE ROLE outra; GRANT conexoes_sistema TO outra WITH ADMIN TRUE"
        )
        conexao.execute(
            "GRANT conexoes_sistema TO conexoes_app WITH INHERIT TRUE GRANTED BY outra"
        )
        try:
            with pytest.raises(psycopg.errors.RaiseException, match="herda"):
                papeis.aplicar(superusuario, "crm", **SENHAS)
        finally:
            conexao.execute("REVOKE conexoes_sistema FROM outra CASCADE")
            conexao.execute("DROP ROLE outra")


def test_command_takes_the_passwords_from_the_urls(
    superusuario: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://conexoes_app:a%27b@x/crm")
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://conexoes_dono:c@x/crm")

    call_command("papeis", "--imprimir")

    escrito = capsys.readouterr().out
    assert "ALTER ROLE conexoes_app LOGIN NOINHERIT PASSWORD 'a''b';" in escrito
    assert "\\gexec" in escrito


def test_command_refuses_urls_of_other_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://postgres:a@x/crm")
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://conexoes_dono:c@x/crm")

    with pytest.raises(CommandError, match="conexoes_app"):
        call_command("papeis", "--imprimir")


def test_nul_never_reaches_sql() -> None:
    with pytest.raises(ValueError, match="NUL"):
        papeis.literal("a\0b")
