"""What the tables of the domain themselves refuse."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError

from conexoes.tenancy import na, sistema
from crm.models import Contato, IdentidadeContato, Usuario
from tests.crm.conftest import nova_conversa, nova_mensagem, novo_contato

pytestmark = pytest.mark.django_db


def contatos(organizacao: Any) -> int:
    with na(organizacao):
        return Contato.objects.count()


def test_a_person_belongs_to_one_organisation(gente: SimpleNamespace) -> None:
    with pytest.raises(IntegrityError), sistema("comando"):
        Usuario.objects.create_user("x@exemplo.test", nome="X")


def test_a_super_admin_belongs_to_none(gente: SimpleNamespace) -> None:
    with pytest.raises(IntegrityError), sistema("comando"):
        Usuario.objects.create_superuser(
            "x@exemplo.test", nome="X", organizacao=gente.aurora
        )


def test_an_e_mail_is_one_person_in_the_whole_installation(
    gente: SimpleNamespace,
) -> None:
    with pytest.raises(IntegrityError), sistema("comando"):
        Usuario.objects.create_user(
            "ANA@exemplo.test", nome="Outra Ana", organizacao=gente.brisa
        )


def test_an_e_mail_is_kept_in_lower_case(gente: SimpleNamespace) -> None:
    with sistema("comando"):
        nova = Usuario.objects.create_user(
            " Nova@Exemplo.TEST ", nome="Nova", organizacao=gente.aurora
        )
        achada = Usuario.objects.get_by_natural_key("NOVA@exemplo.test")

    assert (nova.email, achada) == ("nova@exemplo.test", nova)


def test_only_the_two_roles_of_the_prd_are_stored(gente: SimpleNamespace) -> None:
    with pytest.raises(IntegrityError), sistema("comando"):
        Usuario.objects.filter(pk=gente.bruno.pk).update(papel="super")


def test_an_organisation_with_people_is_not_deleted(gente: SimpleNamespace) -> None:
    with pytest.raises(IntegrityError), sistema("comando"):
        gente.aurora.delete()


@pytest.mark.parametrize("repetido", ["+5531988887777", "+553188887777"])
def test_a_phone_is_one_contact_with_or_without_the_ninth_digit(
    gente: SimpleNamespace, rita: Contato, repetido: str
) -> None:
    with pytest.raises(IntegrityError):
        novo_contato(gente.aurora, "Outra", telefone=repetido)

    assert contatos(gente.aurora) == 1


def test_the_same_phone_may_be_a_contact_of_two_organisations(
    gente: SimpleNamespace, rita: Contato
) -> None:
    novo_contato(gente.brisa, telefone=rita.telefone)

    assert (contatos(gente.aurora), contatos(gente.brisa)) == (1, 1)


def test_many_contacts_may_lack_a_phone(gente: SimpleNamespace) -> None:
    novo_contato(gente.aurora, "Um")
    novo_contato(gente.aurora, "Dois")

    assert contatos(gente.aurora) == 2


def test_an_address_of_a_channel_is_one_contact(
    gente: SimpleNamespace, rita: Contato
) -> None:
    campos = {
        "organizacao": gente.aurora,
        "canal": "whatsapp",
        "identificador": "1@lid",
    }
    with na(gente.aurora):
        IdentidadeContato.objects.create(contato=rita, **campos)

    with pytest.raises(IntegrityError), na(gente.aurora):
        IdentidadeContato.objects.create(contato=rita, **campos)


def test_a_message_of_the_provider_is_kept_once_per_connection(
    gente: SimpleNamespace, rita: Contato
) -> None:
    conversa = nova_conversa(rita, gente.bruno)
    nova_mensagem(conversa, id_externo="true_1")

    with pytest.raises(IntegrityError):
        nova_mensagem(conversa, id_externo="true_1")


def test_the_same_id_on_another_connection_is_another_message(
    gente: SimpleNamespace, rita: Contato
) -> None:
    for pessoa in (gente.ana, gente.bruno):
        nova_mensagem(nova_conversa(rita, pessoa), id_externo="true_1")

    with na(gente.aurora):
        assert rita.conversas.count() == 2


def test_search_text_follows_every_change(gente: SimpleNamespace) -> None:
    contato = novo_contato(gente.aurora, "Água Viva", telefone="+5531988887777")
    with na(gente.aurora):
        contato.nome = "Pão de Açúcar"
        contato.save()
        contato.refresh_from_db()

    assert contato.busca == "pao de acucar  +5531988887777"
    assert contato.telefone_chave == "553188887777"
    assert contato.numero_legivel == "+55 31 98888-7777"
