"""One decision about many rows: counted, done once each, cancelled, taken up again."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from conexoes import em_massa, fila, repeticao
from conexoes.models import EventoPendente, RegistroAuditoria
from conexoes.tenancy import na, sistema
from tests.conexoes.conftest import Ensaio, entrega, intento, ler, mudar, tomar, vencer

pytestmark = pytest.mark.django_db(transaction=True)

Entrar = Callable[[str], Client]
EM_MASSA = "/configuracoes/fila/em-massa/"
FALHAS = {"onde": "fila", "verbo": "tentar", "situacao": "falharam"}


def semear(organizacao: Any, quantas: int) -> None:
    agora = timezone.now() - timedelta(minutes=1)
    with sistema("comando"):
        EventoPendente.objects.bulk_create(
            EventoPendente(
                organizacao=organizacao,
                tipo="teste_envio",
                destino="teste.chat",
                chave=str(uuid4()),
                status="failed",
                motivo="esgotada",
                criado_em=agora - timedelta(seconds=n // 3),
            )
            for n in range(quantas)
        )


def job() -> Any:
    with sistema("comando"):
        return EventoPendente.objects.get(destino="conexoes.em_massa")


def rodar() -> Any:
    """Whatever turns it takes, as a worker takes them."""
    for _ in range(20):
        fila.processar(tomar_job())
        if job().status == "completed":
            break
    return job()


def tomar_job() -> Any:
    """Claim the job alone, however many rows it has set going."""
    with sistema("comando"):
        EventoPendente.objects.exclude(pk=job().pk).filter(status="pending").update(
            proxima_tentativa=timezone.now() + timedelta(hours=1)
        )
    return tomar(job())


def quantas(**filtros: Any) -> int:
    with sistema("comando"):
        return EventoPendente.objects.filter(destino="teste.chat", **filtros).count()


def auditadas(acao: str) -> list[RegistroAuditoria]:
    with sistema("comando"):
        return list(RegistroAuditoria.objects.filter(acao=acao).order_by("pk"))


def test_the_count_comes_first_and_changes_nothing(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    semear(gente.aurora, 37)
    semear(gente.brisa, 5)

    pagina = entrar("ana").get(EM_MASSA, FALHAS).content.decode()

    assert "Vai repetir <strong>37</strong> itens" in pagina
    assert quantas(status="failed") == 42


def test_a_thousand_rows_are_set_going_once_each(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    semear(gente.aurora, 1000)
    semear(gente.brisa, 3)
    ana = entrar("ana")

    ana.post(EM_MASSA, FALHAS)
    feito = rodar()

    assert feito.status == "completed"
    assert (feito.payload["feitas"], feito.payload["recusadas"]) == (1000, 0)
    assert quantas(organizacao=gente.aurora, status="pending", cerca=1) == 1000
    assert quantas(organizacao=gente.brisa, status="failed") == 3
    assert len(auditadas("fila.repetida")) == 1000
    assert len(auditadas("fila.em_massa_iniciada")) == 1
    (fim,) = auditadas("fila.em_massa_concluida")
    assert fim.detalhes == {"total": 1000, "feitas": 1000, "recusadas": 0}
    pagina = ana.get("/configuracoes/fila/").content.decode()
    assert "1.000 de 1.000" in pagina


def test_rows_that_came_after_the_count_are_left_alone(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    semear(gente.aurora, 2)
    ate = timezone.now().isoformat()
    mudar(intento(gente.aurora), status="failed", motivo="esgotada")

    entrar("ana").post(EM_MASSA, {**FALHAS, "ate": ate})
    rodar()

    assert (quantas(status="pending"), quantas(status="failed")) == (2, 1)


def test_a_row_counted_in_its_period_is_done_however_long_it_takes(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    semear(gente.aurora, 1)
    entrar("ana").post(EM_MASSA, {**FALHAS, "periodo": "1h"})
    # As if the count had been ten minutes ago.
    agora = timezone.now()
    antes = {"ate": (agora - timedelta(minutes=10)).isoformat()}
    mudar(job(), payload=job().payload | antes)
    with sistema("comando"):
        EventoPendente.objects.filter(destino="teste.chat").update(
            criado_em=agora - timedelta(minutes=65)
        )

    assert rodar().payload["feitas"] == 1


def test_each_row_names_the_super_admin_who_decided(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    semear(gente.aurora, 2)

    resposta = entrar("sofia").post(
        EM_MASSA, FALHAS, headers={"X-Org-Id": str(gente.aurora.pk)}
    )
    rodar()

    assert resposta.status_code == 302
    for acao in ("fila.repetida", "fila.em_massa_concluida"):
        quem = {(um.autor_id, um.autor_nome) for um in auditadas(acao)}
        assert quem == {(gente.sofia.pk, "Sofia Souza")}, acao


def test_second_one_is_refused_while_one_runs_and_welcome_afterwards(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    semear(gente.aurora, 2)
    ana = entrar("ana")
    ana.post(EM_MASSA, FALHAS)

    segunda = ana.post(EM_MASSA, FALHAS)

    assert segunda.status_code == 422
    assert "Já há uma ação em massa em andamento" in segunda.content.decode()
    rodar()
    semear(gente.aurora, 1)
    assert ana.post(EM_MASSA, FALHAS).status_code == 302
    assert rodar().payload["feitas"] == 1
    assert quantas(status="pending") == 3


def test_two_people_at_once_start_one(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    semear(gente.aurora, 5)
    largada = Barrier(2)
    navegadores = [entrar("ana"), entrar("ana")]

    def clicar(navegador: Client) -> int:
        largada.wait(5)
        try:
            return navegador.post(EM_MASSA, FALHAS).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as clicam:
        respostas = sorted(clicam.map(clicar, navegadores))

    assert respostas == [302, 422]
    assert len(auditadas("fila.em_massa_iniciada")) == 1


def test_cancelled_one_stops_before_its_next_row(
    gente: SimpleNamespace,
    ensaio: Ensaio,
    entrar: Entrar,
) -> None:
    semear(gente.aurora, 30)
    ana = entrar("ana")
    ana.post(EM_MASSA, {**FALHAS, "verbo": "desistir"})
    worker = tomar_job()
    with na(gente.aurora):
        em_massa.cancelar(gente.aurora, autor=gente.ana)

    fila.processar(worker)

    assert job().status == "failed"
    assert quantas(motivo="descartada") == 0
    assert len(auditadas("fila.em_massa_cancelada")) == 1
    pagina = ana.get("/configuracoes/fila/").content.decode()
    assert "Ação cancelada por Ana Alves." in pagina
    assert ana.post(f"{EM_MASSA}cancelar/").status_code == 302
    assert len(auditadas("fila.em_massa_cancelada")) == 1


def test_killed_worker_is_followed_by_one_that_goes_on_where_it_was(
    gente: SimpleNamespace,
    ensaio: Ensaio,
    entrar: Entrar,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    semear(gente.aurora, 20)
    entrar("ana").post(EM_MASSA, FALHAS)
    # A turn of no time: one row, and then it is as if the worker had died.
    monkeypatch.setattr(em_massa, "_TURNO_S", 0.0)
    morto = tomar_job()
    with pytest.raises(em_massa.AindaNao):
        em_massa.executar(morto)
    monkeypatch.undo()
    assert job().payload["feitas"] == 1

    vencer(job())
    feito = rodar()
    with pytest.raises(fila.ArrendamentoPerdido):
        em_massa.executar(morto)

    assert feito.payload["feitas"] == 20
    assert quantas(status="pending", cerca=1) == 20
    assert len(auditadas("fila.repetida")) == 20


def test_row_somebody_decided_first_keeps_their_decision(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    semear(gente.aurora, 2)
    entrar("ana").post(EM_MASSA, {**FALHAS, "situacao": "falharam"})
    with sistema("comando"):
        primeira = EventoPendente.objects.filter(destino="teste.chat").first()
    with na(gente.aurora):
        repeticao.desistir(primeira, quem="Bruno Barros")

    feito = rodar()

    assert feito.payload["feitas"] == 1
    assert ler(primeira).ultimo_erro == "Descartado por Bruno Barros."


def test_deliveries_are_read_again_together(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    lidas = [entrega(gente.aurora) for _ in range(3)]
    for lida in lidas:
        mudar(lida, status="completed")
    pedido = {"onde": "webhooks", "verbo": "tentar", "situacao": "todos"}

    entrar("ana").post(EM_MASSA, pedido)
    rodar()

    assert [ler(lida).status for lida in lidas] == ["pending"] * 3


@pytest.mark.parametrize(
    "mudanca",
    [
        {"onde": "contatos"},
        {"onde": ""},
        {"verbo": "apagar"},
        {"situacao": "concluidos"},
        {"situacao": "descartados", "verbo": "desistir"},
    ],
)
def test_what_no_page_offers_is_not_there(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar, mudanca: dict[str, str]
) -> None:
    semear(gente.aurora, 1)
    ana = entrar("ana")

    assert ana.get(EM_MASSA, {**FALHAS, **mudanca}).status_code == 404
    assert ana.post(EM_MASSA, {**FALHAS, **mudanca}).status_code == 404
    assert quantas(status="failed") == 1


@pytest.mark.parametrize("ate", ["ontem", "2026-13-45T00:00:00Z", "9999-12-31T00:00Z"])
def test_odd_moment_counts_as_now(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar, ate: str
) -> None:
    semear(gente.aurora, 2)

    assert entrar("ana").post(EM_MASSA, {**FALHAS, "ate": ate}).status_code == 302


def test_nothing_to_do_is_said(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    resposta = entrar("ana").post(EM_MASSA, FALHAS)

    assert resposta.status_code == 422
    assert "Não há nada a fazer" in resposta.content.decode()
