"""What comes before a connection: consent, pairing codes, and what it lets in."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from conexoes.erros import ErroDeDominio
from conexoes.models import EventoPendente, RegistroAuditoria, Status
from conexoes.tenancy import na
from tests.trabalho import apressar
from tests.whatsapp.dominio import mudar_sessao, todas, uma
from tests.whatsapp.waha import Ponte
from whatsapp.models import SessaoWhatsapp
from whatsapp.services import sessoes


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


def test_without_consent_nothing_is_connected(gente: SimpleNamespace) -> None:
    with na(gente.aurora, gente.ana), pytest.raises(ErroDeDominio) as recusa:
        sessoes.conectar_sessao(gente.ana)

    assert "aceite os riscos" in recusa.value.mensagem
    assert (todas(SessaoWhatsapp), todas(EventoPendente)) == ([], [])
    with na(gente.aurora, gente.ana):
        assert sessoes.precisa_aceitar_risco(gente.ana) is True


def test_consent_is_kept_and_asked_once(gente: SimpleNamespace) -> None:
    conectar(gente.ana)
    desconectar(gente.ana)

    with na(gente.aurora, gente.ana):
        assert sessoes.precisa_aceitar_risco(gente.ana) is False
        sessao = sessoes.conectar_sessao(gente.ana)

    assert (sessao.status, sessao.risco_aceito_versao) == (
        "qr_pending",
        sessoes.VERSAO_DO_RISCO,
    )
    assert acoes().count("whatsapp.risco_aceito") == 1


def test_new_text_is_agreed_to_anew(gente: SimpleNamespace) -> None:
    mudar_sessao(conectar(gente.ana), risco_aceito_versao="2020-01")

    with na(gente.aurora, gente.ana), pytest.raises(ErroDeDominio):
        sessoes.conectar_sessao(gente.ana)


def test_consent_of_one_person_is_not_anothers(gente: SimpleNamespace) -> None:
    conectar(gente.ana)

    with na(gente.aurora, gente.bruno), pytest.raises(ErroDeDominio):
        sessoes.conectar_sessao(gente.bruno)


def pedir_codigo(usuario: Any, telefone: str) -> None:
    with na(usuario.organizacao_id, usuario):
        minha = sessoes.sessao_de(usuario)
        assert minha is not None
        sessoes.pedir_codigo(minha, telefone)


def test_pairing_code_waits_for_the_server_and_connects(
    ponte: Ponte, gente: SimpleNamespace
) -> None:
    ponte.nome = conectar(gente.ana).session_name
    pedir_codigo(gente.ana, "(11) 99999-0000")
    ponte.ate(lambda: apressar() or uma(SessaoWhatsapp).codigo)

    sessao = uma(SessaoWhatsapp)
    assert re.fullmatch("[0-9A-Z]{4}-[0-9A-Z]{4}", sessao.codigo)
    assert sessao.codigo_expira_em is not None
    assert sessao.codigo_expira_em > timezone.now()
    ponte.mandar("codigo", codigo=sessao.codigo, nome="Ana Vendas")
    ponte.ate(lambda: uma(SessaoWhatsapp).status == "connected")
    assert uma(SessaoWhatsapp).codigo == ""


def test_pairing_code_needs_a_number(gente: SimpleNamespace) -> None:
    conectar(gente.ana)
    with pytest.raises(ErroDeDominio) as recusa:
        pedir_codigo(gente.ana, "99999")

    assert recusa.value.mensagem == "Escreva o número com DDD, como (11) 98765-4321."
    assert passos() == ["conectar"]


def test_connected_session_gives_no_pairing_code(
    sessao: SessaoWhatsapp, gente: SimpleNamespace
) -> None:
    with pytest.raises(ErroDeDominio):
        pedir_codigo(gente.ana, "(11) 99999-0000")

    assert passos() == []


def test_second_pairing_code_replaces_the_first(gente: SimpleNamespace) -> None:
    conectar(gente.ana)
    pedir_codigo(gente.ana, "(11) 99999-0000")
    pedir_codigo(gente.ana, "(21) 97777-6666")

    abertos = todas(EventoPendente, payload__passo="codigo", status=Status.PENDENTE)
    assert [e.payload["telefone"] for e in abertos] == ["+5521977776666"]


def test_groups_are_let_in_by_a_new_config(
    conectada: Ponte, gente: SimpleNamespace
) -> None:
    with na(gente.aurora, gente.ana):
        minha = sessoes.sessao_de(gente.ana)
        assert minha is not None
        sessoes.mudar_grupos(minha, True, gente.ana)
        sessoes.mudar_grupos(minha, True, gente.ana)
    conectada.assentar()

    assert passos().count("configurar") == 1
    assert acoes().count("whatsapp.grupos_mudados") == 1
    config = conectada.sandbox.sessao(conectada.nome)["config"]
    assert config["ignore"]["groups"] is False
    assert config["metadata"]["titulo"] == "Ana Alves"
    conectada.ate(lambda: uma(SessaoWhatsapp).status == "connected")
