"""Groups: nothing unless the person asked for them, then one conversation each."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from conexoes.models import EventoPendente, Status
from conexoes.tenancy import na
from crm.models import Contato, Conversa, IdentidadeContato, Mensagem
from tests.whatsapp.dominio import nada_no_dominio, todas, uma
from tests.whatsapp.waha import Entregador
from whatsapp.models import SessaoWhatsapp
from whatsapp.services.sinais import id_completo

GRUPO = "120363000000000001@g.us"


@pytest.fixture
def com_grupos(entregar: Entregador) -> Entregador:
    with na(entregar.organizacao_id):
        SessaoWhatsapp.objects.update(recebe_grupos=True)
    return entregar


def falar(entregar: Entregador, texto: str, id_: str, **campos: Any) -> None:
    participante = campos.pop("participante", "118800000000001@lid")
    chave = {"remoteJid": GRUPO, "id": id_, "participant": participante}
    entregar(
        "message__grupo.json",
        id=f"false_{GRUPO}_{id_}_{participante}",
        body=texto,
        participant=participante,
        dados={"key": chave} | campos.pop("dados", {}),
        **campos,
    )


def test_group_is_one_conversation_with_many_voices(com_grupos: Entregador) -> None:
    falar(com_grupos, "oi", "3EB0A")
    falar(
        com_grupos,
        "olá",
        "3EB0B",
        participante="5511977776666@c.us",
        dados={"pushName": "Bia"},
    )

    grupo, conversa = uma(Contato), uma(Conversa)
    assert (grupo.nome, grupo.telefone) == ("Grupo do WhatsApp 0001", "")
    assert (grupo.e_grupo, uma(IdentidadeContato).identificador) == (True, GRUPO)
    assert (conversa.endereco, conversa.nao_lidas) == (GRUPO, 2)
    vozes = [(m.remetente, m.texto) for m in todas(Mensagem)]
    assert vozes == [("Carlos Lima", "oi"), ("Bia", "olá")]
    assert conversa.ultima_mensagem_texto == "Bia: olá"
    assert todas(EventoPendente) == []


@pytest.mark.parametrize(
    ("dados", "participante", "quem"),
    [
        ({"pushName": ""}, "5511977776666@c.us", "+55 11 97777-6666"),
        ({"pushName": "\u200b"}, "118800000000001@lid", "Participante"),
    ],
)
def test_voice_without_a_name_is_still_somebody(
    com_grupos: Entregador, dados: dict[str, Any], participante: str, quem: str
) -> None:
    falar(com_grupos, "oi", "3EB0A", dados=dados, participante=participante)

    assert uma(Mensagem).remetente == quem


def test_our_own_message_in_a_group_is_ours(com_grupos: Entregador) -> None:
    com_grupos(
        "message__grupo.json",
        id=f"true_{GRUPO}_3EB0C_5511999990000@c.us",
        fromMe=True,
        participant="5511999990000@c.us",
    )

    mensagem = uma(Mensagem)
    assert (mensagem.direcao, mensagem.remetente) == ("saida", "")
    assert (mensagem.status, mensagem.do_celular) == ("entregue", True)


def test_message_of_a_group_is_named_with_who_wrote_it(com_grupos: Entregador) -> None:
    falar(com_grupos, "oi", "3EB0A")

    with na(com_grupos.organizacao_id):
        mensagem = Mensagem.objects.select_related("conversa").get()
        assert id_completo(mensagem) == f"false_{GRUPO}_3EB0A_118800000000001@lid"


def test_group_is_ignored_again_once_switched_off(com_grupos: Entregador) -> None:
    falar(com_grupos, "oi", "3EB0A")
    with na(com_grupos.organizacao_id):
        SessaoWhatsapp.objects.update(recebe_grupos=False)

    falar(com_grupos, "de novo", "3EB0B")

    assert [m.texto for m in todas(Mensagem)] == ["oi"]


@pytest.mark.parametrize(
    "chat", ["120363000000000001@newsletter", "status@broadcast", "1203@broadcast"]
)
def test_channels_and_stories_are_ignored_always(
    com_grupos: Entregador, chat: str
) -> None:
    recebido = com_grupos.recado("oi", id_="3EB0A", chat=chat)

    assert recebido.status == Status.CONCLUIDO
    assert nada_no_dominio()


def test_group_is_no_contact_of_the_list(
    com_grupos: Entregador, entrar: Callable[[str], Client]
) -> None:
    falar(com_grupos, "oi", "3EB0A")
    com_grupos("message__texto.json")
    ana = entrar("ana")

    lista = ana.get("/contatos/").context["contatos"]
    pagina = ana.get(f"/contatos/{uma(Contato, e_grupo=True).pk}/").content.decode()

    assert [c.nome for c in lista] == ["Carlos Lima"]
    assert "Iniciar conversa" not in pagina
    assert "Unir com outro" not in pagina


def test_group_is_given_a_name_that_stays(
    com_grupos: Entregador, entrar: Callable[[str], Client]
) -> None:
    falar(com_grupos, "oi", "3EB0A")
    url = f"/contatos/{uma(Contato).pk}/editar/"
    ana = entrar("ana")

    vazio = ana.post(url, {"nome": " "})
    resposta = ana.post(url, {"nome": "Moradores do 7º"})
    falar(com_grupos, "de novo", "3EB0B")

    assert (vazio.status_code, resposta.status_code) == (422, 302)
    assert uma(Contato).nome == "Moradores do 7º"


def test_group_page_shows_who_speaks(
    com_grupos: Entregador, entrar: Callable[[str], Client]
) -> None:
    falar(com_grupos, "oi", "3EB0A", dados={"pushName": "<b>Bia</b>"})

    pagina = entrar("ana").get(f"/conversas/{uma(Conversa).pk}/").content.decode()

    assert "&lt;b&gt;Bia&lt;/b&gt;" in pagina
    assert "<b>Bia</b>" not in pagina
