"""The last thirty days of a number, and of the team."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from conexoes.tenancy import na
from tests.whatsapp.dominio import (
    criar_sessao,
)
from tests.whatsapp.telas import HTMX, PAGINA, Entrar, texto
from whatsapp.models import PeriodoDaSessao, SessaoWhatsapp
from whatsapp.views.apresentacao import duracao_legivel


@pytest.fixture
def ana(entrar: Entrar) -> Client:
    return entrar("ana")


def test_history_of_thirty_days(
    ana: Client, sessao: SessaoWhatsapp, gente: SimpleNamespace
) -> None:
    agora = timezone.now()
    with na(gente.aurora):
        for situacao, de, ate in (
            ("connected", timedelta(days=3), timedelta(days=1)),
            ("failed", timedelta(days=1), timedelta(hours=12)),
            ("connected", timedelta(hours=12), None),
        ):
            PeriodoDaSessao.objects.create(
                organizacao=gente.aurora,
                sessao=sessao,
                status=situacao,
                motivo="O celular removeu." if situacao == "failed" else "",
                inicio_em=agora - de,
                fim_em=None if ate is None else agora - ate,
            )

    pagina = texto(ana.get(PAGINA))
    fragmento = texto(ana.get(f"{PAGINA}historico/", headers=HTMX))

    # Two days and a half of the three were connected.
    assert "83,3%" in pagina
    assert fragmento.count("uso-dia ") == 30
    assert fragmento.count('class="periodo"') == 3
    assert "O celular removeu." in fragmento
    assert "há 12 h" in fragmento
    assert "2 dias" in fragmento


def test_history_before_anything_happened(ana: Client, sessao: SessaoWhatsapp) -> None:
    assert "Nada a contar ainda" in texto(ana.get(PAGINA))


@pytest.mark.parametrize("apelido", ["bruno", "carla"])
def test_history_is_ones_own(
    entrar: Entrar, sessao: SessaoWhatsapp, apelido: str
) -> None:
    fragmento = texto(entrar(apelido).get(f"{PAGINA}historico/", headers=HTMX))

    assert "Histórico da conexão" not in fragmento


def test_team_shows_states_and_uptime(ana: Client, gente: SimpleNamespace) -> None:
    dele = criar_sessao(gente.bruno, status="failed", quarentena_em=timezone.now())
    agora = timezone.now()
    with na(gente.aurora):
        PeriodoDaSessao.objects.create(
            organizacao=gente.aurora,
            sessao=dele,
            status="connected",
            inicio_em=agora - timedelta(days=2),
            fim_em=agora - timedelta(days=1),
        )

    pagina = texto(ana.get(PAGINA))

    assert "Precisa de um novo QR Code" in pagina
    assert "100% no ar" in pagina


@pytest.mark.parametrize(
    ("duracao", "frase"),
    [
        (timedelta(seconds=45), "45 s"),
        (timedelta(minutes=12, seconds=30), "12 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=2, minutes=5), "2 h e 5 min"),
        (timedelta(days=1), "1 dia"),
        (timedelta(days=3, hours=4, minutes=9), "3 dias e 4 h"),
    ],
)
def test_lengths_of_time_in_words(duracao: timedelta, frase: str) -> None:
    assert duracao_legivel(duracao) == frase
