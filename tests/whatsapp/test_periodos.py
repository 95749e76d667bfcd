from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from conexoes.tenancy import na
from tests.whatsapp.dominio import criar_sessao, mudar_sessao, todas
from tests.whatsapp.waha import Entregador
from whatsapp.models import PeriodoDaSessao, SessaoWhatsapp
from whatsapp.services import periodos, sessoes


def gravar(
    sessao: SessaoWhatsapp, status: str, de: float, ate: float | None, **campos: Any
) -> None:
    """A period from ``de`` to ``ate`` hours ago; one without an end is open."""
    with na(sessao.organizacao_id):
        PeriodoDaSessao.objects.create(
            organizacao_id=sessao.organizacao_id,
            sessao=sessao,
            status=status,
            inicio_em=timezone.now() - timedelta(hours=de),
            fim_em=None if ate is None else timezone.now() - timedelta(hours=ate),
            **campos,
        )


def lista(sessao: SessaoWhatsapp) -> list[tuple[str, int]]:
    """Status and whole minutes of each, newest first."""
    with na(sessao.organizacao_id):
        achados: Any = periodos.periodos_de(sessao)
    return [(p.status, round(p.duracao.total_seconds() / 60)) for p in achados]


def porcento(sessao: SessaoWhatsapp) -> float | None:
    with na(sessao.organizacao_id):
        valor = periodos.disponibilidade(sessao)
    return None if valor is None else round(valor, 2)


def test_wait_for_the_very_first_login_is_no_downtime(sessao: SessaoWhatsapp) -> None:
    gravar(sessao, "qr_pending", 5, 4, ligada=True)
    gravar(sessao, "connected", 4, 1, ligada=True)
    gravar(sessao, "qr_pending", 1, None, ligada=True)

    assert porcento(sessao) == 75.0
    with na(sessao.organizacao_id):
        contados = periodos.contados(sessao)
    assert [p.status for p in contados] == ["connected", "qr_pending"]


def test_each_change_closes_a_period_and_opens_the_next(
    entregar: Entregador, gente: SimpleNamespace
) -> None:
    entregar("session_status__starting.json", envelope={"timestamp": 1_795_313_240_000})
    entregar("session_status__working.json", envelope={"timestamp": 1_795_313_250_000})
    with na(gente.aurora, gente.ana):
        minha = sessoes.sessao_de(gente.ana)
        assert minha is not None
        sessoes.desconectar_sessao(minha, autor=gente.ana)

    vividos = todas(PeriodoDaSessao)
    assert [(p.status, p.ligada) for p in vividos] == [
        ("connecting", True),
        ("connected", True),
        ("disconnected", False),
    ]
    assert [p.fim_em for p in vividos[:-1]] == [p.inicio_em for p in vividos[1:]]
    assert vividos[-1].fim_em is None
    assert vividos[-1].motivo == "Desconectado pelo CRM."


def test_repeated_status_opens_no_second_period(entregar: Entregador) -> None:
    for segundo in range(3):
        relogio = 1_795_313_240_000 + 1_000 * segundo
        entregar("session_status__starting.json", envelope={"timestamp": relogio})

    assert [p.status for p in todas(PeriodoDaSessao)] == ["connecting"]


def test_only_wanted_time_counts(sessao: SessaoWhatsapp) -> None:
    gravar(sessao, "disconnected", 100, 10, ligada=False)
    gravar(sessao, "connected", 10, 1)
    gravar(sessao, "failed", 1, 0)

    assert porcento(sessao) == 90.0


def test_number_that_nobody_wanted_connected_has_no_figure(
    sessao: SessaoWhatsapp,
) -> None:
    gravar(sessao, "disconnected", 100, None, ligada=False)

    assert porcento(sessao) is None


def test_open_period_counts_until_now(sessao: SessaoWhatsapp) -> None:
    gravar(sessao, "connected", 5, 4)
    gravar(sessao, "failed", 4, 3)
    gravar(sessao, "connected", 3, None)

    assert porcento(sessao) == pytest.approx(80.0, abs=0.01)
    assert lista(sessao) == [("connected", 180), ("failed", 60), ("connected", 60)]


def test_what_is_older_is_cut_off(sessao: SessaoWhatsapp) -> None:
    gravar(sessao, "failed", 24 * 90, 24 * 31)
    gravar(sessao, "connected", 24 * 31, 24 * 15)
    gravar(sessao, "failed", 24 * 15, None)

    assert porcento(sessao) == 50.0
    assert lista(sessao) == [("failed", 15 * 1_440), ("connected", 15 * 1_440)]


def test_flapping_is_left_out_of_the_list(sessao: SessaoWhatsapp) -> None:
    gravar(sessao, "connected", 3, 2)
    gravar(sessao, "connecting", 2, 2 - 9 / 3_600)
    gravar(sessao, "connected", 2 - 9 / 3_600, 1)
    gravar(sessao, "failed", 1, None)

    assert lista(sessao) == [("failed", 60), ("connected", 120)]


def test_ten_seconds_are_no_flapping(sessao: SessaoWhatsapp) -> None:
    gravar(sessao, "connected", 3, 2)
    gravar(sessao, "connecting", 2, 2 - 11 / 3_600)
    gravar(sessao, "connected", 2 - 11 / 3_600, None)

    assert [status for status, _ in lista(sessao)] == [
        "connected",
        "connecting",
        "connected",
    ]


def test_several_sessions_cost_one_query(
    sessao: SessaoWhatsapp, gente: SimpleNamespace, django_assert_num_queries: Any
) -> None:
    do_bruno = criar_sessao(gente.bruno)
    gravar(sessao, "connected", 2, None)
    gravar(do_bruno, "connected", 4, 3)
    gravar(do_bruno, "failed", 3, None)
    mudar_sessao(do_bruno, status="failed")

    with na(gente.aurora), django_assert_num_queries(1):
        figuras = periodos.disponibilidades([sessao, do_bruno])

    assert figuras[sessao.pk] == 100.0
    assert figuras[do_bruno.pk] == pytest.approx(25.0, abs=0.01)


def test_another_organisation_sees_none_of_them(
    sessao: SessaoWhatsapp, gente: SimpleNamespace
) -> None:
    gravar(sessao, "connected", 2, None)

    with na(gente.brisa, gente.carla):
        assert periodos.periodos_de(sessao) == []
        assert periodos.disponibilidade(sessao) is None
