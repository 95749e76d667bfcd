"""Reactions, edits and deletions: in any order, any number of times."""

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from conexoes.models import EventoPendente, Motivo, Notificacao, Status, WebhookRecebido
from conexoes.tenancy import na
from crm.models import Conversa, Mensagem, Midia, Reacao
from crm.services.reacoes import EMOJIS
from tests.servidor import Servidor
from tests.trabalho import apressar, drenar_entrada, drenar_saida
from tests.whatsapp.dominio import criar_sessao, todas, uma, usar_servidor
from tests.whatsapp.waha import Entregador
from whatsapp.models import SessaoWhatsapp

CLIENTE, DELES = "553188887777@c.us", "3EB0C0FFEE0000000001"
NOSSA = "3A00C0FFEE0000000005"
HORA_MS = 1_795_313_300_000


@pytest.fixture
def delas(entregar: Entregador) -> Mensagem:
    """What the customer said."""
    entregar("message__texto.json")
    return uma(Mensagem)


@pytest.fixture
def enviada(entregar: Entregador) -> Mensagem:
    """One of ours, sent on the phone."""
    entregar("message__do_celular.json", id=f"true_{CLIENTE}_{NOSSA}")
    return uma(Mensagem)


def reagir(entregar: Entregador, emoji: str, segundo: int = 0) -> WebhookRecebido:
    return entregar(
        "reaction__joinha.json",
        envelope={"id": f"evt_{emoji}_{segundo}", "timestamp": HORA_MS + segundo},
        reaction={"text": emoji, "messageId": f"true_{CLIENTE}_{NOSSA}"},
    )


def editar(entregar: Entregador, texto: str, segundo: int = 0) -> WebhookRecebido:
    return entregar(
        "edited__texto.json",
        envelope={"id": f"evt_{texto}", "timestamp": HORA_MS + segundo},
        body=texto,
    )


def visiveis() -> list[tuple[str, str]]:
    return [(r.de, r.emoji) for r in todas(Reacao) if r.emoji]


def envelhecer() -> None:
    """Let every delivery have come long ago."""
    with na(uma(SessaoWhatsapp).organizacao_id):
        for recebido in WebhookRecebido.objects.all():
            WebhookRecebido.objects.filter(pk=recebido.pk).update(
                criado_em=recebido.criado_em - timedelta(minutes=5)
            )


# Reactions


def test_reaction_of_the_customer(enviada: Mensagem, entregar: Entregador) -> None:
    recebido = entregar("reaction__joinha.json")

    assert recebido.status == Status.CONCLUIDO
    assert uma(Reacao).mensagem_id == enviada.pk
    assert visiveis() == [(CLIENTE, "👍")]


@pytest.mark.parametrize("ordem", list(permutations((0, 1, 2))))
def test_latest_reaction_wins_in_any_order(
    enviada: Mensagem, entregar: Entregador, ordem: tuple[int, ...]
) -> None:
    emojis = ("👍", "", "❤️")
    for n in ordem:
        reagir(entregar, emojis[n], n)

    assert visiveis() == [(CLIENTE, "❤️")]


@pytest.mark.parametrize("ordem", [(0, 1), (1, 0)])
def test_reaction_taken_off_stays_off_in_any_order(
    enviada: Mensagem, entregar: Entregador, ordem: tuple[int, ...]
) -> None:
    for n in ordem:
        reagir(entregar, ("👍", "")[n], n)

    assert visiveis() == []


def test_reaction_before_its_message_waits_for_it(entregar: Entregador) -> None:
    recebido = entregar("reaction__joinha.json")
    assert (recebido.status, recebido.motivo) == (Status.PENDENTE, Motivo.RETRY)

    entregar("message__do_celular.json", id=f"true_{CLIENTE}_{NOSSA}")
    apressar()
    drenar_entrada()

    assert visiveis() == [(CLIENTE, "👍")]
    assert {r.status for r in todas(WebhookRecebido)} == {Status.CONCLUIDO}


@pytest.mark.parametrize(
    "nome", ["reaction__joinha", "edited__texto", "revoked__texto"]
)
def test_news_of_an_unknown_message_are_let_go_after_a_while(
    entregar: Entregador, nome: str
) -> None:
    recebido = entregar(f"{nome}.json")
    assert recebido.status == Status.PENDENTE
    assert recebido.ultimo_erro == "A mensagem a que isto se refere ainda não chegou."

    envelhecer()
    apressar()
    drenar_entrada()

    assert uma(WebhookRecebido).status == Status.CONCLUIDO
    assert todas(Mensagem) == todas(Reacao) == []


def test_reaction_to_another_organisations_message_is_nothing_here(
    enviada: Mensagem, gente: SimpleNamespace
) -> None:
    alheio = Entregador(criar_sessao(gente.carla))

    recebido = alheio("reaction__joinha.json")

    assert recebido.status == Status.PENDENTE
    assert todas(Reacao) == []


def test_our_reaction_on_the_phone_is_ours(
    delas: Mensagem, entregar: Entregador
) -> None:
    entregar("reaction__nossa.json")

    assert visiveis() == [("eu", "❤️")]


@pytest.mark.parametrize("campo", [None, {}, {"text": "👍"}, {"messageId": "lixo"}])
def test_reaction_to_nothing_is_set_aside(entregar: Entregador, campo: Any) -> None:
    recebido = entregar("reaction__joinha.json", reaction=campo)

    assert (recebido.status, recebido.motivo) == (Status.FALHOU, Motivo.ENVENENADA)


# Our own, from the page


def clicar(navegador: Client, mensagem: Mensagem, emoji: str) -> Any:
    url = f"/mensagens/{mensagem.pk}/reagir/"
    return navegador.post(url, {"emoji": emoji}, headers={"HX-Request": "true"})


def test_choosing_an_emoji_shows_it_and_tells_whatsapp(
    delas: Mensagem,
    entrar: Callable[[str], Client],
    servidor: Servidor,
) -> None:
    usar_servidor(servidor.url)
    servidor.respostas = [(200, {})]

    resposta = clicar(entrar("ana"), delas, "❤️")
    assert (resposta.status_code, visiveis()) == (204, [("eu", "❤️")])
    drenar_saida()

    [(metodo, caminho, corpo)] = servidor.pedidos
    assert (metodo, caminho) == ("PUT", "/api/reaction")
    assert corpo == {
        "session": uma(SessaoWhatsapp).session_name,
        "messageId": f"false_{CLIENTE}_{DELES}",
        "reaction": "❤️",
    }


def test_choosing_it_again_takes_it_off(
    delas: Mensagem, entrar: Callable[[str], Client], servidor: Servidor
) -> None:
    usar_servidor(servidor.url)
    servidor.respostas = [(200, {})]
    ana = entrar("ana")

    clicar(ana, delas, "❤️")
    clicar(ana, delas, "❤️")
    drenar_saida()

    assert visiveis() == []
    # Both clicks before anything went out are one call with the last choice.
    assert [corpo["reaction"] for _, _, corpo in servidor.pedidos] == [""]


def test_reaction_refused_for_good_is_taken_off_and_told(
    delas: Mensagem,
    entrar: Callable[[str], Client],
    servidor: Servidor,
    gente: SimpleNamespace,
) -> None:
    usar_servidor(servidor.url)
    servidor.respostas = [(400, {"message": "no"})]

    clicar(entrar("ana"), delas, "❤️")
    assert visiveis() == [("eu", "❤️")]
    drenar_saida()

    assert visiveis() == []
    aviso = uma(Notificacao)
    assert (aviso.usuario_id, aviso.titulo) == (
        gente.ana.pk,
        "Sua reação não foi enviada",
    )
    assert aviso.url == f"/conversas/{delas.conversa_id}/"


def test_reaction_given_up_in_english_is_told_in_portuguese(
    delas: Mensagem, entrar: Callable[[str], Client], gente: SimpleNamespace
) -> None:
    ana = entrar("ana")
    perfil = {"nome": "Ana Alves", "tema": "claro", "idioma": "en"}
    assert ana.post("/conta/perfil/", perfil).status_code == 302
    clicar(ana, delas, "❤️")
    evento = uma(EventoPendente, destino="whatsapp.reacao")

    ana.post(f"/configuracoes/fila/{evento.pk}/desistir/")

    assert visiveis() == []
    aviso = uma(Notificacao)
    assert aviso.titulo == "Sua reação não foi enviada"
    assert aviso.texto == "Descartado por Ana Alves."


def test_reaction_waits_for_the_connection(
    delas: Mensagem, entregar: Entregador, entrar: Callable[[str], Client]
) -> None:
    entregar("session_status__stopped.json")

    clicar(entrar("ana"), delas, "👍")
    drenar_saida()

    evento = uma(EventoPendente, destino="whatsapp.reacao")
    assert (evento.status, evento.motivo) == (Status.PENDENTE, Motivo.PAUSADA)


@pytest.mark.parametrize("emoji", ["", "🍕", "texto", "👍👍"])
def test_only_the_offered_emojis_are_taken(
    delas: Mensagem, entrar: Callable[[str], Client], emoji: str
) -> None:
    resposta = clicar(entrar("ana"), delas, emoji)

    assert "Escolha uma das rea" in resposta.headers["HX-Trigger"]
    assert todas(Reacao) == todas(EventoPendente) == []


@pytest.mark.parametrize(
    ("quem", "situacao"),
    [("bruno", 204), ("carla", 404), ("davi", 404), ("sofia", 403)],
)
def test_who_may_not_answer_may_not_react(
    delas: Mensagem, entrar: Callable[[str], Client], quem: str, situacao: int
) -> None:
    resposta = clicar(entrar(quem), delas, "👍")

    assert resposta.status_code == situacao
    assert todas(Reacao) == todas(EventoPendente) == []


def test_page_offers_exactly_the_emojis_that_are_taken(
    delas: Mensagem, entrar: Callable[[str], Client]
) -> None:
    pagina = entrar("ana").get(f"/conversas/{delas.conversa_id}/").content.decode()

    assert [e for e in EMOJIS if f'value="{e}"' in pagina] == list(EMOJIS)
    assert pagina.count('name="emoji"') == len(EMOJIS)


# Edits


@pytest.mark.parametrize("ordem", [(0, 1), (1, 0)])
def test_latest_edit_wins_in_any_order(
    delas: Mensagem, entregar: Entregador, ordem: tuple[int, ...]
) -> None:
    for n in ordem:
        editar(entregar, ("primeira", "segunda")[n], n)

    assert uma(Mensagem).texto == "segunda"
    assert uma(Mensagem).editada_em is not None
    assert uma(Conversa).ultima_mensagem_texto == "segunda"


def test_edit_of_an_older_message_leaves_the_summary(
    delas: Mensagem, entregar: Entregador
) -> None:
    entregar.recado("depois", id_="3EB0B", timestamp=1_795_313_400)

    editar(entregar, "outra coisa")

    assert uma(Mensagem, pk=delas.pk).texto == "outra coisa"
    assert uma(Conversa).ultima_mensagem_texto == "depois"


@pytest.mark.parametrize("texto", [None, "", "  "])
def test_edit_without_a_text_changes_nothing(
    delas: Mensagem, entregar: Entregador, texto: Any
) -> None:
    entregar("edited__texto.json", body=texto)

    assert uma(Mensagem).texto == "Bom dia, quero um orçamento"
    assert uma(Mensagem).editada_em is None


def test_edit_of_another_organisations_message_changes_nothing(
    delas: Mensagem, gente: SimpleNamespace
) -> None:
    Entregador(criar_sessao(gente.carla))("edited__texto.json")

    assert uma(Mensagem).texto == "Bom dia, quero um orçamento"


# Deletions


def test_deleted_message_keeps_nothing_of_what_it_said(
    delas: Mensagem, entregar: Entregador
) -> None:
    entregar("message__lid_citacao.json")
    entregar("reaction__nossa.json")

    entregar("revoked__texto.json")

    apagada, resposta = todas(Mensagem)
    assert (apagada.texto, apagada.dados, apagada.citacao) == ("", {}, "")
    assert apagada.apagada_em is not None
    assert (resposta.cita_id, resposta.citacao) == (apagada.pk, "")
    assert todas(Reacao) == []


def test_deletion_is_told_in_the_list(delas: Mensagem, entregar: Entregador) -> None:
    entregar("revoked__texto.json")

    assert uma(Conversa).ultima_mensagem_texto == "Mensagem apagada"
    assert uma(Conversa).nao_lidas == 1


def test_deleted_file_is_gone(entregar: Entregador) -> None:
    entregar("message__midia.json")

    entregar("revoked__texto.json", revokedMessageId="3EB0C0FFEE0000000004")

    assert uma(Mensagem).apagada_em is not None
    assert todas(Midia) == []


def test_nothing_brings_a_deleted_message_back(
    delas: Mensagem, entregar: Entregador
) -> None:
    entregar("revoked__texto.json")
    quando = uma(Mensagem).apagada_em

    entregar("revoked__texto.json", envelope={"id": "evt_de_novo"})
    editar(entregar, "de volta", 999_999)
    entregar("message__texto.json", envelope={"id": "evt_repetido"})
    entregar("reaction__nossa.json")

    assert (uma(Mensagem).texto, uma(Mensagem).apagada_em) == ("", quando)
    assert todas(Reacao) == []


def test_deletion_in_another_organisation_deletes_nothing(
    delas: Mensagem, gente: SimpleNamespace
) -> None:
    Entregador(criar_sessao(gente.carla))("revoked__texto.json")

    assert uma(Mensagem).texto == "Bom dia, quero um orçamento"
