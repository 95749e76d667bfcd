import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from conexoes import valkey
from conexoes.erros import ErroDeDominio
from conexoes.models import (
    EventoPendente,
    Motivo,
    Notificacao,
    RegistroAuditoria,
    SegredoWebhook,
    Status,
)
from conexoes.tenancy import na, sistema
from crm.models import Conversa, Mensagem
from tests.trabalho import apressar, drenar
from tests.whatsapp.dominio import (
    criar_sessao,
    escrever,
    mudar_sessao,
    todas,
    uma,
    usar_servidor,
)
from tests.whatsapp.waha import Entregador, Ponte
from whatsapp.models import EVENTOS, SessaoWhatsapp
from whatsapp.qr import qr_na_tela
from whatsapp.services import sessoes
from whatsapp.services.situacao import situacao


def conectar(usuario: Any) -> SessaoWhatsapp:
    with na(usuario.organizacao_id, usuario):
        return sessoes.conectar_sessao(usuario, aceita_risco=True)


def desconectar(usuario: Any) -> None:
    with na(usuario.organizacao_id, usuario):
        minha = sessoes.sessao_de(usuario)
        assert minha is not None
        sessoes.desconectar_sessao(minha, autor=usuario)


def acoes() -> list[str]:
    return [r.acao for r in todas(RegistroAuditoria)]


def passos() -> list[str]:
    """What was asked of the server, beside other work."""
    pedidos = todas(EventoPendente, tipo="whatsapp_sessao")
    return [e.payload["passo"] for e in pedidos]


QR_EXPIRADO = "O QR Code expirou sem ser lido. Gere um novo quando quiser."


def pontos(antes: str) -> list[dict[str, Any]]:
    """``statuses`` of a FAILED that came after ``antes``."""
    return [{"status": antes, "timestamp": 1}, {"status": "FAILED", "timestamp": 2}]


@pytest.fixture
def nova(gente: SimpleNamespace) -> Entregador:
    """Ana asked to connect; no server was called yet."""
    conectar(gente.ana)
    entregador = Entregador(uma(SessaoWhatsapp))
    entregador.segredo = uma(SegredoWebhook).segredo
    return entregador


def test_connecting_writes_a_row_and_an_intent(
    gente: SimpleNamespace, settings: Any
) -> None:
    sessao = conectar(gente.ana)

    assert (sessao.status, sessao.ligada) == ("qr_pending", True)
    assert (sessao.organizacao_id, sessao.usuario_id) == (gente.aurora.pk, gente.ana.pk)
    assert sessao.webhook_url == (
        f"{settings.URL_PUBLICA}/webhooks/waha/{gente.aurora.pk}"
    )
    assert sessao.webhook_events == EVENTOS
    assert passos() == ["conectar"]
    assert uma(SegredoWebhook).provedor == "waha"
    assert acoes() == ["whatsapp.risco_aceito", "whatsapp.conexao_iniciada"]


def test_connecting_again_changes_nothing(gente: SimpleNamespace) -> None:
    primeira = conectar(gente.ana)
    segredo = uma(SegredoWebhook).segredo

    segunda = conectar(gente.ana)

    assert segunda.pk == primeira.pk
    assert uma(SessaoWhatsapp).atualizado_em == primeira.atualizado_em
    assert passos() == ["conectar"]
    assert uma(SegredoWebhook).segredo == segredo


def test_connecting_a_connected_session_changes_nothing(
    sessao: SessaoWhatsapp, gente: SimpleNamespace
) -> None:
    igual = conectar(gente.ana)

    assert (igual.pk, igual.status) == (sessao.pk, "connected")
    assert passos() == []


def test_organisation_has_one_secret_for_all_its_people(
    gente: SimpleNamespace,
) -> None:
    for pessoa in (gente.ana, gente.bruno, gente.carla):
        conectar(pessoa)

    donos = [s.organizacao_id for s in todas(SegredoWebhook)]
    assert sorted(donos) == sorted([gente.aurora.pk, gente.brisa.pk])


def test_session_name_is_short_unique_and_plain(gente: SimpleNamespace) -> None:
    pessoas = (gente.ana, gente.bruno, gente.carla, gente.davi)
    nomes = [sessoes.nome_da_sessao(p) for p in pessoas]

    assert len(set(nomes)) == 4
    for nome in nomes:
        assert len(nome) == 45
        assert re.fullmatch("^[a-zA-Z0-9_-]*$", nome)
        assert nome.startswith("wpp-")


def test_super_admin_has_no_number_of_their_own(gente: SimpleNamespace) -> None:
    with na(gente.aurora), pytest.raises(ErroDeDominio):
        sessoes.conectar_sessao(gente.sofia)

    assert todas(SessaoWhatsapp) == []


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


def test_disconnecting_is_immediate_and_asks_the_server(
    sessao: SessaoWhatsapp, gente: SimpleNamespace
) -> None:
    desconectar(gente.ana)

    depois = uma(SessaoWhatsapp)
    assert (depois.status, depois.ligada) == ("disconnected", False)
    assert depois.motivo == "Desconectado pelo CRM."
    assert depois.desconectado_em is not None
    assert passos() == ["desconectar"]
    assert [r.acao for r in todas(RegistroAuditoria)] == ["whatsapp.desconectado"]


@pytest.mark.parametrize("nome", ["starting", "scan_qr_code", "working", "failed"])
def test_restart_that_follows_a_log_out_is_ignored(
    entregar: Entregador, gente: SimpleNamespace, nome: str
) -> None:
    desconectar(gente.ana)

    entregar(f"session_status__{nome}.json")

    assert uma(SessaoWhatsapp).status == "disconnected"
    assert passos() == ["desconectar"]


def test_disconnecting_removes_the_session_from_the_server(
    conectada: Ponte, gente: SimpleNamespace
) -> None:
    desconectar(gente.ana)
    conectada.assentar()

    assert conectada.sandbox.estado()["sessoes"] == []
    assert uma(SessaoWhatsapp).status == "disconnected"
    ultimas = conectada.chamadas()[-3:]
    nome = conectada.nome
    assert ultimas == [
        ("POST", f"/api/sessions/{nome}/logout"),
        ("POST", f"/api/sessions/{nome}/stop"),
        ("DELETE", f"/api/sessions/{nome}"),
    ]


def test_reconnecting_keeps_row_conversations_and_paused_sends(
    conectada: Ponte, conversa: Conversa, gente: SimpleNamespace
) -> None:
    antes = uma(SessaoWhatsapp)
    desconectar(gente.ana)
    conectada.assentar()
    mensagem = escrever(conversa, "Espere por mim", gente.ana)
    drenar()
    assert uma(Mensagem, pk=mensagem.pk).status == "pendente"

    conectar(gente.ana)
    conectada.ate(lambda: uma(SessaoWhatsapp).qr)
    conectada.mandar("escanear", numero="5511999990000", nome="Ana Vendas")
    conectada.ate(lambda: uma(Mensagem, pk=mensagem.pk).status == "enviada")

    depois = uma(SessaoWhatsapp)
    assert (depois.pk, depois.session_name) == (antes.pk, antes.session_name)
    assert uma(Conversa).pk == conversa.pk
    assert [m["texto"] for m in conectada.no_celular()] == ["Espere por mim"]


def test_disconnecting_counts_even_when_one_connects_again_at_once(
    conectada: Ponte, gente: SimpleNamespace
) -> None:
    desconectar(gente.ana)
    conectar(gente.ana)

    conectada.assentar()

    assert ("POST", f"/api/sessions/{conectada.nome}/logout") in conectada.chamadas()
    [sessao] = conectada.sandbox.estado()["sessoes"]
    assert sessao["pareada"] is False


def test_log_out_is_not_given_up_while_the_server_is_away(
    conectada: Ponte, gente: SimpleNamespace
) -> None:
    usar_servidor("http://127.0.0.1:1")
    desconectar(gente.ana)
    for _ in range(6):
        valkey.cliente().flushdb()
        apressar()
        drenar()

    # The page says that it is disconnected, and the number is still linked.
    evento = uma(EventoPendente, payload__passo="desconectar")
    assert (evento.status, evento.motivo) == (Status.PENDENTE, Motivo.CAUDA)
    usar_servidor(f"{conectada.sandbox.base}/waha")
    apressar()
    conectada.assentar()
    assert conectada.sandbox.estado()["sessoes"] == []


def test_phone_that_logs_out_asks_for_a_new_connection(conectada: Ponte) -> None:
    conectada.mandar("sair")

    conectada.ate(lambda: uma(SessaoWhatsapp).status == "failed")

    motivo = uma(SessaoWhatsapp).motivo
    assert motivo == "O aparelho foi desconectado no celular. Conecte de novo."


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


def test_connecting_that_keeps_failing_says_why(
    ponte: Ponte, gente: SimpleNamespace
) -> None:
    conectar(gente.ana)
    ponte.falhar("erro_500", chamadas=2, alvo="/api/sessions")
    drenar()
    esperando = uma(SessaoWhatsapp)
    assert (esperando.status, esperando.motivo) == (
        "qr_pending",
        "O servidor do WhatsApp não respondeu.",
    )

    apressar()
    drenar()
    apressar()
    drenar()

    assert uma(EventoPendente, payload__passo="conectar").status == Status.CONCLUIDO
    ponte.ate(lambda: uma(SessaoWhatsapp).qr)
    assert uma(SessaoWhatsapp).motivo == ""


def test_intent_that_gives_up_does_not_break_what_connected_meanwhile(
    ponte: Ponte, nova: Entregador, gente: SimpleNamespace
) -> None:
    nova("session_status__working.json")
    with na(gente.aurora):
        evento = EventoPendente.objects.get(payload__passo="conectar")
        evento.max_tentativas = 1
        evento.save()
    ponte.falhar("erro_500", chamadas=1, alvo="/api/sessions")

    apressar()
    drenar()

    assert uma(EventoPendente).status == Status.FALHOU
    assert uma(SessaoWhatsapp).status == "connected"


def test_without_a_server_the_person_learns_that_nobody_configured_one(
    gente: SimpleNamespace,
) -> None:
    conectar(gente.ana)

    drenar()

    sessao = uma(SessaoWhatsapp)
    assert sessao.motivo == (
        "A integração ainda não foi configurada pelo administrador do sistema."
    )
    assert uma(EventoPendente).motivo == "pausada"


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


def test_people_of_one_organisation_do_not_share_a_session(
    sessao: SessaoWhatsapp, gente: SimpleNamespace
) -> None:
    outra = criar_sessao(gente.bruno)

    with na(gente.aurora, gente.bruno):
        assert list(SessaoWhatsapp.objects.all()) == [outra]
    with na(gente.aurora, gente.ana):
        assert SessaoWhatsapp.objects.count() == 2
    with na(gente.brisa, gente.carla):
        assert SessaoWhatsapp.objects.count() == 0


def test_line_that_flaps_is_shown_and_told_to_nobody(entregar: Entregador) -> None:
    entregar("session_status__starting.json", envelope={"timestamp": 1_795_313_240_000})

    caida = uma(SessaoWhatsapp)
    assert (caida.status, caida.motivo) == ("connecting", "")
    assert caida.queda_em is not None
    entregar("session_status__working.json", envelope={"timestamp": 1_795_313_250_000})
    assert uma(SessaoWhatsapp).queda_em is None
    assert todas(Notificacao) == []
    assert acoes() == []


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


def test_what_is_said_while_off_on_purpose_is_never_read_back(
    conectada: Ponte, gente: SimpleNamespace
) -> None:
    desconectar(gente.ana)
    conectada.assentar()
    assert uma(SessaoWhatsapp).historico_ate is None

    conectar(gente.ana)
    conectada.ate(lambda: uma(SessaoWhatsapp).qr)
    conectada.mandar("escanear", numero="5511999990000", nome="Ana Vendas")
    conectada.ate(lambda: uma(SessaoWhatsapp).status == "connected")

    assert todas(EventoPendente, tipo="whatsapp_historico") == []
