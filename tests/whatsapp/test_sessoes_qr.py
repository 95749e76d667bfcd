"""The codes of a session: announced, fetched, replaced and run out."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.utils import timezone

from conexoes.erros import ErroDeDominio
from conexoes.models import Notificacao
from conexoes.tenancy import na, sistema
from tests.whatsapp.dominio import todas, uma
from tests.whatsapp.sessoes import conectar, passos
from tests.whatsapp.waha import Entregador, Ponte
from whatsapp.models import SessaoWhatsapp
from whatsapp.qr import qr_na_tela
from whatsapp.services import sessoes
from whatsapp.services.situacao import situacao

QR_EXPIRADO = "O QR Code expirou sem ser lido. Gere um novo quando quiser."


def test_each_qr_announcement_asks_for_the_code(nova: Entregador) -> None:
    nova("session_status__scan_qr_code.json")
    assert passos() == ["conectar", "qr"]
    primeira = uma(SessaoWhatsapp)

    nova("session_status__scan_qr_code_repetido.json")

    segunda = uma(SessaoWhatsapp)
    assert passos() == ["conectar", "qr", "qr"]
    assert (primeira.qr_numero, segunda.qr_numero) == (1, 2)


def test_first_code_lives_a_minute_and_the_others_twenty_seconds(
    nova: Entregador,
) -> None:
    antes = timezone.now()
    nova("session_status__scan_qr_code.json")
    primeira = uma(SessaoWhatsapp).qr_expira_em

    nova("session_status__scan_qr_code_repetido.json")

    depois = timezone.now()
    segunda = uma(SessaoWhatsapp).qr_expira_em
    assert antes <= primeira - timedelta(seconds=60) <= depois
    assert antes <= segunda - timedelta(seconds=20) <= depois


def test_code_comes_from_the_server_and_each_replaces_the_last(
    ponte: Ponte, gente: SimpleNamespace
) -> None:
    ponte.sandbox.controle("velocidade", fator=10)
    ponte.nome = conectar(gente.ana).session_name
    ponte.sandbox.controle("velocidade", fator=0.02)
    ponte.ate(lambda: uma(SessaoWhatsapp).qr)
    primeiro = uma(SessaoWhatsapp)
    [na_tela] = ponte.sandbox.estado()["sessoes"]
    assert primeiro.ultimo_qr_gerado is not None

    ponte.ate(lambda: uma(SessaoWhatsapp).qr not in ("", primeiro.qr))

    assert na_tela["status"] == "SCAN_QR_CODE"
    assert uma(SessaoWhatsapp).qr_numero > primeiro.qr_numero


def test_a_code_that_was_replaced_is_no_longer_shown(nova: Entregador) -> None:
    nova("session_status__scan_qr_code.json")
    with na(nova.organizacao_id):
        sessao = SessaoWhatsapp.objects.get()
        sessao.qr = "2@primeiro"
        sessao.save()
    assert qr_na_tela(uma(SessaoWhatsapp)) is not None

    nova("session_status__scan_qr_code_repetido.json")

    # The next code is announced and not fetched yet; the old one opens nothing.
    assert qr_na_tela(uma(SessaoWhatsapp)) is None


def test_qr_that_expired_unread_says_so(nova: Entregador) -> None:
    nova("session_status__scan_qr_code.json")

    nova("session_status__failed_qr_expirado.json")

    sessao = uma(SessaoWhatsapp)
    # Nothing failed and nobody is connected: no red, and no more codes.
    assert (sessao.status, sessao.ligada) == ("disconnected", False)
    assert situacao(sessao) == "desconectado"
    assert sessao.motivo == QR_EXPIRADO


def test_new_code_after_all_six_expired(ponte: Ponte, gente: SimpleNamespace) -> None:
    ponte.nome = conectar(gente.ana).session_name
    ponte.ate(lambda: uma(SessaoWhatsapp).qr)
    ponte.mandar("qr/expirar")
    ponte.ate(lambda: uma(SessaoWhatsapp).status == "disconnected")
    with na(gente.aurora):
        sessoes.gerar_novo_qr(SessaoWhatsapp.objects.get())
    assert uma(SessaoWhatsapp).status == "qr_pending"

    ponte.ate(lambda: uma(SessaoWhatsapp).qr)
    ponte.mandar("escanear", numero="5511999990000", nome="Ana Vendas")

    ponte.ate(lambda: uma(SessaoWhatsapp).status == "connected")


def test_new_code_of_a_connected_session_is_refused(
    sessao: SessaoWhatsapp, gente: SimpleNamespace
) -> None:
    with na(gente.aurora), pytest.raises(ErroDeDominio) as recusa:
        sessoes.gerar_novo_qr(sessao)

    assert recusa.value.mensagem == "Este WhatsApp já está conectado."
    assert uma(SessaoWhatsapp).status == "connected"
    assert passos() == []


def test_code_is_unreadable_in_its_table(sessao: SessaoWhatsapp) -> None:
    with na(sessao.organizacao_id):
        aberta = SessaoWhatsapp.objects.get()
        aberta.qr = "2@segredo-do-qr"
        aberta.save()
    with sistema("comando"), connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(s)::text FROM sessoes_whatsapp s")
        [(linha,)] = cursor.fetchall()

    assert "segredo-do-qr" not in linha
    assert '"qr_encrypted":"v1.' in linha or '"qr_encrypted":"djF8' in linha
    assert "segredo-do-qr" not in repr(uma(SessaoWhatsapp).__dict__)
    assert uma(SessaoWhatsapp).qr == "2@segredo-do-qr"


def test_same_news_twice_is_one_code(nova: Entregador) -> None:
    nova("session_status__scan_qr_code.json")

    nova("session_status__scan_qr_code.json", envelope={"id": "evt_again"})

    assert uma(SessaoWhatsapp).qr_numero == 1
    assert passos() == ["conectar", "qr"]


def test_seventh_code_is_never_shown(nova: Entregador) -> None:
    for n in range(7):
        relogio = 1_795_313_240_000 + 1_000 * n
        nova("session_status__scan_qr_code.json", envelope={"timestamp": relogio})

    sessao = uma(SessaoWhatsapp)
    assert passos() == ["conectar", *["qr"] * 6, "parar"]
    assert (sessao.status, sessao.ligada) == ("disconnected", False)
    assert sessao.motivo == QR_EXPIRADO


def test_codes_that_nobody_asked_for_mean_a_lost_log_in(
    entregar: Entregador, gente: SimpleNamespace
) -> None:
    entregar("session_status__failed.json")

    depois = {"timestamp": 1_795_316_899_000}
    entregar("session_status__scan_qr_code.json", envelope=depois)

    sessao = uma(SessaoWhatsapp)
    assert (sessao.status, situacao(sessao)) == ("failed", "quarentena")
    assert passos() == ["parar"]
    [aviso] = todas(Notificacao)
    assert (aviso.usuario_id, aviso.texto) == (gente.ana.pk, sessao.motivo)
