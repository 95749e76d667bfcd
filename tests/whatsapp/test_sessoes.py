"""A session: connected, let go, connected again, and whose it is."""

import re
from types import SimpleNamespace
from typing import Any

import pytest

from conexoes import valkey
from conexoes.erros import ErroDeDominio
from conexoes.models import (
    EventoPendente,
    Motivo,
    RegistroAuditoria,
    SegredoWebhook,
    Status,
)
from conexoes.tenancy import na
from crm.models import Conversa, Mensagem
from tests.trabalho import apressar, drenar
from tests.whatsapp.dominio import criar_sessao, escrever, todas, uma, usar_servidor
from tests.whatsapp.sessoes import acoes, conectar, passos
from tests.whatsapp.waha import Entregador, Ponte
from whatsapp.models import EVENTOS, SessaoWhatsapp
from whatsapp.services import sessoes


def desconectar(usuario: Any) -> None:
    with na(usuario.organizacao_id, usuario):
        minha = sessoes.sessao_de(usuario)
        assert minha is not None
        sessoes.desconectar_sessao(minha, autor=usuario)


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
