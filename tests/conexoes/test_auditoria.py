"""The audit trail: in the transaction of the change, and never changed again."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.db import DatabaseError, transaction
from django.test import RequestFactory

from conexoes import auditoria
from conexoes.models import RegistroAuditoria
from conexoes.tenancy import na, sistema

pytestmark = pytest.mark.django_db


def linhas() -> list[tuple[object, ...]]:
    with sistema("comando"):
        return list(
            RegistroAuditoria.objects.order_by("id").values_list(
                "acao", "autor_id", "autor_nome", "objeto", "detalhes", "ip"
            )
        )


def test_a_line_says_who_did_what_to_what(gente: SimpleNamespace) -> None:
    with na(gente.aurora, gente.ana):
        auditoria.registrar(
            "contato.editado",
            organizacao=gente.aurora,
            autor=gente.ana,
            objeto="contato:1",
            ip="192.0.2.7",
            campos=["nome"],
        )

    assert linhas() == [
        (
            "contato.editado",
            gente.ana.pk,
            "Ana Alves",
            "contato:1",
            {"campos": ["nome"]},
            "192.0.2.7",
        )
    ]


def test_a_line_disappears_with_the_change_it_tells_of(gente: SimpleNamespace) -> None:
    with na(gente.aurora), transaction.atomic():
        auditoria.registrar("contato.editado", organizacao=gente.aurora)
        transaction.set_rollback(True)

    assert linhas() == []


def test_a_person_cannot_write_into_anothers_trail(gente: SimpleNamespace) -> None:
    with pytest.raises(DatabaseError), na(gente.aurora, gente.ana):
        auditoria.registrar("contato.editado", organizacao=gente.brisa)

    assert linhas() == []


@pytest.mark.parametrize("como", ["inquilino", "sistema"])
def test_no_line_is_changed_or_deleted(gente: SimpleNamespace, como: str) -> None:
    def contexto():  # type: ignore[no-untyped-def]
        return na(gente.aurora) if como == "inquilino" else sistema("comando")

    with contexto():
        auditoria.registrar("contato.editado", organizacao=gente.aurora)

    with pytest.raises(DatabaseError, match="permission denied"), contexto():
        RegistroAuditoria.objects.update(acao="nada.feito")
    with pytest.raises(DatabaseError, match="permission denied"), contexto():
        RegistroAuditoria.objects.all().delete()
    assert [linha[0] for linha in linhas()] == ["contato.editado"]


def test_each_organisation_reads_its_own_trail(gente: SimpleNamespace) -> None:
    for organizacao in (gente.aurora, gente.brisa):
        with na(organizacao):
            auditoria.registrar("contato.editado", organizacao=organizacao)

    with na(gente.aurora):
        donas = list(RegistroAuditoria.objects.values_list("organizacao", flat=True))

    assert donas == [gente.aurora.pk]


def test_a_long_object_is_cut_rather_than_refused(gente: SimpleNamespace) -> None:
    with na(gente.aurora):
        auditoria.registrar("a.b", organizacao=gente.aurora, objeto="x" * 1000)

    assert linhas()[0][3] == "x" * 255


def test_the_trail_outlives_the_person(gente: SimpleNamespace) -> None:
    with na(gente.aurora, gente.bruno):
        auditoria.registrar(
            "contato.editado", organizacao=gente.aurora, autor=gente.bruno
        )
    with sistema("comando"):
        gente.bruno.delete()

    assert [linha[2] for linha in linhas()] == ["Bruno Barros"]


def test_the_address_is_the_peers_and_not_what_a_header_claims() -> None:
    pedido = RequestFactory().get(
        "/", REMOTE_ADDR="192.0.2.9", headers={"X-Forwarded-For": "203.0.113.1"}
    )

    assert auditoria.endereco_ip(pedido) == "192.0.2.9"


def test_a_socket_without_an_address_is_no_address() -> None:
    assert auditoria.endereco_ip(RequestFactory().get("/", REMOTE_ADDR="")) is None
