"""What was said while nobody told us, read back from the server."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from conexoes import valkey
from conexoes.models import EventoPendente, Motivo, Notificacao, Status
from conexoes.tenancy import na
from conexoes.transport import CORPO_MAXIMO
from crm.models import Contato, Conversa, Mensagem, Midia
from tests.sandbox.conftest import esperar
from tests.servidor import Servidor
from tests.trabalho import apressar, drenar, drenar_saida
from tests.whatsapp.dominio import (
    CHAT,
    CLIENTE,
    carregar,
    mudar_sessao,
    todas,
    uma,
    usar_servidor,
)
from tests.whatsapp.waha import Ponte
from whatsapp.models import SessaoWhatsapp
from whatsapp.services import historico, passos, porta
from whatsapp.services.situacao import situacao
from whatsapp.tasks import vigiar

HORA = timedelta(hours=1)


def pedir(**campos: Any) -> None:
    """Something may be missing since an hour ago."""
    sessao = uma(SessaoWhatsapp)
    padrao = {"historico_ate": timezone.now() - HORA}
    mudar_sessao(sessao, **padrao | campos)
    with na(sessao.organizacao_id):
        passos.pedir_historico(sessao)


def em_silencio(ponte: Ponte, *textos: str, numero: str = CLIENTE) -> None:
    """Said to the number, and no webhook tells of it."""
    ponte.mandar("surda", ligado=True)
    for texto in textos:
        ponte.mandar("cliente", numero=numero, texto=texto, nome="Carlos Lima")
    ponte.mandar("surda", ligado=False)


def ditas() -> list[str]:
    return [m.texto for m in sorted(todas(Mensagem), key=lambda m: (m.momento, m.pk))]


def paginas(ponte: Ponte) -> list[str]:
    """The calls that read messages of a chat."""
    return [c for _, c in ponte.chamadas() if "/messages" in c]


def lido() -> EventoPendente:
    return uma(EventoPendente, tipo="whatsapp_historico")


def test_missed_messages_are_written_once(conectada: Ponte, conversa: Conversa) -> None:
    em_silencio(conectada, "Alguém aí?", "Oi?")
    em_silencio(conectada, "Sou nova", numero="+5521977776666")

    pedir()
    antes = timezone.now()
    drenar()
    pedir()
    drenar()

    assert sorted(ditas()) == ["Alguém aí?", "Bom dia", "Oi?", "Sou nova"]
    assert uma(Conversa, pk=conversa.pk).nao_lidas == 3
    assert len(todas(Contato)) == 2
    ate = uma(SessaoWhatsapp).historico_ate
    assert ate is not None
    assert abs(ate - antes) < timedelta(minutes=3)


def test_first_connection_imports_nothing(conectada: Ponte) -> None:
    assert todas(EventoPendente, tipo="whatsapp_historico") == []
    sessao = uma(SessaoWhatsapp)
    assert sessao.historico_ate is not None
    assert abs(sessao.historico_ate - timezone.now()) < timedelta(minutes=1)


def test_older_than_the_mark_is_not_imported(
    conectada: Ponte, conversa: Conversa
) -> None:
    em_silencio(conectada, "Antigo")

    pedir(historico_ate=timezone.now() + HORA)
    drenar()

    assert ditas() == ["Bom dia"]
    # The mark never moves back.
    ate = uma(SessaoWhatsapp).historico_ate
    assert ate is not None
    assert ate > timezone.now()


def test_return_after_a_drop_reads_back(conectada: Ponte, conversa: Conversa) -> None:
    em_silencio(conectada, "Enquanto caía")
    conectada.mandar("internet", segundos=1)

    conectada.ate(lambda: "Enquanto caía" in ditas())

    assert ditas() == ["Bom dia", "Enquanto caía"]
    assert lido().status == Status.CONCLUIDO


def test_deaf_session_is_heard_read_back_and_restarted(
    conectada: Ponte, conversa: Conversa
) -> None:
    conectada.mandar("surda", ligado=True)
    conectada.mandar("cliente", numero=CLIENTE, texto="Você me ouve?")
    sessao = uma(SessaoWhatsapp)
    quieta = timezone.now() - timedelta(minutes=11)
    mudar_sessao(
        sessao,
        ultimo_evento_em=quieta,
        conectado_em=quieta,
        historico_ate=timezone.now() - HORA,
    )
    # Its webhook might be on the way for a minute.
    vigiar()
    assert passos_pedidos() == []

    valkey.cliente().flushdb()
    with mais_tarde():
        vigiar()
    conectada.assentar()

    assert passos_pedidos() == ["reiniciar"]
    assert ditas() == ["Bom dia", "Você me ouve?"]
    assert uma(SessaoWhatsapp).status == "connected"
    conectada.mandar("cliente", numero=CLIENTE, texto="Agora sim")
    conectada.ate(lambda: "Agora sim" in ditas())


def test_door_that_a_restart_did_not_open_is_read_around(
    conectada: Ponte, conversa: Conversa
) -> None:
    conectada.mandar("surda", ligado=True)
    sessao = uma(SessaoWhatsapp)
    quieta = timezone.now() - timedelta(minutes=11)
    mudar_sessao(sessao, ultimo_evento_em=quieta, conectado_em=quieta)
    porta.curada(sessao, timezone.now() - timedelta(minutes=5))
    conectada.mandar("cliente", numero=CLIENTE, texto="Alguém?")
    mudar_sessao(sessao, historico_ate=timezone.now() - HORA)

    for _ in range(2):
        with mais_tarde():
            vigiar()
    conectada.assentar()

    assert passos_pedidos() == []
    assert ditas() == ["Bom dia", "Alguém?"]


def test_server_that_forgot_our_webhooks_is_taught_them_again(
    conectada: Ponte, conversa: Conversa
) -> None:
    conectada.sandbox.controle("servidor/reiniciar", esquecer="webhooks")
    esperar(lambda: conectada.sandbox.sessao(conectada.nome)["status"] == "WORKING")
    conectada.mandar("cliente", numero=CLIENTE, texto="Ninguém contou")
    assert conectada.sandbox.sessao(conectada.nome)["config"].get("webhooks") is None

    vigiar()
    conectada.ate(lambda: "Ninguém contou" in ditas())
    conectada.assentar()

    assert passos_pedidos() == ["configurar"]
    assert ditas() == ["Bom dia", "Ninguém contou"]
    conectada.mandar("cliente", numero=CLIENTE, texto="E agora?")
    conectada.ate(lambda: "E agora?" in ditas())


def test_server_that_forgot_everything_needs_its_person(
    conectada: Ponte, conversa: Conversa
) -> None:
    conectada.sandbox.controle("servidor/reiniciar", esquecer="tudo")
    mudar_sessao(uma(SessaoWhatsapp), visto_em=timezone.now() - timedelta(minutes=2))

    vigiar()
    conectada.ate(lambda: uma(SessaoWhatsapp).quarentena_em)
    conectada.assentar()

    assert situacao(uma(SessaoWhatsapp)) == "quarentena"
    # Made again, it asked for a log-in; no codes are shown to an empty room.
    assert conectada.sandbox.sessao(conectada.nome)["status"] == "STOPPED"
    assert uma(Notificacao).titulo == "Seu WhatsApp precisa ser conectado de novo"


def test_quiet_session_is_not_called_deaf(conectada: Ponte, conversa: Conversa) -> None:
    quieta = timezone.now() - timedelta(minutes=11)
    mudar_sessao(uma(SessaoWhatsapp), ultimo_evento_em=quieta, conectado_em=quieta)

    with mais_tarde():
        vigiar()

    assert any("/chats/overview" in caminho for _, caminho in conectada.chamadas())
    assert passos_pedidos() == []


def test_groups_stay_out_unless_asked_for(conectada: Ponte, conversa: Conversa) -> None:
    conectada.mandar("cliente", numero=CLIENTE, texto="No grupo", grupo="Vizinhos")

    pedir()
    drenar()

    assert ditas() == ["Bom dia"]


def test_groups_that_are_let_in_are_read_back(
    conectada: Ponte, conversa: Conversa
) -> None:
    mudar_sessao(uma(SessaoWhatsapp), recebe_grupos=True)
    config = conectada.sandbox.sessao(conectada.nome)["config"]
    config["ignore"]["groups"] = False
    caminho = f"/api/sessions/{conectada.nome}"
    conectada.sandbox.api("PUT", caminho, json={"config": config})
    conectada.assentar()
    conectada.mandar("surda", ligado=True)
    conectada.mandar("cliente", numero=CLIENTE, texto="No grupo", grupo="Vizinhos")

    pedir()
    drenar()

    assert sorted(ditas()) == ["Bom dia", "No grupo"]


def test_missed_file_comes_with_its_message(
    conectada: Ponte, conversa: Conversa, settings: Any, tmp_path: Any
) -> None:
    settings.ARQUIVOS_DIR = str(tmp_path)
    conectada.mandar("surda", ligado=True)
    conectada.mandar("cliente", numero=CLIENTE, tipo="imagem", texto="Veja")
    conectada.mandar("cliente", numero=CLIENTE, texto="Viu?")

    pedir()
    drenar()

    assert sorted(ditas()) == ["Bom dia", "Veja", "Viu?"]
    foto = uma(Midia)
    assert (foto.mensagem_id, foto.status) == (uma(Mensagem, texto="Veja").pk, "pronta")


def test_reading_goes_on_where_a_turn_ended(
    conectada: Ponte, conversa: Conversa, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Every turn is over as soon as it has done one page.
    monkeypatch.setattr(historico, "_TURNO_S", 0.0)
    for n in range(4):
        em_silencio(conectada, f"De {n}", numero=f"+552197777666{n}")

    pedir()
    drenar()

    assert sorted(ditas()) == ["Bom dia", "De 0", "De 1", "De 2", "De 3"]
    turnos = todas(EventoPendente, tipo="whatsapp_historico")
    assert [t.status for t in turnos] == [Status.CONCLUIDO] * 5
    assert [len(t.payload.get("chats", [])) for t in turnos] == [0, 4, 3, 2, 1]


def test_many_messages_of_one_chat_are_read_page_by_page(
    conectada: Ponte, conversa: Conversa, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(historico, "_MENSAGENS", 4)
    em_silencio(conectada, *(f"Linha {n}" for n in range(10)))

    pedir()
    drenar()

    # All within one second, which is as fine as WhatsApp's clock is.
    assert sorted(ditas()) == ["Bom dia", *(f"Linha {n}" for n in range(10))]
    assert len(paginas(conectada)) == 4


def test_interrupted_reader_begins_again(conectada: Ponte, conversa: Conversa) -> None:
    em_silencio(conectada, "Um", "Dois")
    pedir()
    conectada.falhar("erro_500", chamadas=1, alvo="/messages")
    drenar()
    assert (lido().status, lido().motivo) == (Status.PENDENTE, Motivo.RETRY)
    assert uma(SessaoWhatsapp).historico_ate < timezone.now() - HORA / 2

    apressar()
    drenar()

    assert ditas() == ["Bom dia", "Um", "Dois"]
    assert lido().status == Status.CONCLUIDO


def test_reading_waits_for_a_session_that_is_down(
    conectada: Ponte, conversa: Conversa
) -> None:
    em_silencio(conectada, "Espere")
    pedir(status="connecting", queda_em=timezone.now())
    drenar_saida()
    assert (lido().status, lido().motivo) == (Status.PENDENTE, Motivo.PAUSADA)

    conectada.mandar("internet", segundos=1)
    conectada.ate(lambda: lido().status == Status.CONCLUIDO)

    assert ditas() == ["Bom dia", "Espere"]


@pytest.mark.parametrize("status", [404, 422])
def test_server_that_lost_the_session_makes_reading_wait(
    servidor: Servidor, sessao: SessaoWhatsapp, status: int
) -> None:
    usar_servidor(servidor.url)
    pedir()
    servidor.respostas = [(status, {"error": "Session status is not as expected"})]

    drenar_saida()

    assert (lido().status, lido().motivo) == (Status.PENDENTE, Motivo.PAUSADA)


def test_number_that_was_disconnected_is_not_read(
    servidor: Servidor, sessao: SessaoWhatsapp
) -> None:
    usar_servidor(servidor.url)
    pedir(ligada=False, status="disconnected", historico_ate=None)

    drenar_saida()

    assert servidor.pedidos == []
    assert lido().status == Status.CONCLUIDO


@pytest.mark.parametrize("lixo", [[], [None, 7, {}, {"id": 3}, {"id": {}}]])
def test_chats_that_cannot_be_read_are_left_out(
    servidor: Servidor, sessao: SessaoWhatsapp, lixo: list[Any]
) -> None:
    usar_servidor(servidor.url)
    pedir()
    servidor.respostas = [(200, lixo)] * 2

    drenar_saida()

    assert todas(Mensagem) == []
    assert lido().status == Status.CONCLUIDO
    assert all("/chats/overview" in caminho for _, caminho, _ in servidor.pedidos)


def test_page_too_large_to_be_read_comes_in_smaller_ones(
    servidor: Servidor, sessao: SessaoWhatsapp
) -> None:
    usar_servidor(servidor.url)
    pedir()
    agora = int(timezone.now().timestamp())
    conversa = {"id": CHAT, "lastMessage": {"timestamp": agora, "id": "x"}}
    achada = carregar("message__texto.json")["payload"] | {"timestamp": agora}
    grande = b" " * (CORPO_MAXIMO + 1)
    overview = [(200, [conversa]), (200, [conversa])]
    servidor.respostas = [*overview, (200, grande)] * 2 + [*overview, (200, [achada])]

    for _ in range(3):
        drenar_saida()
        apressar()

    pedidas = [c for _, c, _ in servidor.pedidos if "/messages" in c]
    assert [re.findall(r"limit=(\d+)", c)[0] for c in pedidas] == ["100", "50", "25"]
    assert ditas() == [achada["body"]]
    assert lido().status == Status.CONCLUIDO


@pytest.mark.parametrize("lixo", [{}, None, "x"])
def test_answer_that_is_no_list_is_no_proof_of_silence(
    servidor: Servidor, sessao: SessaoWhatsapp, lixo: Any
) -> None:
    usar_servidor(servidor.url)
    pedir()
    antes = uma(SessaoWhatsapp).historico_ate
    servidor.respostas = [(200, lixo)]

    drenar_saida()

    assert (lido().status, lido().motivo) == (Status.PENDENTE, Motivo.RETRY)
    assert uma(SessaoWhatsapp).historico_ate == antes


def test_asked_twice_it_is_read_once(sessao: SessaoWhatsapp) -> None:
    pedir()
    pedir()

    assert lido().status == Status.PENDENTE


def test_what_the_phone_sent_is_ours_and_there_once(
    conectada: Ponte, conversa: Conversa
) -> None:
    conectada.mandar("surda", ligado=True)
    conectada.mandar("celular", numero=CLIENTE, texto="Digitei no celular")
    conectada.mandar("surda", ligado=False)

    pedir()
    drenar()
    pedir()
    drenar()

    [nossa] = todas(Mensagem, direcao="saida")
    assert (nossa.texto, nossa.do_celular) == ("Digitei no celular", True)


def passos_pedidos() -> list[str]:
    """What the monitor asked for, apart from connecting and its code."""
    dados = [e.payload for e in todas(EventoPendente, tipo="whatsapp_sessao")]
    return [d["passo"] for d in dados if d.get("automatico")]


def mais_tarde() -> time_machine.travel:
    """A minute and a half from now."""
    return time_machine.travel(timezone.now() + timedelta(seconds=90), tick=True)


def test_reading_that_goes_on_hides_no_new_drop(sessao: SessaoWhatsapp) -> None:
    with na(sessao.organizacao_id):
        passos.pedir_historico(sessao, chats=["x@c.us"], pular=0, ate="2026-11-22")

        passos.pedir_historico(sessao)
        passos.pedir_historico(sessao)

    pedidos = todas(EventoPendente, tipo="whatsapp_historico")
    assert ["chats" in p.payload for p in pedidos] == [True, False]
