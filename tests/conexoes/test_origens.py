from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from conexoes import origens, provedores
from conexoes.origens import Origem

CONTATO, NEGOCIO = uuid4(), uuid4()
QUANDO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def perguntado(monkeypatch):
    """An integration that knows one origin; what it was asked."""
    perguntas = []

    def conhece(*pergunta):
        perguntas.append(pergunta)
        return [Origem("Formulário Captação", QUANDO, url="/leads/1/")]

    outro = replace(
        next(provedores.todos()),
        slug="de-teste",
        acao_permitida="meta_lead_ads.gerenciar",
        origens=conhece,
    )
    calados = {p.slug: replace(p, origens=None) for p in provedores.todos()}
    monkeypatch.setattr(provedores, "_registrados", calados | {"de-teste": outro})
    return perguntas


def test_whoever_may_act_on_it_is_led_to_the_page_that_tells_all(perguntado):
    (origem,) = origens.do_contato("aurora", CONTATO, lambda acao: True)

    assert origem == Origem("Formulário Captação", QUANDO, url="/leads/1/")
    assert perguntado == [("aurora", CONTATO, None)]


def test_others_read_it_and_are_led_nowhere(perguntado):
    (origem,) = origens.do_contato("aurora", CONTATO, lambda acao: False)

    assert origem == Origem("Formulário Captação", QUANDO)


def test_a_deal_asks_for_its_own(perguntado):
    origens.do_contato("aurora", CONTATO, lambda acao: True, oportunidade_id=NEGOCIO)

    assert perguntado == [("aurora", CONTATO, NEGOCIO)]
