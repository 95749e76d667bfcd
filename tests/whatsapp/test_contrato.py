"""How WhatsApp is spoken to, for the promises every integration keeps; and its own."""

from __future__ import annotations

import hashlib
import hmac
import json
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from conexoes.models import (
    CredencialGlobal,
    EventoPendente,
    SegredoWebhook,
)
from conexoes.provedores import destino
from conexoes.tenancy import na
from crm.models import Conversa, Mensagem
from tests.contrato import AdaptadorDeWebhook, ContratoDeWebhook
from tests.retrato import escrito
from tests.trabalho import drenar_saida
from tests.whatsapp.dominio import (
    SEGREDO,
    carregar,
    criar_sessao,
    escrever,
    todas,
    uma,
    usar_servidor,
)
from tests.whatsapp.waha import Entregador, Ponte
from whatsapp import provedor
from whatsapp.models import AckAdiantado, SessaoWhatsapp
from whatsapp.services import sessoes

CHAVE_DA_API = "chave-secreta-da-api"
QR = "2@codigo-do-qr"


class Waha(AdaptadorDeWebhook):
    """Ana's number; her work is a reaction, which may be sent any number of times."""

    slug = app = "whatsapp"
    aceito = (200, {})
    ditos = ("quero um orçamento", "553188887777", "Carlos Lima")

    def apontar(self, url: str) -> None:
        usar_servidor(url, CHAVE_DA_API)

    def conectar(self, pessoa: Any) -> SessaoWhatsapp:
        return criar_sessao(pessoa, qr=QR)

    def trabalhar(self, navegador: Client) -> None:
        self.entregar()
        url = f"/mensagens/{uma(Mensagem).pk}/reagir/"
        assert navegador.post(url, {"emoji": "👍"}).status_code == 302

    def precisa_reautorizar(self, conexao: Any) -> bool:
        atual = uma(SessaoWhatsapp, pk=conexao.pk)
        return (atual.status, atual.motivo) != ("connected", "")

    def segredos(self) -> list[str]:
        return [
            uma(SegredoWebhook).segredo,
            uma(CredencialGlobal).segredo,
            uma(SessaoWhatsapp).qr,
        ]

    def entrega(self, *, conta: str = "", repetida: bool = False) -> bytes:
        corpo = carregar("message__texto.json")
        corpo["session"] = conta or uma(SessaoWhatsapp).session_name
        if repetida:
            corpo["id"] = "evt_outro"
        return json.dumps(corpo, ensure_ascii=False).encode()

    def endereco(self) -> str:
        return f"/webhooks/waha/{self.gente.aurora.pk}"

    def assinar(self, corpo: bytes, segredo: str = SEGREDO) -> dict[str, str]:
        conta = hmac.new(segredo.encode(), corpo, hashlib.sha512).hexdigest()
        return {"X-Webhook-Hmac": conta}


class TestContrato(ContratoDeWebhook):
    Adaptador = Waha


def test_early_acks_are_invisible_outside_their_organisation(
    entregar: Entregador, gente: SimpleNamespace
) -> None:
    entregar.ack(2, id_="3EB0A")

    with na(gente.brisa):
        assert AckAdiantado.objects.count() == 0
    with na(gente.aurora):
        assert AckAdiantado.objects.count() == 1


def test_secrets_are_unreadable_in_table_and_log_from_the_first_qr_code_on(
    ponte: Ponte, gente: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    with na(gente.aurora):
        ponte.nome = sessoes.conectar_sessao(gente.ana, aceita_risco=True).session_name
    ponte.ate(lambda: uma(SessaoWhatsapp).qr)
    segredo, qr = uma(SegredoWebhook).segredo, uma(SessaoWhatsapp).qr
    chave = uma(CredencialGlobal).segredo
    assert all((segredo, qr, chave))

    no_banco = escrito("conexoes", "crm", "whatsapp")
    no_log = "\n".join(str(vars(registro)) for registro in caplog.records)

    assert "chamada_externa" in no_log
    for secreto in (segredo, qr, chave):
        assert secreto not in no_banco
        assert secreto not in no_log


def test_what_people_write_is_in_no_log(
    entregar: Entregador, caplog: pytest.LogCaptureFixture, gente: SimpleNamespace
) -> None:
    caplog.set_level("DEBUG")
    entregar("message__texto.json")
    usar_servidor("http://127.0.0.1:1")
    escrever(uma(Conversa), "resposta confidencial", gente.ana)
    drenar_saida()
    entregar("message__texto.json", timestamp="ruim")

    # psycopg and Django log SQL at DEBUG; the product logs at INFO.
    linhas = [r for r in caplog.records if not r.name.startswith("django.db")]
    tudo = "\n".join(f"{r.getMessage()} {vars(r)}" for r in linhas)
    assert "trabalho_falhou" in tudo
    for pedaco in ("orçamento", "confidencial", "553188887777", "Carlos"):
        assert pedaco not in tudo


def test_every_destino_is_listed() -> None:
    assert set(provedor.PROVEDOR.destinos) == {
        "waha.webhook",
        "whatsapp.desligamento",
        "whatsapp.envio",
        "whatsapp.historico",
        "whatsapp.lid",
        "whatsapp.midia",
        "whatsapp.reacao",
        "whatsapp.sessao",
        "whatsapp.visto",
    }
    assert destino("whatsapp.envio").operacao.tentativas == 3
    assert destino("whatsapp.envio").operacao.cauda_longa is False


def test_credential_is_tested_against_the_server(ponte: Ponte) -> None:
    resposta = provedor.testar_credencial(uma(CredencialGlobal))

    assert resposta == "O servidor respondeu: WAHA 2026.6.1, motor NOWEB, edição CORE."


def test_another_organisation_finds_no_work_to_repeat(
    entrar: Any, entregar: Entregador, gente: SimpleNamespace
) -> None:
    entregar("message__texto.json")
    mensagem = escrever(uma(Conversa), "Olá!", gente.ana)

    for caminho in (
        f"/conversas/{uma(Conversa).pk}/responder/",
        f"/mensagens/{mensagem.pk}/reenviar/",
        f"/mensagens/{mensagem.pk}/confirmar/",
    ):
        assert entrar("carla").post(caminho, {"texto": "x"}).status_code == 404
    assert len(todas(EventoPendente)) == 1
