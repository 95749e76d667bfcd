"""What the verbs of a conversation change, and what they refuse to change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from conexoes.erros import ErroDeDominio
from conexoes.models import EventoPendente
from conexoes.tenancy import na
from crm.models import Contato, Conversa, Mensagem
from crm.services import conversas as servico
from crm.services import envios
from crm.services.conversas import Conteudo, Via
from crm.services.saida import motivo_de_bloqueio
from tests.crm.conftest import (
    MEIO_DIA,
    minutos,
    nova_conversa,
    nova_mensagem,
    novo_contato,
)

pytestmark = pytest.mark.django_db

Status = Mensagem.Status


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


def relida(linha: Any) -> Any:
    chaves = [campo.name for campo in linha._meta.fields if campo.is_relation]
    with na(linha.organizacao_id):
        return type(linha).objects.select_related(*chaves).get(pk=linha.pk)


def resumo(conversa: Conversa) -> tuple[str, str, str, int]:
    nova = relida(conversa)
    return (
        nova.ultima_mensagem_texto,
        nova.ultima_direcao,
        nova.ultimo_status,
        nova.nao_lidas,
    )


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


# --- What goes out -----------------------------------------------------------


def enviar(conversa: Conversa, autor: Any, texto: str = "Olá") -> Mensagem:
    with na(conversa.organizacao_id, autor):
        return envios.enviar_texto(relida(conversa), texto=texto, autor=autor)


def intentos(organizacao: Any) -> list[EventoPendente]:
    with na(organizacao):
        return list(EventoPendente.objects.filter(destino="whatsapp.envio"))


def test_an_answer_and_its_intent_are_kept_together(
    gente: SimpleNamespace, conversa: Conversa
) -> None:
    mensagem = enviar(conversa, gente.bruno)

    (intento,) = intentos(gente.aurora)
    assert (mensagem.status, mensagem.autor) == (Status.PENDENTE, gente.bruno)
    assert intento.payload == {"mensagem_id": str(mensagem.pk)}
    assert intento.chave == f"mensagem:{mensagem.pk}"
    assert intento.ordem == f"conversa:{conversa.pk}"
    assert intento.conexao_id == conversa.conexao_id
    assert intento.max_tentativas == 3
    assert resumo(conversa) == ("Olá", "saida", "pendente", 0)


def test_an_answer_expires_after_a_day(
    gente: SimpleNamespace, conversa: Conversa
) -> None:
    enviar(conversa, gente.bruno)

    (intento,) = intentos(gente.aurora)
    assert intento.expira_em is not None
    validade = intento.expira_em - intento.criado_em
    assert round(validade / timedelta(hours=1)) == 24


@pytest.mark.parametrize("quem", ["ana", "bruno"])
def test_the_owner_of_the_number_and_an_admin_may_answer(
    gente: SimpleNamespace, conversa: Conversa, quem: str
) -> None:
    pessoa = getattr(gente, quem)

    assert motivo_de_bloqueio(relida(conversa), pessoa) == ""
    enviar(conversa, pessoa)
    assert len(intentos(gente.aurora)) == 1


def test_a_member_may_not_answer_through_anothers_number(
    gente: SimpleNamespace, rita: Contato
) -> None:
    da_ana = nova_conversa(rita, gente.ana)

    with pytest.raises(
        ErroDeDominio,
        match="Quem responde por este número é Ana Alves ou a administração.",
    ):
        enviar(da_ana, gente.bruno)

    assert intentos(gente.aurora) == []
    with na(gente.aurora):
        assert Mensagem.objects.count() == 0


def test_the_super_admin_reads_and_does_not_answer(
    gente: SimpleNamespace, conversa: Conversa
) -> None:
    motivo = motivo_de_bloqueio(relida(conversa), gente.sofia)

    assert motivo == "Seu papel permite ler esta conversa, mas não responder."


def test_a_conversation_without_a_connection_is_only_read(
    gente: SimpleNamespace, rita: Contato
) -> None:
    antiga = nova_conversa(rita, None, conexao_id=None)

    with pytest.raises(ErroDeDominio, match="não passa por nenhum número conectado"):
        enviar(antiga, gente.ana)

    assert intentos(gente.aurora) == []


# --- How far it got ----------------------------------------------------------


def mover(mensagem: Mensagem, status: str, **campos: Any) -> bool:
    with na(mensagem.organizacao_id):
        return envios.mudar_status(relida(mensagem), status, **campos)


@pytest.mark.parametrize(
    "ordem", list(permutations([Status.ENVIADA, Status.ENTREGUE, Status.LIDA]))
)
def test_acks_in_any_order_end_at_the_furthest(
    gente: SimpleNamespace, conversa: Conversa, ordem: tuple[str, ...]
) -> None:
    mensagem = enviar(conversa, gente.bruno)

    for status in ordem:
        mover(mensagem, status)

    assert relida(mensagem).status == Status.LIDA
    assert relida(conversa).ultimo_status == Status.LIDA


def test_a_status_never_goes_back(gente: SimpleNamespace, conversa: Conversa) -> None:
    mensagem = enviar(conversa, gente.bruno)
    mover(mensagem, Status.ENTREGUE)

    voltas = [mover(mensagem, s) for s in (Status.ENTREGUE, Status.ENVIADA, "falhou")]

    assert voltas == [False, False, False]
    assert relida(mensagem).status == Status.ENTREGUE


def test_the_providers_id_is_kept_even_when_an_ack_came_first(
    gente: SimpleNamespace, conversa: Conversa
) -> None:
    mensagem = enviar(conversa, gente.bruno)
    mover(mensagem, Status.LIDA)

    mudou = mover(mensagem, Status.ENVIADA, id_externo="true_1")

    assert mudou is False
    assert (relida(mensagem).status, relida(mensagem).id_externo) == ("lida", "true_1")


def test_only_the_last_message_shows_in_the_list(
    gente: SimpleNamespace, conversa: Conversa
) -> None:
    primeira = enviar(conversa, gente.bruno, "um")
    enviar(conversa, gente.bruno, "dois")

    mover(primeira, Status.LIDA)

    assert resumo(conversa)[:3] == ("dois", "saida", "pendente")


def test_a_message_refused_after_all_says_why(
    gente: SimpleNamespace, conversa: Conversa
) -> None:
    mensagem = enviar(conversa, gente.bruno)
    mover(mensagem, Status.ENVIADA)
    with na(gente.aurora):
        envios.recusar_depois_de_enviada(relida(mensagem), motivo="Não entregue.")

    assert (relida(mensagem).status, relida(mensagem).motivo) == (
        "falhou",
        "Não entregue.",
    )
    assert relida(conversa).ultimo_status == Status.FALHOU


def test_a_delivered_message_is_not_refused_any_more(
    gente: SimpleNamespace, conversa: Conversa
) -> None:
    mensagem = enviar(conversa, gente.bruno)
    mover(mensagem, Status.ENTREGUE)
    with na(gente.aurora):
        envios.recusar_depois_de_enviada(relida(mensagem), motivo="Não entregue.")

    assert (relida(mensagem).status, relida(mensagem).motivo) == ("entregue", "")


# --- What a person decides ---------------------------------------------------


@pytest.fixture
def parada(
    gente: SimpleNamespace, conversa: Conversa
) -> Callable[[str, str], Mensagem]:
    """An answer whose intent stands still with a status and a motivo."""

    def _parada(status: str, motivo: str) -> Mensagem:
        mensagem = enviar(conversa, gente.bruno)
        da_mensagem = "incerta" if motivo == "incerta" else "falhou"
        mover(mensagem, da_mensagem)
        with na(gente.aurora):
            EventoPendente.objects.update(status=status, motivo=motivo)
        return mensagem

    return _parada


@pytest.mark.parametrize(
    ("status", "motivo"), [("failed", "esgotada"), ("pending", "incerta")]
)
def test_a_stuck_message_is_sent_again_with_the_same_key(
    gente: SimpleNamespace,
    parada: Callable[[str, str], Mensagem],
    status: str,
    motivo: str,
) -> None:
    mensagem = parada(status, motivo)
    (antes,) = intentos(gente.aurora)
    with na(gente.aurora, gente.bruno):
        envios.reenviar(relida(mensagem), usuario=gente.bruno)

    (depois,) = intentos(gente.aurora)
    assert (depois.pk, depois.chave) == (antes.pk, antes.chave)
    assert (depois.status, depois.motivo, depois.tentativas) == ("pending", "", 0)
    assert relida(mensagem).status == Status.PENDENTE


def test_a_waiting_message_is_not_sent_twice(
    gente: SimpleNamespace, conversa: Conversa
) -> None:
    mensagem = enviar(conversa, gente.bruno)
    (antes,) = intentos(gente.aurora)

    with pytest.raises(ErroDeDominio), na(gente.aurora, gente.bruno):
        envios.reenviar(relida(mensagem), usuario=gente.bruno)

    (depois,) = intentos(gente.aurora)
    assert depois.cerca == antes.cerca


def test_a_stranger_decides_nothing(
    gente: SimpleNamespace, rita: Contato, conversa: Conversa
) -> None:
    mensagem = enviar(nova_conversa(rita, gente.ana), gente.ana)
    mover(mensagem, Status.FALHOU)
    with na(gente.aurora):
        EventoPendente.objects.update(status="failed", motivo="esgotada")

    with pytest.raises(ErroDeDominio), na(gente.aurora, gente.bruno):
        envios.reenviar(relida(mensagem), usuario=gente.bruno)

    assert intentos(gente.aurora)[0].status == "failed"
    assert relida(mensagem).status == Status.FALHOU


def test_an_uncertain_message_seen_on_the_phone_is_sent(
    gente: SimpleNamespace, parada: Callable[[str, str], Mensagem]
) -> None:
    mensagem = parada("pending", "incerta")
    with na(gente.aurora, gente.bruno):
        envios.confirmar_envio(relida(mensagem), usuario=gente.bruno)

    (intento,) = intentos(gente.aurora)
    assert (intento.status, intento.motivo) == ("completed", "")
    assert relida(mensagem).status == Status.ENVIADA


def test_a_failed_message_cannot_be_confirmed(
    gente: SimpleNamespace, parada: Callable[[str, str], Mensagem]
) -> None:
    mensagem = parada("failed", "esgotada")

    with (
        pytest.raises(ErroDeDominio, match="já não está em dúvida"),
        na(gente.aurora, gente.bruno),
    ):
        envios.confirmar_envio(relida(mensagem), usuario=gente.bruno)

    assert relida(mensagem).status == Status.FALHOU


def test_what_came_from_outside_has_nothing_to_send_again(
    gente: SimpleNamespace, conversa: Conversa
) -> None:
    mensagem = nova_mensagem(conversa)

    with (
        pytest.raises(ErroDeDominio, match="não pode mais ser reenviada"),
        na(gente.aurora, gente.bruno),
    ):
        envios.reenviar(relida(mensagem), usuario=gente.bruno)


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


# --- Who began, and what was seen --------------------------------------------


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
