"""Words on contacts: one tag however spelled, put once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from conexoes.erros import ErroDeDominio
from conexoes.models import RegistroAuditoria
from conexoes.tenancy import na
from crm.models import Contato, Tag, TagDoContato
from crm.services import tags
from tests.crm.conftest import novo_contato
from tests.paralelo import ao_mesmo_tempo

pytestmark = pytest.mark.django_db


def test_one_tag_however_it_is_spelled(gente: SimpleNamespace) -> None:
    with na(gente.aurora):
        feitas = tags.garantir(
            gente.aurora, ["Cliente  VIP", "cliente vip", "CLIENTÉ VIP", "Obra", " "]
        )

        assert [t.nome for t in Tag.objects.order_by("chave")] == [
            "Cliente VIP",
            "Obra",
        ]
    assert set(feitas) == {"Cliente  VIP", "cliente vip", "CLIENTÉ VIP", "Obra"}
    assert len({t.pk for t in feitas.values()}) == 2


def test_a_tag_that_exists_keeps_its_name(gente: SimpleNamespace) -> None:
    with na(gente.aurora):
        antes = tags.garantir(gente.aurora, ["Lançamento"])["Lançamento"]
        depois = tags.garantir(gente.aurora, ["lancamento"])["lancamento"]

    assert (depois.pk, depois.nome) == (antes.pk, "Lançamento")


def test_a_long_name_is_cut_where_it_stays_a_name(gente: SimpleNamespace) -> None:
    with na(gente.aurora):
        feita = tags.garantir(gente.aurora, ["ﬁ" * 60])["ﬁ" * 60]

    assert (len(feita.nome), feita.chave) == (50, "fi" * 25)


def test_making_many_tags_costs_the_same(
    gente: SimpleNamespace, django_assert_num_queries: Any
) -> None:
    with na(gente.aurora), django_assert_num_queries(3):
        tags.garantir(gente.aurora, [f"tag {n}" for n in range(40)])


def test_marking_again_changes_nothing(gente: SimpleNamespace, rita: Contato) -> None:
    with na(gente.aurora):
        vip = tags.garantir(gente.aurora, ["VIP"])["VIP"]
        for _ in range(2):
            tags.marcar(gente.aurora, [(rita.pk, vip.pk), (rita.pk, vip.pk)])

        assert TagDoContato.objects.count() == 1
        assert [t.nome for t in tags.tags_dos(gente.aurora, [rita.pk])[rita.pk]] == [
            "VIP"
        ]


def test_a_foreign_contact_takes_no_tag(gente: SimpleNamespace, tito: Contato) -> None:
    with na(gente.aurora):
        vip = tags.garantir(gente.aurora, ["VIP"])["VIP"]
        tags.marcar(gente.aurora, [(tito.pk, vip.pk)])
        with pytest.raises(IntegrityError), transaction.atomic():
            connection.check_constraints()
        TagDoContato.objects.all().delete()


def test_what_a_contact_has_is_what_was_said_last(
    gente: SimpleNamespace, rita: Contato
) -> None:
    with na(gente.aurora):
        tags.definir(rita, ["VIP", "Obra"])
        ficaram = tags.definir(rita, ["obra", "Aluguel"])

        assert [t.nome for t in ficaram] == ["Aluguel", "Obra"]
        assert tags.tags_dos(gente.aurora, [rita.pk])[rita.pk] == ficaram
        assert Tag.objects.count() == 3


def test_two_who_put_a_tag_at_once_both_have_put_it(
    gente: SimpleNamespace, rita: Contato
) -> None:
    with na(gente.aurora):
        vista = Contato.objects.get(pk=rita.pk)
        tags.acrescentar(rita, ["VIP", "Obra"])
        tags.acrescentar(vista, ["Aluguel"])
        tags.retirar(rita, Tag.objects.get(nome="VIP").pk)

        ficaram = tags.tags_dos(gente.aurora, [rita.pk])[rita.pk]
    assert [t.nome for t in ficaram] == ["Aluguel", "Obra"]


def test_a_contact_has_no_more_tags_than_one_can_read(
    gente: SimpleNamespace, rita: Contato
) -> None:
    cheias = [f"tag {n:02}" for n in range(tags.POR_CONTATO)]
    with na(gente.aurora):
        tags.acrescentar(rita, cheias)
        # What it has already is no new one.
        tags.acrescentar(rita, cheias[:1])
        for verbo in (tags.acrescentar, tags.definir):
            with pytest.raises(ErroDeDominio, match="50 tags"), transaction.atomic():
                verbo(rita, [*cheias, "mais uma"])

        assert len(tags.tags_dos(gente.aurora, [rita.pk])[rita.pk]) == 50


def test_a_tag_is_renamed_unless_the_name_is_taken(gente: SimpleNamespace) -> None:
    with na(gente.aurora):
        vip = tags.garantir(gente.aurora, ["VIP", "Obra"])["VIP"]
        tags.renomear(vip, "Cliente VIP", autor=gente.ana)
        with pytest.raises(ErroDeDominio, match="Obra"):
            tags.renomear(vip, "Obra", autor=gente.ana)

        assert [t.nome for t in tags.tags_da(gente.aurora)] == ["Cliente VIP", "Obra"]
        assert RegistroAuditoria.objects.get(acao="tag.alterada").autor_id == (
            gente.ana.pk
        )


def test_a_deleted_tag_is_off_every_contact(
    gente: SimpleNamespace, rita: Contato
) -> None:
    with na(gente.aurora):
        tags.definir(rita, ["VIP"])
        tags.apagar(Tag.objects.get(), autor=gente.ana)

        assert TagDoContato.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_same_new_tags_at_once_are_one_each(gente: SimpleNamespace) -> None:
    nomes = [f"tag {n}" for n in range(10)]

    def fazer(nomes: list[str]) -> set[Any]:
        with na(gente.aurora):
            return {t.pk for t in tags.garantir(gente.aurora, nomes).values()}

    feitas = ao_mesmo_tempo(
        lambda: fazer(nomes), lambda: fazer(nomes[::-1]), lambda: fazer(nomes)
    )

    assert feitas[0] == feitas[1] == feitas[2]
    with na(gente.aurora):
        assert Tag.objects.count() == 10


def test_tags_of_many_contacts_are_one_query(
    gente: SimpleNamespace, django_assert_num_queries: Any
) -> None:
    contatos = [novo_contato(gente.aurora, f"C{n}") for n in range(5)]
    with na(gente.aurora):
        for contato in contatos:
            tags.definir(contato, ["VIP"])
    with na(gente.aurora), django_assert_num_queries(1):
        assert len(tags.tags_dos(gente.aurora, [c.pk for c in contatos])) == 5
