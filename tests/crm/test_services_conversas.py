"""What comes into a conversation, into which, who began it and what was seen."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from conexoes.models import EventoPendente
from conexoes.tenancy import na
from crm.models import Contato, Conversa, Mensagem
from crm.services import conversas as servico
from crm.services.conversas import Conteudo, Via
from tests.crm.conftest import MEIO_DIA, minutos, nova_conversa, novo_contato
from tests.crm.conversas import Status, relida, resumo

pytestmark = pytest.mark.django_db


def entrada(conversa: Conversa, texto: str = "Oi", **campos: Any) -> Mensagem | None:
    with na(conversa.organizacao_id):
        return servico.registrar_entrada(conversa, conteudo(texto, **campos))


def conteudo(texto: str, **campos: Any) -> Conteudo:
    padrao: dict[str, Any] = {
        "id_externo": str(uuid4()),
        "tipo": Mensagem.Tipo.TEXTO,
        "momento": MEIO_DIA,
    }
    return Conteudo(texto=texto, **padrao | campos)


# --- What comes in -----------------------------------------------------------


def test_what_the_customer_says_is_kept_and_counted(conversa: Conversa) -> None:
    mensagem = entrada(conversa, "Bom  dia!\nTudo bem?")

    assert mensagem is not None
    assert relida(mensagem).texto == "Bom  dia!\nTudo bem?"
    assert relida(mensagem).status == Status.RECEBIDA
    assert resumo(conversa) == ("Bom dia! Tudo bem?", "entrada", "recebida", 1)


def test_a_repeated_message_creates_no_second_one(conversa: Conversa) -> None:
    primeira = entrada(conversa, id_externo="true_1")
    segunda = entrada(conversa, "outro texto", id_externo="true_1")

    assert primeira is not None
    assert segunda is None
    with na(conversa.organizacao_id):
        assert Mensagem.objects.get().texto == "Oi"
    assert resumo(conversa) == ("Oi", "entrada", "recebida", 1)


def test_a_late_message_does_not_become_the_last(conversa: Conversa) -> None:
    entrada(conversa, "depois", momento=minutos(2))
    entrada(conversa, "antes", momento=minutos(1))

    assert resumo(conversa) == ("depois", "entrada", "recebida", 2)
    assert relida(conversa).ultima_mensagem_em == minutos(2)


def test_the_first_message_is_the_last_however_old(
    gente: SimpleNamespace, rita: Contato
) -> None:
    conversa = nova_conversa(rita, gente.bruno, ultima_mensagem_em=timezone.now())

    entrada(conversa, "antiga", momento=MEIO_DIA)

    assert relida(conversa).ultima_mensagem_em == MEIO_DIA
    assert resumo(conversa)[0] == "antiga"


def test_what_we_cannot_show_is_named_in_the_list(conversa: Conversa) -> None:
    entrada(conversa, "", tipo=Mensagem.Tipo.NAO_SUPORTADO)

    assert resumo(conversa)[0] == "Conteúdo ainda não mostrado aqui"


def test_an_answer_on_the_phone_reads_what_came_before(conversa: Conversa) -> None:
    entrada(conversa)
    with na(conversa.organizacao_id):
        servico.registrar_saida_de_fora(
            conversa, conteudo("Respondi", momento=minutos(1)), do_celular=True
        )

    assert resumo(conversa) == ("Respondi", "saida", "enviada", 0)


def test_an_answer_by_another_program_reads_nothing(conversa: Conversa) -> None:
    entrada(conversa)
    with na(conversa.organizacao_id):
        servico.registrar_saida_de_fora(
            conversa, conteudo("Robô", momento=minutos(1)), do_celular=False
        )

    assert resumo(conversa)[3] == 1


# --- Which conversation ------------------------------------------------------


def via(responsavel: Any, conexao_id: Any = None, nome: str = "Loja") -> Via:
    return Via("whatsapp", conexao_id or uuid4(), nome, responsavel.pk)


def abrir(contato: Contato, por: Via, endereco: str = "1@c.us") -> Conversa:
    with na(contato.organizacao_id):
        return servico.conversa_com(contato, por, endereco=endereco)


def test_a_contact_has_one_conversation_per_connection(
    gente: SimpleNamespace, rita: Contato
) -> None:
    da_ana, do_bruno = via(gente.ana), via(gente.bruno)

    primeira = abrir(rita, da_ana)
    de_novo = abrir(rita, da_ana)
    outra = abrir(rita, do_bruno)

    assert primeira == de_novo
    assert primeira != outra


def test_the_latest_address_name_and_owner_win(
    gente: SimpleNamespace, rita: Contato
) -> None:
    antes = via(gente.ana)
    conversa = abrir(rita, antes)

    abrir(rita, via(gente.bruno, antes.conexao_id, "Balcão"), "2@lid")

    nova = relida(conversa)
    assert (nova.endereco, nova.conexao_nome) == ("2@lid", "Balcão")
    assert nova.responsavel == gente.bruno


def test_a_conversation_from_before_any_connection_goes_on(
    gente: SimpleNamespace, rita: Contato
) -> None:
    antiga = nova_conversa(rita, None, conexao_id=None)
    por = via(gente.bruno)

    assert abrir(rita, por) == antiga
    assert relida(antiga).conexao_id == por.conexao_id
    assert relida(antiga).responsavel == gente.bruno


def test_a_conversation_of_now_is_not_mixed_with_an_old_one(
    gente: SimpleNamespace, rita: Contato
) -> None:
    por = via(gente.bruno)
    atual = abrir(rita, por)
    antiga = nova_conversa(rita, None, conexao_id=None)

    assert abrir(rita, por) == atual
    assert relida(antiga).conexao_id is None


def test_another_contacts_old_conversation_stays_theirs(
    gente: SimpleNamespace, rita: Contato
) -> None:
    de_outro = nova_conversa(novo_contato(gente.aurora, "Outro"), None, conexao_id=None)

    abrir(rita, via(gente.bruno))

    assert relida(de_outro).conexao_id is None


# --- Who began, and what was seen --------------------------------------------


@pytest.mark.parametrize(("quem", "restam"), [("bruno", 0), ("ana", 0)])
def test_whoever_may_answer_reads_by_opening(
    gente: SimpleNamespace, conversa: Conversa, quem: str, restam: int
) -> None:
    entrada(conversa)
    with na(gente.aurora):
        servico.marcar_como_lida(relida(conversa), usuario=getattr(gente, quem))

    assert relida(conversa).nao_lidas == restam


def test_whoever_only_looks_leaves_it_unread(
    gente: SimpleNamespace, rita: Contato
) -> None:
    da_ana = nova_conversa(rita, gente.ana, nao_lidas=2)
    with na(gente.aurora):
        servico.marcar_como_lida(relida(da_ana), usuario=gente.bruno)
        servico.marcar_como_lida(relida(da_ana), usuario=gente.sofia)

    assert relida(da_ana).nao_lidas == 2


def test_our_first_message_begins_the_conversation_once(conversa: Conversa) -> None:
    with na(conversa.organizacao_id):
        servico.marcar_inicio(conversa)
    quando = relida(conversa).iniciada_por_nos_em
    assert quando is not None

    with na(conversa.organizacao_id):
        servico.marcar_inicio(conversa)

    assert relida(conversa).iniciada_por_nos_em == quando


def test_who_wrote_first_began_the_conversation(conversa: Conversa) -> None:
    entrada(conversa)

    with na(conversa.organizacao_id):
        servico.marcar_inicio(conversa)

    assert relida(conversa).iniciada_por_nos_em is None


@pytest.mark.parametrize(
    ("campos", "linha"),
    [
        ({"tipo": "imagem"}, "Imagem"),
        ({"tipo": "imagem", "texto": "a  planta"}, "a planta"),
        ({"tipo": "audio", "remetente": "Bia"}, "Bia: Áudio"),
        ({"tipo": "localizacao", "dados": {"titulo": ""}}, "Localização"),
        ({"tipo": "localizacao", "dados": {"titulo": "Praça"}}, "Localização: Praça"),
        (
            {"tipo": "contato", "dados": {"cartoes": [{"nome": "A"}, {"nome": "B"}]}},
            "Contato: A, B",
        ),
        ({"texto": "oi", "remetente": "Bia"}, "Bia: oi"),
        ({"texto": "x" * 30_000}, "x" * 200),
    ],
)
def test_one_line_of_each_kind(
    conversa: Conversa, campos: dict[str, Any], linha: str
) -> None:
    mensagem = Mensagem(
        conversa=conversa, **{"tipo": "texto", "remetente": ""} | campos
    )

    assert servico.resumo(mensagem) == linha


def test_opening_tells_once_which_message_was_seen(
    gente: SimpleNamespace, conversa: Conversa
) -> None:
    entrada(conversa, "antes", momento=minutos(1))
    vista = entrada(conversa, "depois", momento=minutos(2))
    assert vista is not None

    for _ in range(2):
        with na(conversa.organizacao_id):
            servico.marcar_como_lida(relida(conversa), usuario=gente.bruno)

    with na(conversa.organizacao_id):
        [evento] = EventoPendente.objects.filter(tipo="conversa.lida")
    assert evento.payload == {
        "objeto_id": str(vista.pk),
        "conversa_id": str(conversa.pk),
    }
