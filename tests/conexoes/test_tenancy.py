"""Who the database believes we are, inside, outside and after a context."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from conexoes import tenancy
from conexoes.tenancy import NENHUM, Contexto, ErroDeTenancy, atual, na, sistema
from crm.models import Contato, Organizacao, Usuario

pytestmark = pytest.mark.django_db(transaction=True)

NINGUEM = ("conexoes_app", "", "", "")


def no_banco() -> tuple[str, str, str, str]:
    """Role, organisation, person and papel, as PostgreSQL itself says."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user,"
            " coalesce(current_setting('app.current_tenant', true), ''),"
            " coalesce(current_setting('app.current_user', true), ''),"
            " coalesce(current_setting('app.current_role', true), '')"
        )
        linha: tuple[str, str, str, str] = cursor.fetchone()
    return linha


def criar_e_falhar(contexto: AbstractContextManager[Any], organizacao: Any) -> None:
    with contexto:
        Contato.objects.create(organizacao=organizacao, nome="Rita")
        raise ZeroDivisionError


def test_an_organisation_without_a_person_is_served_by_the_service(
    gente: SimpleNamespace,
) -> None:
    with na(gente.aurora) as contexto:
        visto = no_banco()

    assert contexto == Contexto(gente.aurora.pk, None, "servico")
    assert visto == ("conexoes_app", str(gente.aurora.pk), "", "servico")


def test_an_organisation_with_a_person_carries_the_persons_role(
    gente: SimpleNamespace,
) -> None:
    with na(gente.aurora, gente.bruno):
        visto = no_banco()

    assert visto == (
        "conexoes_app",
        str(gente.aurora.pk),
        str(gente.bruno.pk),
        "member",
    )


def test_a_uuid_names_an_organisation_as_well_as_the_object(
    gente: SimpleNamespace,
) -> None:
    with na(gente.aurora.pk):
        assert Organizacao.objects.get() == gente.aurora


def test_the_system_sees_every_organisation(gente: SimpleNamespace) -> None:
    with sistema("fila"):
        visto = no_banco()
        quantas = Organizacao.objects.count()

    assert visto == ("conexoes_sistema", "", "", "")
    assert quantas == 2


def test_nothing_is_left_after_the_commit(gente: SimpleNamespace) -> None:
    with na(gente.aurora, gente.ana):
        Contato.objects.create(organizacao=gente.aurora, nome="Rita")
    depois_de_na = no_banco(), atual(), Contato.objects.count()
    with sistema("fila"):
        Contato.objects.get(nome="Rita")
    depois_do_sistema = no_banco(), atual(), Contato.objects.count()

    assert depois_de_na == (NINGUEM, NENHUM, 0)
    assert depois_do_sistema == (NINGUEM, NENHUM, 0)


def test_nothing_is_left_after_an_exception(gente: SimpleNamespace) -> None:
    with pytest.raises(ZeroDivisionError):
        criar_e_falhar(na(gente.aurora, gente.ana), gente.aurora)

    assert no_banco() == NINGUEM
    assert atual() == NENHUM
    with na(gente.aurora):
        assert Contato.objects.count() == 0


def test_nothing_is_left_after_a_failed_statement(gente: SimpleNamespace) -> None:
    with pytest.raises(DatabaseError), na(gente.aurora), connection.cursor() as cursor:
        cursor.execute("SELECT 1/0")

    assert no_banco() == NINGUEM
    assert atual() == NENHUM


def test_the_outer_context_returns_when_an_inner_one_ends(
    gente: SimpleNamespace,
) -> None:
    with sistema("fila"):
        with na(gente.aurora, gente.bruno):
            with na(gente.aurora):
                servico = no_banco()
            pessoa = no_banco(), atual()
        de_volta = no_banco(), atual(), Organizacao.objects.count()

    assert servico == ("conexoes_app", str(gente.aurora.pk), "", "servico")
    assert pessoa == (
        ("conexoes_app", str(gente.aurora.pk), str(gente.bruno.pk), "member"),
        Contexto(gente.aurora.pk, gente.bruno.pk, "member"),
    )
    assert de_volta == (
        ("conexoes_sistema", "", "", ""),
        Contexto(motivo="fila"),
        2,
    )


def test_a_service_may_cross_organisations_and_comes_back(
    gente: SimpleNamespace,
) -> None:
    with na(gente.aurora):
        with sistema("fila"):
            todas = Organizacao.objects.count()
        so_a_sua = Organizacao.objects.get()

    assert todas == 2
    assert so_a_sua == gente.aurora


def test_the_outer_context_returns_when_an_inner_one_fails(
    gente: SimpleNamespace,
) -> None:
    with na(gente.aurora):
        with pytest.raises(ZeroDivisionError):
            criar_e_falhar(sistema("fila"), gente.brisa)
        de_volta = no_banco(), atual(), Organizacao.objects.get()

    assert de_volta == (
        ("conexoes_app", str(gente.aurora.pk), "", "servico"),
        Contexto(gente.aurora.pk, None, "servico"),
        gente.aurora,
    )
    with na(gente.brisa):
        assert Contato.objects.count() == 0


def test_the_outer_context_returns_when_an_inner_statement_fails(
    gente: SimpleNamespace,
) -> None:
    with sistema("fila"):
        with pytest.raises(DatabaseError), na(gente.aurora):
            Organizacao.objects.create(nome="Intrusa")
        de_volta = no_banco(), Organizacao.objects.count()

    assert de_volta == (("conexoes_sistema", "", "", ""), 2)


def test_the_outer_context_returns_when_an_inner_one_is_rolled_back(
    gente: SimpleNamespace,
) -> None:
    with na(gente.aurora):
        with sistema("fila"):
            Contato.objects.create(organizacao=gente.brisa, nome="Rita")
            transaction.set_rollback(True)
        de_volta = no_banco(), atual().organizacao_id

    assert de_volta == (
        ("conexoes_app", str(gente.aurora.pk), "", "servico"),
        gente.aurora.pk,
    )
    with na(gente.brisa):
        assert Contato.objects.count() == 0


def test_a_context_of_our_own_survives_a_savepoint_around_it(
    gente: SimpleNamespace,
) -> None:
    with na(gente.aurora):
        with transaction.atomic():
            with na(gente.aurora, gente.bruno):
                pass
            transaction.set_rollback(True)
        visto = no_banco()

    assert visto == ("conexoes_app", str(gente.aurora.pk), "", "servico")


def test_another_organisation_cannot_be_entered(gente: SimpleNamespace) -> None:
    with na(gente.aurora):
        with pytest.raises(ErroDeTenancy), na(gente.brisa):
            pass
        assert Organizacao.objects.get() == gente.aurora


def test_no_organisation_cannot_be_entered() -> None:
    with pytest.raises(ErroDeTenancy), na(None):
        pass

    assert atual() == NENHUM


def test_an_unlisted_reason_is_refused(gente: SimpleNamespace) -> None:
    with pytest.raises(ErroDeTenancy, match="curiosidade"), sistema("curiosidade"):
        pass

    assert no_banco() == NINGUEM


def test_a_persons_request_may_not_cross_organisations(gente: SimpleNamespace) -> None:
    with tenancy.pessoa(gente.ana.pk):
        with pytest.raises(ErroDeTenancy), sistema("admin"):
            pass
        sem_organizacao = no_banco()
        tenancy.ativar(gente.ana, gente.aurora.pk)
        with pytest.raises(ErroDeTenancy), sistema("admin"):
            pass
        com_organizacao = no_banco()

    aurora, ana = str(gente.aurora.pk), str(gente.ana.pk)
    assert sem_organizacao == ("conexoes_app", "", ana, "")
    assert com_organizacao == ("conexoes_app", aurora, ana, "admin")


def test_a_person_sees_their_own_row_before_their_organisation(
    gente: SimpleNamespace,
) -> None:
    with tenancy.pessoa(gente.bruno.pk):
        pessoas = list(Usuario.objects.all())
        organizacoes = Organizacao.objects.count()

    assert pessoas == [gente.bruno]
    assert organizacoes == 0


def test_a_request_cannot_change_its_organisation(gente: SimpleNamespace) -> None:
    with tenancy.pessoa(gente.sofia.pk):
        tenancy.ativar(gente.sofia, gente.aurora.pk)
        with pytest.raises(ErroDeTenancy):
            tenancy.ativar(gente.sofia, gente.brisa.pk)
        assert Organizacao.objects.get() == gente.aurora


def test_the_super_admin_acts_with_the_rights_of_an_admin(
    gente: SimpleNamespace,
) -> None:
    with tenancy.pessoa(gente.sofia.pk):
        tenancy.ativar(gente.sofia, gente.aurora.pk)
        visto = no_banco()

    aurora, sofia = str(gente.aurora.pk), str(gente.sofia.pk)
    assert visto == ("conexoes_app", aurora, sofia, "admin")


def test_an_organisation_is_activated_only_inside_a_request(
    gente: SimpleNamespace,
) -> None:
    with pytest.raises(ErroDeTenancy):
        tenancy.ativar(gente.ana, gente.aurora.pk)
    with sistema("admin"), pytest.raises(ErroDeTenancy):
        tenancy.ativar(gente.ana, gente.aurora.pk)

    assert no_banco() == NINGUEM


def test_only_an_anonymous_request_learns_its_person(gente: SimpleNamespace) -> None:
    with tenancy.pessoa(None):
        tenancy.reconhecer(gente.bruno.pk)
        achada = Usuario.objects.get()
        with pytest.raises(ErroDeTenancy):
            tenancy.reconhecer(gente.carla.pk)
    with sistema("admin"), pytest.raises(ErroDeTenancy):
        tenancy.reconhecer(gente.carla.pk)
    with pytest.raises(ErroDeTenancy):
        tenancy.reconhecer(gente.carla.pk)

    assert achada == gente.bruno


def test_without_a_transaction_a_setting_gives_nothing(gente: SimpleNamespace) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.current_tenant', %s, true)", [str(gente.aurora.pk)]
        )

    assert Organizacao.objects.count() == 0


def test_an_unknown_organisation_is_empty_rather_than_an_error() -> None:
    with na(uuid4()):
        assert Organizacao.objects.count() == 0
        assert Contato.objects.count() == 0
