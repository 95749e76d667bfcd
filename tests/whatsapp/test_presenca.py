"""What the other side notices beside messages: "digitando…" and the blue ticks."""

import time
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from conexoes import configuracoes
from conexoes.eventos import publicar
from conexoes.models import CredencialGlobal, EventoPendente, Motivo, Status
from conexoes.tenancy import na
from crm.models import Conversa, Mensagem
from tests.servidor import Servidor
from tests.trabalho import drenar_saida
from tests.whatsapp.dominio import CHAT, escrever, todas, uma, usar_servidor
from tests.whatsapp.envios import situacao
from tests.whatsapp.waha import Entregador
from whatsapp.models import SessaoWhatsapp

ACEITO = (201, {"key": {"id": "3EB0A"}})
FEITO = (201, {"result": True})
DIGITAR, ENVIAR, VISTO = "/api/startTyping", "/api/sendText", "/api/sendSeen"


@pytest.fixture
def waha(servidor: Servidor, settings: Any) -> Servidor:
    """The server in use, with typing shown for a moment nobody notices in a test."""
    usar_servidor(servidor.url)
    settings.WHATSAPP_DIGITANDO_S = 0.01
    return servidor


def caminhos(servidor: Servidor) -> list[str]:
    return [caminho for _, caminho, _ in servidor.pedidos]


def test_typing_is_shown_before_a_text(
    parada: Conversa, gente: SimpleNamespace, waha: Servidor
) -> None:
    waha.respostas = [FEITO, ACEITO]
    mensagem = escrever(parada, "Olá!", gente.ana)

    drenar_saida()

    nome = uma(SessaoWhatsapp).session_name
    assert waha.pedidos[0] == ("POST", DIGITAR, {"session": nome, "chatId": CHAT})
    assert caminhos(waha) == [DIGITAR, ENVIAR]
    assert situacao(mensagem) == ("enviada", Status.CONCLUIDO, Motivo.NENHUM)


@pytest.mark.parametrize(
    "falha", [(500, {}), (422, {"error": "no"}), (401, {}), "corta"]
)
def test_typing_that_fails_holds_up_no_send(
    parada: Conversa, gente: SimpleNamespace, waha: Servidor, falha: Any
) -> None:
    waha.respostas = [falha, ACEITO]
    mensagem = escrever(parada, "Olá!", gente.ana)

    drenar_saida()

    assert caminhos(waha)[-1] == ENVIAR
    assert situacao(mensagem) == ("enviada", Status.CONCLUIDO, Motivo.NENHUM)
    assert uma(CredencialGlobal).problema == ""


def test_typing_switched_off_is_never_asked_for(
    parada: Conversa, gente: SimpleNamespace, waha: Servidor, settings: Any
) -> None:
    settings.WHATSAPP_DIGITANDO_S = 0
    waha.respostas = [ACEITO]
    escrever(parada, "Olá!", gente.ana)

    drenar_saida()

    assert caminhos(waha) == [ENVIAR]


@pytest.mark.parametrize(("letras", "pausa"), [(10, 0.3), (1000, 0.5)])
def test_pause_grows_with_the_text_up_to_its_limit(
    parada: Conversa,
    gente: SimpleNamespace,
    waha: Servidor,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    letras: int,
    pausa: float,
) -> None:
    settings.WHATSAPP_DIGITANDO_S = 0.5
    dormidas: list[float] = []
    monkeypatch.setattr(time, "sleep", dormidas.append)
    waha.respostas = [FEITO, ACEITO]
    escrever(parada, "a" * letras, gente.ana)

    drenar_saida()

    # Less what WAHA itself took to show it.
    assert dormidas == [pytest.approx(pausa, abs=0.2)]
    assert caminhos(waha) == [DIGITAR, ENVIAR]


def ler(conversa: Conversa, mensagem: Mensagem) -> None:
    """Somebody who may answer opens the conversation."""
    with na(conversa.organizacao_id):
        publicar(
            conversa.organizacao_id,
            "conversa.lida",
            objeto_id=mensagem.pk,
            conversa_id=str(conversa.pk),
        )


def entrada(id_externo: str) -> Mensagem:
    return uma(Mensagem, id_externo=id_externo)


def test_reading_gives_the_customer_the_blue_ticks(
    parada: Conversa, entregar: Entregador, waha: Servidor
) -> None:
    entregar.recado("Alguém?", id_="3EB0SEGUNDA", timestamp=1_795_313_300)
    waha.respostas = [FEITO]
    primeira = todas(Mensagem)[0].id_externo

    ler(parada, entrada("3EB0SEGUNDA"))
    drenar_saida()

    [(metodo, caminho, corpo)] = waha.pedidos
    assert (metodo, caminho) == ("POST", VISTO)
    assert corpo == {
        "session": uma(SessaoWhatsapp).session_name,
        "chatId": CHAT,
        "messageIds": [f"false_{CHAT}_3EB0SEGUNDA", f"false_{CHAT}_{primeira}"],
    }
    assert uma(EventoPendente, destino="whatsapp.visto").status == Status.CONCLUIDO


def test_what_was_answered_before_is_not_marked_again(
    parada: Conversa, entregar: Entregador, gente: SimpleNamespace, waha: Servidor
) -> None:
    with na(gente.aurora):
        Mensagem.objects.create(
            organizacao=gente.aurora,
            conversa=parada,
            conexao_id=parada.conexao_id,
            direcao="saida",
            status="enviada",
            id_externo="3EB0NOSSA",
            momento=todas(Mensagem)[0].momento.replace(microsecond=1),
        )
    entregar.recado("Alguém?", id_="3EB0SEGUNDA", timestamp=1_795_313_300)
    waha.respostas = [FEITO]

    ler(parada, entrada("3EB0SEGUNDA"))
    drenar_saida()

    assert waha.pedidos[0][2]["messageIds"] == [f"false_{CHAT}_3EB0SEGUNDA"]


def test_readings_that_pile_up_are_one_call(
    parada: Conversa, entregar: Entregador, waha: Servidor
) -> None:
    waha.respostas = [FEITO]
    ler(parada, todas(Mensagem)[0])
    for n in range(3):
        entregar.recado("Oi", id_=f"3EB0M{n}", timestamp=1_795_313_300 + n)
        ler(parada, entrada(f"3EB0M{n}"))
    espacar()

    drenar_saida()

    assert caminhos(waha) == [VISTO]
    assert len(waha.pedidos[0][2]["messageIds"]) == 4


def espacar() -> None:
    """Inside one test's transaction every row was written at the same moment."""
    for n, evento in enumerate(todas(EventoPendente, destino="whatsapp.visto")):
        with na(evento.organizacao_id):
            EventoPendente.objects.filter(pk=evento.pk).update(
                criado_em=evento.criado_em + timedelta(milliseconds=n)
            )


@pytest.mark.parametrize("falha", [(500, {}), (404, {}), (401, {}), "corta"])
def test_ticks_that_fail_are_no_failure(
    parada: Conversa, waha: Servidor, falha: Any
) -> None:
    waha.respostas = [falha]

    ler(parada, todas(Mensagem)[0])
    drenar_saida()

    visto = uma(EventoPendente, destino="whatsapp.visto")
    assert (visto.status, visto.motivo) == (Status.CONCLUIDO, Motivo.NENHUM)
    assert len(waha.pedidos) == 1


def test_ticks_are_a_setting(parada: Conversa, waha: Servidor, settings: Any) -> None:
    settings.CONFIRMA_LEITURA = False

    ler(parada, todas(Mensagem)[0])
    drenar_saida()

    assert waha.pedidos == []


@pytest.mark.parametrize(("da_casa", "escolha"), [(True, False), (False, True)])
def test_an_organisation_chooses_its_own_ticks(
    parada: Conversa,
    gente: SimpleNamespace,
    waha: Servidor,
    settings: Any,
    da_casa: bool,
    escolha: bool,
) -> None:
    settings.CONFIRMA_LEITURA = da_casa
    with na(gente.aurora):
        configuracoes.alterar(
            gente.aurora, {"confirmar_leitura": escolha}, autor=gente.ana
        )

    ler(parada, todas(Mensagem)[0])
    drenar_saida()

    assert bool(waha.pedidos) is escolha


@pytest.mark.parametrize(
    "mudanca",
    [
        {"status": "failed"},
        {"status": "connecting"},
    ],
)
def test_nothing_is_marked_without_a_connection(
    parada: Conversa, gente: SimpleNamespace, waha: Servidor, mudanca: dict[str, str]
) -> None:
    with na(gente.aurora):
        SessaoWhatsapp.objects.update(**mudanca)

    ler(parada, todas(Mensagem)[0])
    drenar_saida()

    assert waha.pedidos == []


def test_group_and_unknown_message_mark_nothing(
    parada: Conversa, gente: SimpleNamespace, waha: Servidor
) -> None:
    ler(parada, Mensagem(pk=uuid4()))
    drenar_saida()
    with na(gente.aurora):
        Conversa.objects.update(endereco="1203630@g.us")
    ler(parada, todas(Mensagem)[0])
    drenar_saida()

    assert waha.pedidos == []
