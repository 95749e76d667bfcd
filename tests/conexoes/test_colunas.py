import pytest
from django.db import DataError

from conexoes import colunas
from conexoes.tenancy import na
from crm.models import Contato

pytestmark = pytest.mark.django_db


def contato(organizacao, n, **campos):
    novo = Contato(organizacao=organizacao, nome=f"C{n}", telefone=f"+55319{n:08}")
    for nome, valor in campos.items():
        setattr(novo, nome, valor)
    novo.derivar()
    return novo


def test_rows_are_inserted_together_and_those_that_were_there_stay(
    gente, django_assert_num_queries
):
    velho, novo, outro = (contato(gente.aurora, n) for n in (1, 2, 3))
    with na(gente.aurora):
        assert colunas.inserir([velho]) == {velho.pk}
        repetido = contato(gente.aurora, 1, nome="Outro nome")
        with django_assert_num_queries(1):
            ids = colunas.inserir([repetido, novo, outro])
        nomes = Contato.da(gente.aurora).order_by("nome").values_list("nome", flat=True)
        assert list(nomes) == ["C1", "C2", "C3"]

    assert ids == {novo.pk, outro.pk}


def test_only_the_named_fields_are_written(gente, django_assert_num_queries):
    um, outro = contato(gente.aurora, 1), contato(gente.aurora, 2)
    with na(gente.aurora):
        colunas.inserir([um, outro])
        um.campos, outro.campos, um.nome = {"a": [1, None]}, {}, "nunca"
        um.responsavel, outro.empresa = gente.bruno, 'a "b", {c}\\'
        with django_assert_num_queries(1):
            colunas.atualizar([um, outro], ["campos", "responsavel_id", "empresa"])
        lidos = Contato.da(gente.aurora).order_by("telefone")
        campos = ("nome", "campos", "responsavel_id", "empresa")
        assert list(lidos.values_list(*campos)) == [
            ("C1", {"a": [1, None]}, gente.bruno.pk, ""),
            ("C2", {}, None, 'a "b", {c}\\'),
        ]


def test_what_does_not_fit_is_refused_and_not_cut(gente):
    with pytest.raises(DataError), na(gente.aurora):
        colunas.inserir([contato(gente.aurora, 1, cep="1" * 10)])


def test_other_organisation_is_not_written(gente):
    deles = contato(gente.brisa, 1)
    with na(gente.brisa):
        colunas.inserir([deles])
    deles.nome = "Mudado"

    with na(gente.aurora):
        colunas.atualizar([deles], ["nome"])

    with na(gente.brisa):
        assert Contato.da(gente.brisa).get().nome == "C1"


def test_nothing_is_nothing(gente, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert colunas.inserir([]) == set()
        colunas.atualizar([], ["nome"])
