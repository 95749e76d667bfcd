from contextlib import suppress
from uuid import uuid4

import pytest

from conexoes import fila, provedores
from conexoes.arrendamento import reivindicar
from conexoes.eventos import publicar, publicar_juntos
from conexoes.models import EventoPendente
from conexoes.tenancy import na, sistema

pytestmark = pytest.mark.django_db(transaction=True)


def todas():
    with sistema("comando"):
        return list(EventoPendente.objects.order_by("destino"))


def test_event_becomes_one_row_for_each_listener(gente, ensaio):
    provedores.registrar(
        provedores.Provedor(
            **{
                **provedores._registrados["teste"].__dict__,
                "slug": "outra",
                "destinos": {},
                "eventos": {"coisa.feita": "teste.cauda"},
            }
        )
    )
    objeto_id = uuid4()

    with na(gente.aurora):
        publicar(gente.aurora, "coisa.feita", objeto_id=objeto_id, valor=3)

    linhas = todas()
    assert [(x.tipo, x.destino, x.max_tentativas) for x in linhas] == [
        ("coisa.feita", "teste.cauda", 5),
        ("coisa.feita", "teste.chat", 3),
    ]
    for linha in linhas:
        assert linha.payload == {"objeto_id": str(objeto_id), "valor": 3}
        assert linha.chave == f"coisa.feita:{objeto_id}:{linha.destino}"
        assert linha.organizacao_id == gente.aurora.pk


def test_same_event_about_the_same_thing_is_told_once(gente, ensaio):
    objeto_id = uuid4()

    with na(gente.aurora):
        for objeto in (objeto_id, objeto_id, uuid4()):
            publicar(gente.aurora, "coisa.feita", objeto_id=objeto)

    assert len(todas()) == 2


def test_event_nobody_listens_to_is_no_row(gente, ensaio):
    with na(gente.aurora):
        publicar(gente.aurora, "nada.feito", objeto_id=uuid4())

    assert todas() == []


def test_event_of_an_undone_change_is_not_told(gente, ensaio):
    with suppress(ZeroDivisionError), na(gente.aurora):
        publicar(gente.aurora, "coisa.feita", objeto_id=uuid4())
        raise ZeroDivisionError

    assert todas() == []


def test_listener_gets_the_event_as_work(gente, ensaio):
    with na(gente.aurora):
        publicar(gente.aurora, "coisa.feita", objeto_id=uuid4())

    [linha] = reivindicar(EventoPendente, 10)
    fila.processar(linha)

    assert ensaio.vistas == [linha.pk]
    assert todas()[0].status == "completed"


def test_many_objects_are_told_in_one_statement(
    gente, ensaio, django_assert_num_queries
):
    um, outro = uuid4(), uuid4()

    with na(gente.aurora):
        with django_assert_num_queries(1):
            publicar_juntos(gente.aurora.pk, "coisa.feita", [um, outro], cor="azul")
        publicar_juntos(gente.aurora.pk, "coisa.feita", [um])
        with django_assert_num_queries(0):
            publicar_juntos(gente.aurora.pk, "ninguém.ouve", [um])

    with na(gente.aurora):
        linhas = EventoPendente.da(gente.aurora).order_by("pk")
        assert [(x.chave, x.payload) for x in linhas] == [
            (f"coisa.feita:{x}:teste.chat", {"objeto_id": str(x), "cor": "azul"})
            for x in (um, outro)
        ]
