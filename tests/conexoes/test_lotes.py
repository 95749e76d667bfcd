"""Deliveries of nobody in particular are done together too, across organisations."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from conexoes import drenos, provedores
from conexoes.erros import ErroTransitorio
from conexoes.models import WebhookRecebido
from conexoes.tenancy import atual, sistema
from tests.conexoes.conftest import entrega, ler

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Lotes:
    """What was done together, and what the transaction of each could see."""

    juntas: list[int] = field(default_factory=list)
    contextos: list[str] = field(default_factory=list)
    sozinhas: list[str] = field(default_factory=list)
    erro: Exception | None = None

    def fazer(self, linha):
        self.sozinhas.append(atual().motivo)

    def fazer_juntas(self, linhas):
        self.juntas.append(len(linhas))
        self.contextos.append(atual().motivo)
        if self.erro:
            raise self.erro
        WebhookRecebido.objects.create(
            organizacao_id=self.dona,
            endpoint=f"teste:{self.dona}",
            chave=f"parte de {linhas[0].pk}",
            tipo="parte",
            destino="teste.dentro",
            status="completed",
            corpo=b"{}",
            pai=linhas[0],
        )
        return linhas

    dona: object = None


@pytest.fixture
def em_lote(gente, ensaio):
    """``teste.dentro`` does several at once, and writes a part of Aurora's."""
    lotes = Lotes(dona=gente.aurora.pk)
    teste = provedores.obter("teste")
    dentro = replace(
        teste.destinos["teste.dentro"], verbo=lotes.fazer, em_lote=lotes.fazer_juntas
    )
    provedores.registrar(
        replace(teste, destinos={**teste.destinos, "teste.dentro": dentro})
    )
    return lotes


def test_shared_deliveries_are_done_in_one_transaction_of_the_system(gente, em_lote):
    linhas = [entrega(None, endpoint="teste-comum") for _ in range(3)]

    assert drenos.drenar_entrada() == 3

    assert (em_lote.juntas, em_lote.contextos) == ([3], ["fila"])
    assert [ler(linha).status for linha in linhas] == ["completed"] * 3
    with sistema("comando"):
        parte = WebhookRecebido.objects.get(tipo="parte")
    assert parte.organizacao_id == gente.aurora.pk


def test_shared_and_own_deliveries_are_never_mixed(gente, em_lote):
    entrega(None, endpoint="teste-comum")
    entrega(gente.aurora)
    entrega(gente.aurora)

    assert drenos.drenar_entrada() == 3

    assert sorted(zip(em_lote.juntas, em_lote.contextos, strict=True)) == [
        (1, "fila"),
        (2, ""),
    ]


def test_what_breaks_together_is_undone_and_done_alone(gente, em_lote):
    em_lote.erro = ErroTransitorio()
    linhas = [entrega(None, endpoint="teste-comum") for _ in range(2)]

    assert drenos.drenar_entrada() == 2

    assert em_lote.sozinhas == ["fila", "fila"]
    assert [ler(linha).status for linha in linhas] == ["completed"] * 2
    with sistema("comando"):
        assert WebhookRecebido.objects.filter(tipo="parte").count() == 0
