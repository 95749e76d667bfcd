"""What the queue's page decides, as the conversation and the phone show it."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from django.test import Client

from conexoes.models import Motivo, Notificacao, Status, WebhookRecebido
from crm.models import Contato, Conversa, Mensagem, Reacao
from tests.trabalho import apressar, drenar_entrada, drenar_saida
from tests.whatsapp.dominio import escrever, todas
from tests.whatsapp.envios import atual, envio, nossas, situacao
from tests.whatsapp.waha import Entregador, Ponte
from whatsapp.models import AckAdiantado

Entrar = Callable[[str], Client]
FILA = "/configuracoes/fila/"


def pedir(quem: Client, mensagem: Mensagem, verbo: str) -> Any:
    evento = envio(mensagem)
    return quem.post(f"{FILA}{evento.pk}/{verbo}/", {"cerca": evento.cerca})


def test_row_names_whom_it_is_for_and_never_what_it_says(
    conectada: Ponte, conversa: Conversa, gente: SimpleNamespace, entrar: Entrar
) -> None:
    mensagem = escrever(conversa, "Texto que é segredo", gente.ana)
    ana = entrar("ana")

    lista = ana.get(FILA).content.decode()
    detalhe = ana.get(f"{FILA}{envio(mensagem).pk}/").content.decode()

    for pagina in (lista, detalhe):
        assert "Mensagem para Carlos Lima" in pagina
        assert "segredo" not in pagina
    assert f"/conversas/{conversa.pk}/" in detalhe
    assert "+55 11 99999-0000, de Ana Alves" in detalhe


def test_discarded_message_says_so_in_its_bubble_and_never_goes(
    conectada: Ponte, conversa: Conversa, gente: SimpleNamespace, entrar: Entrar
) -> None:
    mensagem = escrever(conversa, "Não mande", gente.ana)
    ana = entrar("ana")

    pedir(ana, mensagem, "desistir")
    apressar()
    drenar_saida()

    assert situacao(mensagem) == ("falhou", Status.FALHOU, Motivo.DESCARTADA)
    assert atual(mensagem).motivo == "Descartado por Ana Alves."
    assert nossas(conectada) == []
    conversa_na_tela = ana.get(f"/conversas/{conversa.pk}/").content.decode()
    assert "Descartado por Ana Alves." in conversa_na_tela
    assert f"{FILA}de/mensagem:{mensagem.pk}/" in conversa_na_tela


def test_doubtful_message_given_up_is_settled_by_its_echo(
    conectada: Ponte, conversa: Conversa, gente: SimpleNamespace, entrar: Entrar
) -> None:
    conectada.falhar("muda_com_efeito", segundos=0.2, alvo="sendText")
    mensagem = escrever(conversa, "Chegou, sim", gente.ana)
    drenar_saida()
    pedir(entrar("ana"), mensagem, "desistir")
    assert situacao(mensagem) == ("falhou", Status.FALHOU, Motivo.DESCARTADA)

    conectada.assentar()

    assert situacao(mensagem) == ("enviada", Status.CONCLUIDO, Motivo.NENHUM)
    assert [m.texto for m in todas(Mensagem)].count("Chegou, sim") == 1


def test_doubtful_message_given_up_is_not_what_the_phone_then_says(
    conectada: Ponte,
    conversa: Conversa,
    entregar_a_ana: Entregador,
    gente: SimpleNamespace,
    entrar: Entrar,
) -> None:
    conectada.falhar("muda_sem_efeito", segundos=0.1, alvo="sendText")
    mensagem = escrever(conversa, "Já te retorno", gente.ana)
    drenar_saida()
    pedir(entrar("ana"), mensagem, "desistir")

    agora = int(time.time())
    entregar_a_ana("message__do_celular.json", timestamp=agora)

    assert situacao(mensagem) == ("falhou", Status.FALHOU, Motivo.DESCARTADA)
    assert [m.texto for m in todas(Mensagem)].count("Já te retorno") == 2


def test_link_to_the_queue_is_for_those_who_may_see_it(
    conectada: Ponte, conversa: Conversa, gente: SimpleNamespace, entrar: Entrar
) -> None:
    mensagem = escrever(conversa, "Não mande", gente.ana)
    pedir(entrar("ana"), mensagem, "desistir")

    pagina = entrar("bruno").get(f"/conversas/{conversa.pk}/").content.decode()

    assert "Descartado por Ana Alves." in pagina
    assert FILA not in pagina


def test_discarded_message_set_going_again_reaches_the_phone_once(
    conectada: Ponte, conversa: Conversa, gente: SimpleNamespace, entrar: Entrar
) -> None:
    mensagem = escrever(conversa, "Agora sim", gente.ana)
    ana = entrar("ana")
    pedir(ana, mensagem, "desistir")

    pedir(ana, mensagem, "tentar")
    pedir(ana, mensagem, "tentar")
    assert atual(mensagem).status == "pendente"
    conectada.assentar()

    assert situacao(mensagem) == ("enviada", Status.CONCLUIDO, Motivo.NENHUM)
    assert nossas(conectada) == ["Agora sim"]


def test_uncertain_message_tried_again_by_hand_shows_that_it_waits(
    conectada: Ponte, em_duvida: Mensagem, entrar: Entrar
) -> None:
    pedir(entrar("ana"), em_duvida, "tentar")

    assert atual(em_duvida).status == "pendente"
    conectada.assentar()
    assert situacao(em_duvida) == ("enviada", Status.CONCLUIDO, Motivo.NENHUM)
    assert nossas(conectada) == ["Olá!"]


def test_uncertain_message_given_up_warns_that_it_may_have_arrived(
    em_duvida: Mensagem, entrar: Entrar
) -> None:
    pedir(entrar("ana"), em_duvida, "desistir")

    assert atual(em_duvida).status == "falhou"
    assert "Pode ter chegado" in atual(em_duvida).motivo


# In an order in which each has something to change.
HISTORIA = (
    "session_status__working.json",
    "message__texto.json",
    "message__do_celular.json",
    "message__contato.json",
    "reaction__joinha.json",
    "edited__texto.json",
    "reaction__removida.json",
    "revoked__texto.json",
    "ack__lida.json",
)


def test_deliveries_read_again_change_nothing(
    entregar: Entregador, entrar: Entrar
) -> None:
    for nome in HISTORIA:
        entregar(nome)
    apressar()
    drenar_entrada()
    antes, ana = tudo(), entrar("ana")

    for recebido in todas(WebhookRecebido):
        ana.post(
            f"/configuracoes/webhooks/{recebido.pk}/repetir/",
            {"cerca": recebido.cerca},
        )
    refeitos = {r.status for r in todas(WebhookRecebido)}
    drenar_entrada()

    assert refeitos == {Status.PENDENTE}
    assert len(todas(WebhookRecebido)) == len(HISTORIA)
    assert tudo() == antes


def tudo() -> list[dict[str, Any]]:
    """What the domain knows, without the times at which rows were touched."""
    return [
        {k: v for k, v in vars(linha).items() if k not in ("_state", "atualizado_em")}
        for modelo in (Contato, Conversa, Mensagem, Reacao, AckAdiantado, Notificacao)
        for linha in todas(modelo)
    ]
