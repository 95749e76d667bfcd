"""What a person may ask of a row, in every state that it can be in."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from conexoes import repeticao, valkey
from conexoes.erros import ErroDeDominio, ErroTransitorio
from conexoes.models import EventoPendente, Motivo, Status
from conexoes.tenancy import na
from tests.conexoes.conftest import (
    Ensaio,
    entrega,
    intento,
    ler,
    mudar,
    tentar,
    tomar,
)

pytestmark = pytest.mark.django_db(transaction=True)

ANDANDO = "Está em andamento agora. Espere terminar."
FEITO = "Já foi feito: não há o que repetir."
NAO_DESCARTA = "Já foi feito: não há o que descartar."
# state -> what trying now makes of it, what giving up makes of it: (status, motivo,
# attempts), or the words of the refusal. Each row had spent two attempts.
TABELA: dict[tuple[str, str], tuple[Any, Any]] = {
    ("pending", ""): (("pending", "", 2), ("failed", "descartada", 2)),
    ("pending", "retry"): (("pending", "", 2), ("failed", "descartada", 2)),
    ("pending", "cauda"): (("pending", "", 2), ("failed", "descartada", 2)),
    ("pending", "pausada"): (("pending", "", 2), ("failed", "descartada", 2)),
    ("pending", "incerta"): (("pending", "", 0), ("failed", "descartada", 2)),
    ("processing", ""): (ANDANDO, ANDANDO),
    ("processing", "retry"): (ANDANDO, ANDANDO),
    ("failed", "expirada"): (("pending", "", 0), ("failed", "descartada", 2)),
    ("failed", "permanente"): (("pending", "", 0), ("failed", "descartada", 2)),
    ("failed", "esgotada"): (("pending", "", 0), ("failed", "descartada", 2)),
    ("failed", "envenenada"): (("pending", "", 0), ("failed", "descartada", 2)),
    ("failed", "descartada"): (("pending", "", 0), "Já foi descartado."),
    ("completed", ""): (FEITO, NAO_DESCARTA),
}


def em_estado(organizacao: Any, status: str, motivo: str) -> Any:
    linha = intento(organizacao)
    mudar(
        linha,
        status=status,
        motivo=motivo,
        tentativas=2,
        proxima_tentativa=timezone.now() + timedelta(minutes=5),
    )
    return ler(linha)


def fazer(verbo: str, linha: Any, **opcoes: Any) -> Any:
    quem = {} if verbo == "tentar_agora" else {"quem": "Ana Alves"}
    with na(linha.organizacao_id):
        getattr(repeticao, verbo)(linha, **quem, **opcoes)
    return ler(linha)


def test_the_table_knows_every_reason() -> None:
    assert {motivo for _, motivo in TABELA} == set(Motivo.values)
    assert {status for status, _ in TABELA} == set(Status.values)


@pytest.mark.parametrize("estado", TABELA)
@pytest.mark.parametrize("verbo", ["tentar_agora", "desistir"])
def test_each_state_takes_each_verb_as_the_table_says(
    gente: SimpleNamespace, ensaio: Ensaio, estado: tuple[str, str], verbo: str
) -> None:
    linha = em_estado(gente.aurora, *estado)
    esperado = TABELA[estado][verbo == "desistir"]

    if isinstance(esperado, str):
        with pytest.raises(ErroDeDominio) as recusa:
            fazer(verbo, linha, cerca=linha.cerca)
        assert recusa.value.mensagem == esperado
        depois = ler(linha)
        assert (depois.status, depois.motivo, depois.cerca) == (*estado, linha.cerca)
        assert ensaio.mudancas == []
        return
    depois = fazer(verbo, linha, cerca=linha.cerca)

    assert (depois.status, depois.motivo, depois.tentativas) == esperado
    assert ensaio.mudancas == [esperado[:2]]
    if verbo == "tentar_agora":
        assert depois.proxima_tentativa <= timezone.now()
    else:
        assert depois.proxima_tentativa is None
        assert depois.ultimo_erro.startswith("Descartado por Ana Alves.")
    assert valkey.cliente().exists("sino:saida")


def test_what_fell_into_doubt_since_it_was_seen_is_not_sent_again(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Callable[[str], Client]
) -> None:
    esperava = em_estado(gente.aurora, "pending", "retry")
    ana = entrar("ana")
    pagina = ana.get(f"/configuracoes/fila/{esperava.pk}/")
    vista = pagina.context["item"].cerca
    mudar(esperava, motivo="incerta", chamada_iniciada_em=timezone.now())

    ana.post(f"/configuracoes/fila/{esperava.pk}/tentar/", {"cerca": vista})

    depois = ler(esperava)
    assert (depois.motivo, depois.tentativas) == ("incerta", 2)
    assert depois.chamada_iniciada_em is not None


def test_row_that_is_kept_no_longer_is_refused(
    gente: SimpleNamespace, ensaio: Ensaio
) -> None:
    velha = em_estado(gente.aurora, "failed", "permanente")
    with na(gente.aurora):
        EventoPendente.objects.filter(pk=velha.pk).delete()

    with pytest.raises(ErroDeDominio), na(gente.aurora):
        repeticao.tentar_agora(velha, cerca=velha.cerca)


def test_giving_up_what_may_have_arrived_says_so(
    gente: SimpleNamespace, ensaio: Ensaio
) -> None:
    depois = fazer("desistir", em_estado(gente.aurora, "pending", "incerta"))

    assert "Pode ter chegado" in depois.ultimo_erro


def test_waiting_row_goes_at_once_and_spends_what_it_would_have(
    gente: SimpleNamespace, ensaio: Ensaio
) -> None:
    def fora_do_ar(linha: object) -> None:
        raise ErroTransitorio("503")

    ensaio.verbo = fora_do_ar
    linha = tentar(intento(gente.aurora))
    assert (linha.motivo, linha.tentativas) == ("retry", 1)
    ensaio.verbo = lambda linha: None

    fazer("tentar_agora", linha)

    feita = tentar(linha)
    assert (feita.status, feita.tentativas) == ("completed", 2)


def test_next_of_the_conversation_goes_when_the_first_is_given_up(
    gente: SimpleNamespace, ensaio: Ensaio
) -> None:
    primeira = intento(gente.aurora, ordem="conversa:1")
    segunda = intento(gente.aurora, ordem="conversa:1")

    fazer("desistir", primeira)

    assert tomar(segunda).pk == segunda.pk


def test_done_delivery_may_be_read_again(
    gente: SimpleNamespace, ensaio: Ensaio
) -> None:
    lida = tentar(entrega(gente.aurora))
    assert lida.status == "completed"

    depois = fazer("tentar_agora", lida)
    relida = tentar(depois)

    assert (relida.status, ensaio.vistas) == ("completed", [lida.pk, lida.pk])


def test_who_saw_an_older_state_decides_nothing(
    gente: SimpleNamespace, ensaio: Ensaio
) -> None:
    linha = em_estado(gente.aurora, "pending", "incerta")
    vista = linha.cerca
    fazer("tentar_agora", linha, cerca=vista)
    mudar(linha, motivo="incerta")

    for verbo in ("tentar_agora", "desistir"):
        with pytest.raises(ErroDeDominio, match="mudou enquanto você olhava"):
            fazer(verbo, ler(linha), cerca=vista)
    assert ler(linha).motivo == "incerta"


@pytest.mark.parametrize("motivo", ["incerta", "esgotada"])
def test_two_people_at_once_start_it_once(
    gente: SimpleNamespace, ensaio: Ensaio, motivo: str
) -> None:
    status = "pending" if motivo == "incerta" else "failed"
    linha = em_estado(gente.aurora, status, motivo)
    largada = Barrier(2)

    def clicar(_: int) -> str:
        try:
            with na(gente.aurora):
                minha = type(linha).objects.get(pk=linha.pk)
                largada.wait(5)
                repeticao.tentar_agora(minha, cerca=linha.cerca)
        except ErroDeDominio as erro:
            return erro.mensagem
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(2) as clicam:
        respostas = sorted(clicam.map(clicar, range(2)))

    assert respostas[0] == ""
    assert respostas[1] != ""
    assert ler(linha).cerca == linha.cerca + 1


def test_another_organisations_row_is_not_there(
    gente: SimpleNamespace, ensaio: Ensaio
) -> None:
    linha = em_estado(gente.brisa, "failed", "esgotada")

    with pytest.raises(ErroDeDominio), na(gente.aurora):
        repeticao.tentar_agora(linha)

    assert ler(linha).status == "failed"


def test_row_whose_verb_is_gone_may_be_given_up(
    gente: SimpleNamespace, ensaio: Ensaio
) -> None:
    linha = em_estado(gente.aurora, "failed", "envenenada")
    mudar(linha, destino="sumiu.envio")

    assert fazer("desistir", ler(linha)).motivo == "descartada"
