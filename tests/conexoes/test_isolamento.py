"""Row-level security, proven on every table that the catalogue itself names."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.db import Error, IntegrityError, connection, models, transaction
from django.db.utils import ProgrammingError
from django.utils import timezone

from conexoes.concessoes import SO_ACRESCENTA
from conexoes.isolamento import ChaveDaOrganizacao
from conexoes.tenancy import na, sistema
from crm.models import Organizacao
from tests.conftest import como_dono
from whatsapp.models import SessaoWhatsapp

pytestmark = pytest.mark.django_db(transaction=True)

DONA = {"organizacoes_saas": "id"}


def consultar(sql: str, *valores: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, valores)
        linhas: list[tuple[Any, ...]] = cursor.fetchall()
    return linhas


def coluna(tabela: str) -> str:
    return DONA.get(tabela, "organizacao_id")


def semear(modelo: Any, organizacao: Any, feitas: dict[Any, Any]) -> Any:
    """One row of ``modelo`` in ``organizacao``, and whatever it must point at."""
    if modelo is Organizacao:
        return organizacao
    if modelo not in feitas:
        campos = {
            campo.name: _valor(campo, organizacao, feitas)
            for campo in modelo._meta.local_fields
            if _precisa(campo)
        }
        modelo._base_manager.bulk_create([linha := modelo(**campos)])
        feitas[modelo] = linha
    return feitas[modelo]


def _precisa(campo: Any) -> bool:
    if campo.name == "organizacao" or isinstance(campo, ChaveDaOrganizacao):
        return True
    sem_padrao = not campo.has_default() and not campo.has_db_default()
    automatico = getattr(campo, "auto_now", False) or getattr(
        campo, "auto_now_add", False
    )
    return bool(
        sem_padrao and not campo.null and not campo.primary_key and not automatico
    )


def _valor(campo: Any, organizacao: Any, feitas: dict[Any, Any]) -> Any:
    if campo.is_relation and campo.related_model is campo.model:
        return None
    if campo.is_relation:
        return semear(campo.related_model, organizacao, feitas)
    if campo.choices:
        return campo.choices[0][0]
    if isinstance(campo, models.BinaryField):
        return b"{}"
    if isinstance(campo, models.IntegerField):
        return 1
    if isinstance(campo, models.DateTimeField):
        return timezone.now()
    if isinstance(campo, models.GenericIPAddressField):
        return "192.0.2.1"
    return f"{campo.name}-{uuid4()}"[: campo.max_length]


def modelo_de(tabela: str) -> Any:
    return {m._meta.db_table: m for m in apps.get_models()}[tabela]


@pytest.fixture
def semeadas(gente: SimpleNamespace) -> dict[str, dict[str, Any]]:
    """Table by table, one row of aurora and one of brisa.

    The tables are those that the catalogue says are locked.
    """
    tabelas = consultar(
        "SELECT relname FROM pg_class WHERE relrowsecurity"
        " AND relnamespace = 'public'::regnamespace ORDER BY relname"
    )
    linhas: dict[str, dict[str, Any]] = {tabela: {} for (tabela,) in tabelas}
    with sistema("comando"):
        for nome in ("aurora", "brisa"):
            feitas: dict[Any, Any] = {}
            for tabela in linhas:
                organizacao = getattr(gente, nome)
                linhas[tabela][nome] = semear(modelo_de(tabela), organizacao, feitas)
    return linhas


def _motivo(erro: Error) -> str:
    if "row-level security policy" in str(erro):
        return "row-level security"
    return type(erro.__cause__).__name__


def refuse(sql: str, *valores: Any) -> str:
    """What the database answers to a forbidden statement, deferred checks included."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, valores)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            return "done"
    except Error as erro:
        return _motivo(erro)


def tocadas(sql: str, *valores: Any) -> int | str:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, valores)
            return cursor.rowcount
    except ProgrammingError as erro:
        return _motivo(erro)


def visiveis(tabela: str) -> set[Any]:
    return {dono for (dono,) in consultar(f'SELECT {coluna(tabela)} FROM "{tabela}"')}


def test_without_an_organisation_no_table_shows_a_row(
    semeadas: dict[str, dict[str, Any]],
) -> None:
    assert {tabela: visiveis(tabela) for tabela in semeadas} == dict.fromkeys(
        semeadas, set()
    )
    assert {"contatos", "mensagens", "usuarios"} < set(semeadas)


def test_as_one_organisation_every_table_shows_only_its_rows(
    gente: SimpleNamespace, semeadas: dict[str, dict[str, Any]]
) -> None:
    with na(gente.aurora):
        vistos = {tabela: visiveis(tabela) for tabela in semeadas}

    assert vistos == {tabela: {gente.aurora.pk} for tabela in semeadas}


def test_the_system_role_sees_both(
    gente: SimpleNamespace, semeadas: dict[str, dict[str, Any]]
) -> None:
    with sistema("fila"):
        vistos = {tabela: visiveis(tabela) - {None} for tabela in semeadas}

    ambas = {gente.aurora.pk, gente.brisa.pk}
    assert vistos == dict.fromkeys(semeadas, ambas)


def test_the_owner_who_migrates_sees_both(
    gente: SimpleNamespace, semeadas: dict[str, dict[str, Any]]
) -> None:
    with como_dono():
        vistos = {tabela: visiveis(tabela) - {None} for tabela in semeadas}

    ambas = {gente.aurora.pk, gente.brisa.pk}
    assert vistos == dict.fromkeys(semeadas, ambas)


def test_the_rows_of_another_organisation_are_neither_changed_nor_deleted(
    gente: SimpleNamespace, semeadas: dict[str, dict[str, Any]]
) -> None:
    with na(gente.aurora):
        mudadas = {
            tabela: tocadas(
                f'UPDATE "{tabela}" SET {coluna(tabela)} = {coluna(tabela)}'
                " WHERE id = %s",
                linhas["brisa"].pk,
            )
            for tabela, linhas in semeadas.items()
        }
        apagadas = {
            tabela: tocadas(f'DELETE FROM "{tabela}" WHERE id = %s', linhas["brisa"].pk)
            for tabela, linhas in semeadas.items()
        }

    nenhuma = {
        tabela: "InsufficientPrivilege" if tabela in SO_ACRESCENTA else 0
        for tabela in semeadas
    }
    assert mudadas == nenhuma
    assert apagadas == nenhuma
    with na(gente.brisa):
        assert {tabela: visiveis(tabela) for tabela in semeadas} == dict.fromkeys(
            semeadas, {gente.brisa.pk}
        )


def test_a_row_cannot_be_inserted_into_another_organisation(
    gente: SimpleNamespace, semeadas: dict[str, dict[str, Any]]
) -> None:
    with na(gente.aurora):
        respostas = {}
        for tabela, linhas in semeadas.items():
            intrusa = type(linhas["brisa"])(**_copia(linhas["brisa"]))
            try:
                with transaction.atomic():
                    intrusa._meta.model._base_manager.bulk_create([intrusa])
                respostas[tabela] = "inserted"
            except Error as erro:
                respostas[tabela] = _motivo(erro)

    assert respostas == dict.fromkeys(semeadas, "row-level security")


def _copia(linha: Any) -> dict[str, Any]:
    campos = {
        campo.attname: getattr(linha, campo.attname)
        for campo in linha._meta.local_fields
        if not isinstance(getattr(linha, campo.attname), models.Expression)
        and not campo.primary_key
    }
    return {
        nome: f"outro-{uuid4()}" if nome in ("chave", "email") else valor
        for nome, valor in campos.items()
    }


def test_a_row_cannot_be_moved_to_another_organisation(
    gente: SimpleNamespace, semeadas: dict[str, dict[str, Any]]
) -> None:
    with na(gente.aurora):
        respostas = {
            tabela: refuse(
                f'UPDATE "{tabela}" SET {coluna(tabela)} = %s WHERE id = %s',
                uuid4() if tabela in DONA else gente.brisa.pk,
                linhas["aurora"].pk,
            )
            for tabela, linhas in semeadas.items()
        }

    assert respostas == {
        tabela: "InsufficientPrivilege"
        if tabela in SO_ACRESCENTA
        else "row-level security"
        for tabela in semeadas
    }


def test_a_row_cannot_point_at_another_organisations_row(
    gente: SimpleNamespace, semeadas: dict[str, dict[str, Any]]
) -> None:
    respostas, proprias = {}, {}
    with na(gente.aurora):
        for tabela, linhas in semeadas.items():
            minha = linhas["aurora"]
            for campo in minha._meta.local_fields:
                if not isinstance(campo, ChaveDaOrganizacao):
                    continue
                alheia = semeadas[campo.related_model._meta.db_table]["brisa"]
                sql = f'UPDATE "{tabela}" SET "{campo.column}" = %s WHERE id = %s'
                nome = f"{tabela}.{campo.column}"
                respostas[nome] = refuse(sql, alheia.pk, minha.pk)
                proprias[nome] = refuse(sql, getattr(minha, campo.attname), minha.pk)

    assert respostas == dict.fromkeys(respostas, "ForeignKeyViolation")
    assert proprias == dict.fromkeys(respostas, "done")
    assert {"conversas.contato_id", "mensagens.conversa_id"} < set(respostas)


def test_even_the_system_cannot_point_across_organisations(
    gente: SimpleNamespace, semeadas: dict[str, dict[str, Any]]
) -> None:
    conversa = semeadas["conversas"]["aurora"]
    conversa.contato_id = semeadas["contatos"]["brisa"].pk

    with pytest.raises(IntegrityError), sistema("comando"):
        conversa.save()

    with na(gente.aurora):
        conversa.refresh_from_db()
    assert conversa.contato_id == semeadas["contatos"]["aurora"].pk


def test_an_unqualified_change_stays_inside_the_organisation(
    gente: SimpleNamespace, semeadas: dict[str, dict[str, Any]]
) -> None:
    with na(gente.aurora):
        mudados = tocadas("UPDATE contatos SET nome = 'mudado'")

    with na(gente.brisa):
        nomes = consultar("SELECT nome FROM contatos")
    assert mudados == 1
    assert nomes == [(semeadas["contatos"]["brisa"].nome,)]


def test_a_request_cannot_empty_a_table(semeadas: dict[str, dict[str, Any]]) -> None:
    respostas = {tabela: refuse(f'TRUNCATE "{tabela}" CASCADE') for tabela in semeadas}

    assert respostas == dict.fromkeys(semeadas, "InsufficientPrivilege")


def test_the_health_view_counts_only_the_organisations_own_rows(
    gente: SimpleNamespace, semeadas: dict[str, dict[str, Any]]
) -> None:
    assert consultar("SELECT * FROM integracao_health") == []
    with na(gente.aurora):
        linhas = consultar("SELECT organizacao_id, pendentes FROM integracao_health")

    assert linhas == [(gente.aurora.pk, 1)]


# --- Own connection unless admin --------------------------------------------


@pytest.fixture
def sessoes(gente: SimpleNamespace) -> None:
    with sistema("comando"):
        for nome in ("ana", "bruno", "carla", "davi"):
            pessoa = getattr(gente, nome)
            SessaoWhatsapp.objects.create(
                organizacao_id=pessoa.organizacao_id,
                usuario=pessoa,
                session_name=f"wpp-{nome}",
            )


def nomes_das_sessoes() -> set[str]:
    return set(SessaoWhatsapp.objects.values_list("session_name", flat=True))


@pytest.mark.usefixtures("sessoes")
def test_a_member_sees_only_their_own_connection(gente: SimpleNamespace) -> None:
    with na(gente.aurora, gente.bruno):
        vistas = nomes_das_sessoes()
        mudadas = SessaoWhatsapp.objects.update(motivo="mudado")
        alheia = SessaoWhatsapp.objects.filter(session_name="wpp-ana").delete()[0]

    assert vistas == {"wpp-bruno"}
    assert (mudadas, alheia) == (1, 0)


@pytest.mark.usefixtures("sessoes")
def test_an_admin_sees_the_connections_of_their_organisation_only(
    gente: SimpleNamespace,
) -> None:
    with na(gente.aurora, gente.ana):
        vistas = nomes_das_sessoes()

    assert vistas == {"wpp-ana", "wpp-bruno"}


@pytest.mark.usefixtures("sessoes")
def test_the_service_sees_the_connections_of_its_organisation_only(
    gente: SimpleNamespace,
) -> None:
    with na(gente.brisa):
        vistas = nomes_das_sessoes()

    assert vistas == {"wpp-carla", "wpp-davi"}


@pytest.mark.usefixtures("sessoes")
def test_a_member_cannot_make_a_connection_in_anothers_name(
    gente: SimpleNamespace,
) -> None:
    with na(gente.aurora, gente.bruno):
        resposta = refuse(
            "UPDATE sessoes_whatsapp SET usuario_id = %s WHERE usuario_id = %s",
            gente.ana.pk,
            gente.bruno.pk,
        )

    assert resposta == "row-level security"


@pytest.mark.usefixtures("sessoes")
def test_an_admins_role_opens_nothing_without_the_organisation(
    gente: SimpleNamespace,
) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.current_role', 'admin', true)")
        vistas = nomes_das_sessoes()

    assert vistas == set()


def test_a_person_without_an_organisation_reads_only_their_own_row(
    gente: SimpleNamespace,
) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.current_user', %s, true)", [str(gente.sofia.pk)]
        )
        pessoas: list[tuple[UUID]] = consultar("SELECT id FROM usuarios")  # type: ignore[assignment]

    assert pessoas == [(gente.sofia.pk,)]
