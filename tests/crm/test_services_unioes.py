"""Two contacts that are one person, united and taken apart again."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from conexoes import valkey
from conexoes.erros import ErroDeDominio
from conexoes.models import EventoPendente, RegistroAuditoria, Status
from conexoes.tenancy import na, sistema
from crm.models import (
    Contato,
    Conversa,
    IdentidadeContato,
    Mensagem,
    Rascunho,
    UniaoDeContatos,
    Usuario,
)
from crm.services import rascunhos, unioes
from crm.services.conversas import refazer_resumo
from tests.crm.conftest import minutos, nova_conversa, nova_mensagem, novo_contato

pytestmark = pytest.mark.django_db


@pytest.fixture
def oculta(gente: SimpleNamespace) -> Contato:
    """Rita again, whom nobody recognised."""
    contato = novo_contato(gente.aurora, "Ritinha", email="r@x.test")
    with na(gente.aurora):
        IdentidadeContato.objects.create(
            organizacao=gente.aurora,
            contato=contato,
            canal="whatsapp",
            identificador="1188@lid",
        )
    return contato


@pytest.fixture
def duas(rita: Contato, oculta: Contato, gente: SimpleNamespace) -> list[Conversa]:
    """Rita's and the hidden one's, through the same number."""
    conexao = uuid4()
    delas = [
        nova_conversa(contato, gente.bruno, conexao_id=conexao, nao_lidas=n)
        for n, contato in ((1, rita), (2, oculta))
    ]
    nova_mensagem(delas[0], "primeira", momento=minutos(1))
    nova_mensagem(delas[1], "segunda", momento=minutos(2))
    nova_mensagem(delas[0], "terceira", momento=minutos(3))
    with na(gente.aurora):
        for conversa in delas:
            refazer_resumo(conversa)
    return delas


def unir(mantido: Contato, absorvido: Contato, autor: Any = None) -> UniaoDeContatos:
    with na(mantido.organizacao_id):
        return unioes.unir(mantido, absorvido, autor=autor)


def desfazer(uniao: UniaoDeContatos, autor: Any) -> Contato:
    with na(uniao.organizacao_id):
        return unioes.desfazer(uniao, autor=autor)


def lista(organizacao: Any, modelo: Any, *campos: str) -> list[Any]:
    with na(organizacao):
        return list(modelo.objects.order_by("pk").values_list(*campos))


def ditas(conversa: Conversa) -> list[str]:
    with na(conversa.organizacao_id):
        mensagens = Mensagem.objects.filter(conversa=conversa).order_by("momento", "id")
        return list(mensagens.values_list("texto", flat=True))


def relida(linha: Any) -> Any:
    with na(linha.organizacao_id):
        return type(linha).objects.get(pk=linha.pk)


def test_two_become_one_and_nothing_is_lost(
    gente: SimpleNamespace, rita: Contato, oculta: Contato, duas: list[Conversa]
) -> None:
    unir(rita, oculta, gente.bruno)

    assert lista(gente.aurora, Contato, "nome") == [("Rita Reis",)]
    assert lista(gente.aurora, IdentidadeContato, "contato") == [(rita.pk,)]
    assert lista(gente.aurora, Conversa, "pk") == [(duas[0].pk,)]
    assert ditas(duas[0]) == ["primeira", "segunda", "terceira"]
    conversa = relida(duas[0])
    assert (conversa.nao_lidas, conversa.ultima_mensagem_texto) == (3, "terceira")
    assert conversa.ultima_mensagem_em == minutos(3)


def test_conversation_through_another_number_is_handed_over_whole(
    gente: SimpleNamespace, rita: Contato, oculta: Contato, duas: list[Conversa]
) -> None:
    outra = nova_conversa(oculta, gente.ana)

    unir(rita, oculta)

    assert relida(outra).contato_id == rita.pk


def test_what_the_kept_one_lacks_is_inherited_and_nothing_else(
    gente: SimpleNamespace, rita: Contato
) -> None:
    sem_telefone = novo_contato(gente.aurora, "Rita?", email="outra@x.test")

    unir(sem_telefone, rita)

    assert lista(gente.aurora, Contato, "nome", "telefone", "email") == [
        ("Rita?", "+5531988887777", "outra@x.test")
    ]


def test_what_waits_to_be_sent_keeps_its_turn(
    gente: SimpleNamespace, rita: Contato, oculta: Contato, duas: list[Conversa]
) -> None:
    eventos = [guardar(duas[n], f"e{i}") for i, n in enumerate((0, 1, 0))]

    unir(rita, oculta)

    with na(gente.aurora):
        em_ordem = EventoPendente.objects.filter(ordem=f"conversa:{duas[0].pk}")
        assert list(em_ordem.order_by("criado_em", "id")) == eventos


def test_pages_that_show_either_conversation_are_told(
    gente: SimpleNamespace,
    rita: Contato,
    oculta: Contato,
    duas: list[Conversa],
    django_capture_on_commit_callbacks: Any,
) -> None:
    ouvinte = valkey.cliente().pubsub(ignore_subscribe_messages=True)
    # Channels are shared by all databases of the server: ours alone.
    ouvinte.subscribe(f"aovivo:{gente.aurora.pk}")
    ouvinte.get_message(timeout=5)

    with django_capture_on_commit_callbacks(execute=True):
        unir(rita, oculta)

    ouvidas = []
    while nota := ouvinte.get_message(timeout=0.5):
        ouvidas.append(json.loads(nota["data"]))
    ouvinte.close()
    for conversa in duas:
        assert {"o": "conversa", "id": str(conversa.pk)} in ouvidas


def test_drafts_go_along_and_two_of_one_person_become_one(
    gente: SimpleNamespace, rita: Contato, oculta: Contato, duas: list[Conversa]
) -> None:
    with na(gente.aurora):
        rascunhos.guardar(duas[0], texto="Oi, Rita", usuario=gente.bruno)
        rascunhos.guardar(duas[1], texto="tudo bem?", usuario=gente.bruno)
        rascunhos.guardar(duas[1], texto="Sou a Ana", usuario=gente.ana)

    with na(gente.aurora):
        unioes.unir(rita, oculta)
        # What the commit would check.
        connection.check_constraints()

        assert rascunhos.texto_de(duas[0], gente.bruno) == "Oi, Rita\ntudo bem?"
        assert rascunhos.texto_de(duas[0], gente.ana) == "Sou a Ana"
        assert Rascunho.objects.count() == 2


def test_who_attends_and_what_is_still_open_survive(
    gente: SimpleNamespace, rita: Contato, oculta: Contato, duas: list[Conversa]
) -> None:
    ha_pouco = timezone.now()
    mudar(duas[0], concluida_em=ha_pouco)
    mudar(duas[1], atendente=gente.ana, iniciada_por_nos_em=ha_pouco)

    uniao = unir(rita, oculta)

    unida = relida(duas[0])
    assert (unida.atendente_id, unida.concluida_em) == (gente.ana.pk, None)
    assert unida.iniciada_por_nos_em == ha_pouco
    desfazer(uniao, gente.bruno)
    refeita = relida(duas[1])
    assert (refeita.atendente_id, refeita.concluida_em) == (gente.ana.pk, None)


def test_two_concluded_stay_concluded_and_keep_their_own_attendant(
    gente: SimpleNamespace, rita: Contato, oculta: Contato, duas: list[Conversa]
) -> None:
    ha_pouco = timezone.now()
    mudar(duas[0], concluida_em=ha_pouco, atendente=gente.bruno)
    mudar(duas[1], concluida_em=ha_pouco, atendente=gente.ana)

    uniao = unir(rita, oculta)

    unida = relida(duas[0])
    assert (unida.atendente_id, unida.concluida_em) == (gente.bruno.pk, ha_pouco)
    with sistema("comando"):
        Usuario.objects.filter(pk=gente.ana.pk).update(is_active=False)
    desfazer(uniao, gente.bruno)
    # Whoever left attends nobody again.
    refeita = relida(duas[1])
    assert (refeita.atendente_id, refeita.concluida_em) == (None, ha_pouco)


def mudar(conversa: Conversa, **campos: Any) -> None:
    with na(conversa.organizacao_id):
        Conversa.objects.filter(pk=conversa.pk).update(**campos)


def guardar(
    conversa: Conversa, chave: str, mensagem: Mensagem | None = None
) -> EventoPendente:
    with na(conversa.organizacao_id):
        return EventoPendente.objects.create(
            organizacao_id=conversa.organizacao_id,
            tipo="whatsapp_envio",
            destino="whatsapp.envio",
            chave=chave,
            ordem=f"conversa:{conversa.pk}",
            payload={"mensagem_id": str(mensagem.pk if mensagem else uuid4())},
            max_tentativas=3,
            status=Status.PENDENTE,
        )


def test_union_is_undone_to_what_it_was(
    gente: SimpleNamespace, rita: Contato, oculta: Contato, duas: list[Conversa]
) -> None:
    with na(gente.aurora):
        sua = Mensagem.objects.get(conversa=duas[1])
    evento = guardar(duas[1], "e1", sua)
    antes = fotografia(gente.aurora)

    uniao = unir(rita, oculta)
    assert fotografia(gente.aurora) != antes
    de_volta = desfazer(uniao, gente.bruno)

    assert de_volta.pk == oculta.pk
    assert fotografia(gente.aurora) == antes
    assert relida(evento).ordem == f"conversa:{duas[1].pk}"
    assert relida(de_volta).criado_em == oculta.criado_em


def fotografia(organizacao: Any) -> list[list[Any]]:
    return [
        lista(organizacao, Contato, "pk", "nome", "telefone", "email", "busca"),
        lista(organizacao, IdentidadeContato, "identificador", "contato"),
        lista(
            organizacao,
            Conversa,
            *("pk", "contato", "conexao_id", "responsavel", "endereco", "nao_lidas"),
            *("ultima_mensagem_texto", "ultima_direcao", "conexao_nome"),
        ),
        lista(organizacao, Mensagem, "pk", "conversa"),
    ]


def test_inherited_phone_goes_back(gente: SimpleNamespace, rita: Contato) -> None:
    sem_telefone = novo_contato(gente.aurora, "Rita?")

    desfazer(unir(sem_telefone, rita), gente.ana)

    assert lista(gente.aurora, Contato, "nome", "telefone") == [
        ("Rita Reis", "+5531988887777"),
        ("Rita?", ""),
    ]


def test_what_was_said_since_stays(
    gente: SimpleNamespace, rita: Contato, oculta: Contato, duas: list[Conversa]
) -> None:
    uniao = unir(rita, oculta)
    nova_mensagem(duas[0], "depois", momento=minutos(9))

    desfazer(uniao, gente.bruno)

    assert ditas(duas[0]) == ["primeira", "terceira", "depois"]
    assert ditas(relida(duas[1])) == ["segunda"]


def test_unions_are_undone_from_the_last_one_back(
    gente: SimpleNamespace, rita: Contato, oculta: Contato, duas: list[Conversa]
) -> None:
    terceira = novo_contato(gente.aurora, "Terceira")
    antes = fotografia(gente.aurora)
    primeira = unir(rita, oculta)
    segunda = unir(terceira, rita)

    with pytest.raises(ErroDeDominio, match="Só a última"):
        desfazer(relida(primeira), gente.ana)
    desfazer(segunda, gente.ana)
    desfazer(relida(primeira), gente.ana)

    assert fotografia(gente.aurora) == antes


def test_union_is_undone_once(
    gente: SimpleNamespace, rita: Contato, oculta: Contato
) -> None:
    uniao = unir(rita, oculta)
    desfazer(uniao, gente.ana)

    with pytest.raises(ErroDeDominio):
        desfazer(uniao, gente.ana)

    assert len(lista(gente.aurora, Contato, "pk")) == 2


def test_phone_taken_meanwhile_refuses_the_undoing(
    gente: SimpleNamespace, rita: Contato, oculta: Contato
) -> None:
    uniao = unir(oculta, rita)
    with na(gente.aurora):
        Contato.objects.filter(pk=oculta.pk).update(telefone="", telefone_chave="")
    novo_contato(gente.aurora, "Nova", telefone="+5531988887777")

    with pytest.raises(ErroDeDominio, match="já usa o telefone"):
        desfazer(uniao, gente.ana)

    assert [n for (n,) in lista(gente.aurora, Contato, "nome")] == ["Ritinha", "Nova"]


def test_contact_is_not_united_with_itself(rita: Contato) -> None:
    with pytest.raises(ErroDeDominio, match="dois contatos diferentes"):
        unir(rita, rita)


def test_group_is_not_united_with_anybody(
    gente: SimpleNamespace, rita: Contato
) -> None:
    grupo = novo_contato(gente.aurora, "Grupo", e_grupo=True)

    for par in ((rita, grupo), (grupo, rita)):
        with pytest.raises(ErroDeDominio, match="grupo"):
            unir(*par)

    assert len(lista(gente.aurora, Contato, "pk")) == 2


def test_contact_of_another_organisation_is_nobody(
    gente: SimpleNamespace, rita: Contato, tito: Contato
) -> None:
    with pytest.raises(ErroDeDominio):
        unir(rita, tito)

    assert lista(gente.brisa, Contato, "nome") == [("Tito Telles",)]


def test_uniting_and_undoing_are_audited(
    gente: SimpleNamespace, rita: Contato, oculta: Contato
) -> None:
    desfazer(unir(rita, oculta, gente.bruno), gente.ana)

    acoes = lista(gente.aurora, RegistroAuditoria, "acao", "autor_nome", "objeto")
    assert acoes == [
        ("contato.unido", "Bruno Barros", f"contato:{rita.pk}"),
        ("contato.separado", "Ana Alves", f"contato:{rita.pk}"),
    ]
