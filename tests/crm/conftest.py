"""Contacts and conversations of the two organisations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from conexoes.tenancy import na
from crm.models import Contato, Conversa, Mensagem, Usuario

MEIO_DIA = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)


def novo_contato(organizacao: Any, nome: str = "Rita Reis", **campos: Any) -> Contato:
    with na(organizacao):
        return Contato.objects.create(organizacao=organizacao, nome=nome, **campos)


def nova_conversa(
    contato: Contato, responsavel: Usuario | None, **campos: Any
) -> Conversa:
    """A conversation through ``responsavel``'s own WhatsApp."""
    padrao = {"conexao_id": uuid4(), "ultima_mensagem_em": MEIO_DIA}
    with na(contato.organizacao_id):
        return Conversa.objects.create(
            organizacao_id=contato.organizacao_id,
            contato=contato,
            canal="whatsapp",
            conexao_nome="WhatsApp",
            endereco="5531988887777@c.us",
            responsavel=responsavel,
            **padrao | campos,
        )


def nova_mensagem(conversa: Conversa, texto: str = "Oi", **campos: Any) -> Mensagem:
    padrao = {
        "direcao": Mensagem.Direcao.ENTRADA,
        "status": Mensagem.Status.RECEBIDA,
        "momento": MEIO_DIA,
    }
    with na(conversa.organizacao_id):
        return Mensagem.objects.create(
            organizacao_id=conversa.organizacao_id,
            conversa=conversa,
            conexao_id=conversa.conexao_id,
            texto=texto,
            **padrao | campos,
        )


def minutos(quantos: int) -> datetime:
    return MEIO_DIA + timedelta(minutes=quantos)


@pytest.fixture
def rita(gente: SimpleNamespace) -> Contato:
    """A contact of aurora."""
    return novo_contato(gente.aurora, telefone="+5531988887777", email="rita@x.test")


@pytest.fixture
def tito(gente: SimpleNamespace) -> Contato:
    """A contact of brisa."""
    return novo_contato(gente.brisa, "Tito Telles", telefone="+5541999990001")


@pytest.fixture
def conversa(gente: SimpleNamespace, rita: Contato) -> Conversa:
    """Rita writes to bruno's number."""
    return nova_conversa(rita, gente.bruno)


@pytest.fixture
def alheia(gente: SimpleNamespace, tito: Contato) -> Conversa:
    """Tito writes to davi's number, in the other organisation."""
    return nova_conversa(tito, gente.davi)
