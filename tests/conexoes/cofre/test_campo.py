"""A field that is sealed in its table and plain in its instance."""

import copy
import pickle
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from django.core import serializers
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models, transaction
from django.forms import modelform_factory
from django.forms.renderers import DjangoTemplates
from django.test.utils import isolate_apps
from rest_framework.serializers import ModelSerializer

from conexoes.cofre import CampoCifrado, Contexto, decifrar
from conexoes.erros import CredencialIlegivel


@pytest.fixture
def casa(db):
    """Two models over temporary tables: of an organisation, and of everyone."""
    with isolate_apps():

        class Organizacao(models.Model):  # noqa: DJ008
            id = models.UUIDField(primary_key=True, default=uuid4)

            class Meta:
                app_label = "prova"

        class Conexao(models.Model):  # noqa: DJ008
            id = models.UUIDField(primary_key=True, default=uuid4)
            organizacao = models.ForeignKey(
                Organizacao, models.CASCADE, db_constraint=False
            )
            nome = models.TextField(default="")
            token = CampoCifrado(db_column="token_encrypted", blank=True)
            senha = CampoCifrado(null=True)

            class Meta:
                app_label = "prova"
                db_table = "prova_conexao"

        class Global(models.Model):  # noqa: DJ008
            id = models.UUIDField(primary_key=True, default=uuid4)
            token = CampoCifrado()

            class Meta:
                app_label = "prova"
                db_table = "prova_global"

        class Numerada(models.Model):  # noqa: DJ008
            token = CampoCifrado()

            class Meta:
                app_label = "prova"

        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMP TABLE prova_conexao (id uuid, organizacao_id uuid,"
                " nome text, token_encrypted text NOT NULL, senha text)"
                " ON COMMIT DROP"
            )
            cursor.execute(
                "CREATE TEMP TABLE prova_global (id uuid, token text) ON COMMIT DROP"
            )
        yield SimpleNamespace(Conexao=Conexao, Global=Global, Numerada=Numerada)


ORG = UUID(int=1)


@pytest.fixture
def conexao(casa):
    return casa.Conexao.objects.create(
        organizacao_id=ORG, nome="Página", token="EAAB", senha="correta"
    )


def cru(coluna="token_encrypted", tabela="prova_conexao"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {coluna} FROM {tabela} ORDER BY id")
        return [linha[0] for linha in cursor.fetchall()]


def test_the_instance_reads_plain_and_the_table_is_sealed(casa, conexao):
    lida = casa.Conexao.objects.get()

    assert (conexao.token, lida.token, lida.senha) == ("EAAB", "EAAB", "correta")
    assert cru()[0].startswith("v1.")
    assert cru()[0] != cru("senha")[0]


def test_a_row_without_organisation_is_global(casa):
    criada = casa.Global.objects.create(token="EAAB")

    contexto = Contexto("prova_global", "token", "global", str(criada.pk))
    (envelope,) = cru("token", "prova_global")
    assert decifrar(envelope, contexto=contexto) == "EAAB"


def test_an_envelope_pasted_from_another_row_does_not_open(casa, conexao):
    outra = casa.Conexao.objects.create(organizacao_id=ORG, token="outro")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE prova_conexao SET token_encrypted = (SELECT token_encrypted"
            " FROM prova_conexao WHERE id = %s) WHERE id = %s",
            [conexao.pk, outra.pk],
        )

    lida = casa.Conexao.objects.get(pk=outra.pk)

    with pytest.raises(CredencialIlegivel):
        _ = lida.token


def test_plain_text_in_the_table_is_not_believed(casa, conexao):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE prova_conexao SET token_encrypted = 'EAAB'")

    with pytest.raises(CredencialIlegivel):
        _ = casa.Conexao.objects.get().token


def test_an_unreadable_secret_does_not_stop_other_changes(casa, conexao):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE prova_conexao SET token_encrypted = 'v1.x.AAAA'")
    lida = casa.Conexao.objects.get()

    lida.nome = "Nova"
    lida.save()
    lida.token = "novo"
    lida.save(update_fields=["token"])

    assert casa.Conexao.objects.get().token == "novo"


def test_empty_and_null_stay_what_they_are(casa):
    casa.Conexao.objects.create(organizacao_id=ORG, token="", senha=None)

    lida = casa.Conexao.objects.get()

    assert (lida.token, lida.senha) == ("", None)
    assert (cru(), cru("senha")) == ([""], [None])


def test_saving_again_does_not_seal_again(casa, conexao):
    antes = cru()

    casa.Conexao.objects.get().save()
    conexao.save()

    assert cru() == antes


def test_update_fields_writes_only_what_it_names(casa, conexao):
    lida = casa.Conexao.objects.get()
    lida.token, lida.senha = "novo", "nova"

    lida.save(update_fields=["token"])

    relida = casa.Conexao.objects.get()
    assert (relida.token, relida.senha) == ("novo", "correta")


def test_refresh_and_deferred_reading(casa, conexao, django_assert_num_queries):
    adiada = casa.Conexao.objects.defer("token").get()
    so_token = casa.Conexao.objects.only("token").get()

    assert adiada.token == "EAAB"
    assert so_token.token == "EAAB"
    casa.Conexao.objects.get().save()
    conexao.token = "esquecido"
    conexao.refresh_from_db()
    assert conexao.token == "EAAB"
    with django_assert_num_queries(1):
        assert casa.Conexao.objects.get().token == "EAAB"


@pytest.mark.parametrize("mudanca", ["linha", "organizacao"])
def test_a_copy_under_another_key_is_sealed_anew(mudanca, casa, conexao):
    copia = casa.Conexao.objects.get()
    copia.pk = uuid4()
    if mudanca == "organizacao":
        copia.organizacao_id = UUID(int=2)
    copia._state.adding = True

    copia.save()

    assert casa.Conexao.objects.get(pk=copia.pk).token == "EAAB"
    assert casa.Conexao.objects.get(pk=conexao.pk).token == "EAAB"
    assert len(set(cru())) == 2


def test_keys_written_as_text_are_the_same_place(casa):
    pk = uuid4()

    casa.Conexao.objects.create(
        pk=str(pk).upper(), organizacao_id=str(ORG).upper(), token="EAAB"
    )

    assert casa.Conexao.objects.get(pk=pk).token == "EAAB"


def test_bulk_create_seals(casa):
    casa.Conexao.objects.bulk_create(
        casa.Conexao(organizacao_id=ORG, token=f"t{n}") for n in range(3)
    )

    assert {c.token for c in casa.Conexao.objects.all()} == {"t0", "t1", "t2"}
    assert all(envelope.startswith("v1.") for envelope in cru())


def test_what_cannot_seal_raises_and_writes_nothing(casa, conexao):
    antes = cru()
    conexao.token = "novo"

    with pytest.raises(TypeError, match="save"), transaction.atomic():
        casa.Conexao.objects.update(token="novo")
    with pytest.raises(TypeError, match="save"), transaction.atomic():
        casa.Conexao.objects.bulk_update([conexao], ["token"])
    with pytest.raises(TypeError, match="save"):
        casa.Conexao.objects.filter(token="EAAB").exists()

    assert cru() == antes


def test_a_secret_may_be_cleared_and_asked_for_in_bulk(casa, conexao):
    casa.Conexao.objects.update(token="", senha=None)

    assert casa.Conexao.objects.filter(token="", senha__isnull=True).count() == 1


def test_values_yield_a_sealed_object(casa, conexao):
    (dicionario,) = casa.Conexao.objects.values("token")
    (solto,) = casa.Conexao.objects.values_list("token", flat=True)

    assert repr(dicionario) == "{'token': <cifrado>}"
    assert f"{solto} {solto!r}" == "<cifrado> <cifrado>"


def test_only_text_is_taken(casa):
    with pytest.raises(TypeError, match="bytes"):
        casa.Conexao(organizacao_id=ORG, token=b"EAAB")


def test_a_row_without_key_or_organisation_cannot_be_sealed(casa):
    with pytest.raises(ValueError, match="organisation"), transaction.atomic():
        casa.Conexao(token="EAAB").save()
    with pytest.raises(ValueError, match="key"), transaction.atomic():
        casa.Numerada(token="EAAB").save()


def test_a_key_made_by_the_database_is_a_system_check_error(casa):
    erros = casa.Numerada._meta.get_field("token").check()

    assert [erro.id for erro in erros] == ["conexoes.E001"]
    assert casa.Conexao._meta.get_field("token").check() == []


def test_nothing_printed_or_pickled_shows_it(casa, conexao):
    nova = casa.Conexao(organizacao_id=ORG, token="EAAB")

    assert "EAAB" not in f"{nova!r} {vars(nova)} {vars(conexao)}"
    assert b"EAAB" not in pickle.dumps(vars(conexao)["token"].envelope)
    assert copy.deepcopy(vars(nova)["token"]) is vars(nova)["token"]
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(vars(nova)["token"])


def test_serialisers_leave_it_out_or_refuse(casa, conexao):
    class Completo(ModelSerializer):
        class Meta:
            model = casa.Conexao
            fields = "__all__"

    assert "EAAB" not in serializers.serialize("json", [conexao])
    assert "EAAB" not in serializers.serialize("xml", [conexao])
    assert "token" not in Completo(conexao).data
    Completo.Meta.fields = ["nome", "token"]
    with pytest.raises(ImproperlyConfigured, match="token"):
        _ = Completo(conexao).data


def test_a_form_never_shows_it_and_left_empty_keeps_it(casa, conexao):
    formulario = modelform_factory(casa.Conexao, fields=["nome", "token"])

    vazio = formulario(instance=conexao, renderer=DjangoTemplates())
    assert "EAAB" not in vazio.as_p()
    assert 'type="password"' in vazio.as_p()
    mantida = formulario({"nome": "A", "token": ""}, instance=conexao).save()
    assert casa.Conexao.objects.get().token == "EAAB"
    trocada = formulario(
        {"nome": "B", "token": "novo"}, instance=mantida, renderer=DjangoTemplates()
    )
    assert "novo" not in trocada.as_p()
    trocada.save()
    assert casa.Conexao.objects.get().token == "novo"


def test_a_cleaned_instance_still_saves(casa, conexao):
    conexao.full_clean(exclude=["organizacao"])

    conexao.save()

    assert casa.Conexao.objects.get().token == "EAAB"


def test_migrations_see_an_ordinary_field():
    campo = CampoCifrado("rótulo", db_column="token_encrypted", blank=True)
    campo.set_attributes_from_name("token")

    _, caminho, args, kwargs = campo.deconstruct()

    assert caminho == "conexoes.cofre.CampoCifrado"
    assert args == []
    assert kwargs == {
        "verbose_name": "rótulo",
        "db_column": "token_encrypted",
        "blank": True,
    }
    assert campo.db_type(connection) == "text"
