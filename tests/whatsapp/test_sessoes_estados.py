"""What the server says of a session, and what its person is told."""

from types import SimpleNamespace
from typing import Any

import pytest

from conexoes.models import EventoPendente, Notificacao, Status
from conexoes.tenancy import na
from tests.whatsapp.dominio import mudar_sessao, todas, uma
from tests.whatsapp.sessoes import acoes, passos
from tests.whatsapp.waha import Entregador, Ponte
from whatsapp.models import SessaoWhatsapp
from whatsapp.qr import qr_na_tela
from whatsapp.services import sessoes
from whatsapp.services.situacao import situacao


def pontos(antes: str) -> list[dict[str, Any]]:
    """``statuses`` of a FAILED that came after ``antes``."""
    return [{"status": antes, "timestamp": 1}, {"status": "FAILED", "timestamp": 2}]


def test_device_removed_on_the_phone_says_so(entregar: Entregador) -> None:
    entregar("session_status__failed.json")

    sessao = uma(SessaoWhatsapp)
    assert sessao.status == "failed"
    assert sessao.motivo == "O aparelho foi desconectado no celular. Conecte de novo."
    assert sessao.desconectado_em is not None


def test_whatsapp_out_of_reach_does_not_blame_the_phone(nova: Entregador) -> None:
    nova("session_status__starting.json")

    nova("session_status__failed_qr_expirado.json", statuses=pontos("STARTING"))

    sessao = uma(SessaoWhatsapp)
    assert sessao.status == "failed"
    assert sessao.motivo == (
        "O servidor não conseguiu falar com o WhatsApp. Tente de novo."
    )


def test_failure_without_a_known_cause_claims_none(nova: Entregador) -> None:
    nova("session_status__failed_qr_expirado.json", statuses=None)

    assert uma(SessaoWhatsapp).motivo == (
        "O WhatsApp interrompeu a conexão e não disse por quê."
    )


@pytest.mark.parametrize("palavra", ["WORKING", "CONNECTED"])
def test_both_words_for_connected_count(nova: Entregador, palavra: str) -> None:
    nova("session_status__scan_qr_code.json")

    nova("session_status__working.json", status=palavra)

    sessao = uma(SessaoWhatsapp)
    assert (sessao.status, sessao.status_do_provedor) == ("connected", palavra)
    assert (sessao.phone_number, sessao.phone_name) == ("+5511999990000", "Ana Vendas")
    assert sessao.conectado_em is not None
    assert (sessao.qr, sessao.qr_expira_em) == ("", None)
    assert acoes() == [
        "whatsapp.risco_aceito",
        "whatsapp.conexao_iniciada",
        "whatsapp.conectado",
    ]


def test_passkey_asks_the_person_for_what_we_cannot_do(nova: Entregador) -> None:
    nova("session_status__scan_qr_code.json")

    nova("session_status__passkey.json", envelope={"timestamp": 1_795_313_240_000})

    sessao = uma(SessaoWhatsapp)
    assert (sessao.status, situacao(sessao)) == ("qr_pending", "passkey")
    assert "chave de acesso (passkey)" in sessao.motivo
    assert qr_na_tela(sessao) is None


def test_passkey_not_confirmed_is_no_failure(nova: Entregador) -> None:
    nova("session_status__passkey.json")

    antes = pontos("PASSKEY_CONFIRMATION_REQUIRED")
    nova("session_status__failed_qr_expirado.json", statuses=antes)

    sessao = uma(SessaoWhatsapp)
    assert (sessao.status, sessao.motivo) == (
        "disconnected",
        "A chave de acesso não foi confirmada. Gere um novo QR Code.",
    )


def test_unknown_status_is_kept_and_shown_as_unknown(nova: Entregador) -> None:
    recebido = nova("session_status__working.json", status="SONHANDO")

    sessao = uma(SessaoWhatsapp)
    assert recebido.status == Status.CONCLUIDO
    assert (sessao.status, sessao.status_do_provedor) == ("qr_pending", "SONHANDO")
    assert situacao(sessao).label == "Estado desconhecido"


@pytest.mark.parametrize("status", [None, 7, {}, [], "", "x" * 500])
def test_a_status_that_is_no_word_changes_nothing(
    nova: Entregador, status: Any
) -> None:
    recebido = nova("session_status__working.json", status=status)

    assert recebido.status == Status.CONCLUIDO
    assert uma(SessaoWhatsapp).status == "qr_pending"


def test_late_status_is_ignored(entregar: Entregador) -> None:
    entregar("session_status__working.json")

    entregar("session_status__scan_qr_code.json")

    sessao = uma(SessaoWhatsapp)
    assert (sessao.status, sessao.status_do_provedor) == ("connected", "WORKING")
    assert passos() == []


def test_short_drop_of_the_network_comes_back(entregar: Entregador) -> None:
    entregar("session_status__starting.json", envelope={"timestamp": 1_795_313_240_000})
    assert uma(SessaoWhatsapp).status == "connecting"

    entregar("session_status__working.json", envelope={"timestamp": 1_795_313_250_000})

    assert uma(SessaoWhatsapp).status == "connected"


def test_stopped_on_the_server_is_told_in_words(entregar: Entregador) -> None:
    entregar("session_status__stopped.json")

    sessao = uma(SessaoWhatsapp)
    assert sessao.status == "disconnected"
    assert sessao.motivo == "A sessão foi parada no servidor do WhatsApp."


def test_phone_that_logs_out_asks_for_a_new_connection(conectada: Ponte) -> None:
    conectada.mandar("sair")

    conectada.ate(lambda: uma(SessaoWhatsapp).status == "failed")

    motivo = uma(SessaoWhatsapp).motivo
    assert motivo == "O aparelho foi desconectado no celular. Conecte de novo."


def test_line_that_flaps_is_shown_and_told_to_nobody(entregar: Entregador) -> None:
    entregar("session_status__starting.json", envelope={"timestamp": 1_795_313_240_000})

    caida = uma(SessaoWhatsapp)
    assert (caida.status, caida.motivo) == ("connecting", "")
    assert caida.queda_em is not None
    entregar("session_status__working.json", envelope={"timestamp": 1_795_313_250_000})
    assert uma(SessaoWhatsapp).queda_em is None
    assert todas(Notificacao) == []
    assert acoes() == []


@pytest.mark.parametrize("status", ["connected", "connecting"])
def test_stop_for_a_new_config_is_no_news(
    entregar: Entregador, sessao: SessaoWhatsapp, gente: SimpleNamespace, status: str
) -> None:
    mudar_sessao(sessao, status=status)
    with na(gente.aurora, gente.ana):
        sessoes.mudar_grupos(sessao, True, gente.ana)

    entregar("session_status__stopped.json")

    depois = uma(SessaoWhatsapp)
    assert (depois.status, depois.status_do_provedor) == (status, "STOPPED")


def test_storm_of_news_ends_where_the_last_one_says(entregar: Entregador) -> None:
    for n in range(60):
        nome = "working" if n % 2 else "starting"
        relogio = {"timestamp": 1_795_313_240_000 + n}
        entregar(f"session_status__{nome}.json", envelope=relogio)

    assert uma(SessaoWhatsapp).status == "connected"
    # One read-back for all of it, and nobody is told.
    assert [e.tipo for e in todas(EventoPendente)] == ["whatsapp_historico"]
    assert todas(Notificacao) == []
