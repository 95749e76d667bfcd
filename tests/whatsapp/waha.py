"""WAHA's side of the wire: what it delivers, and servers to call."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.test import Client

from conexoes.models import WebhookRecebido
from tests.sandbox.conftest import Receptor, Sandbox
from tests.trabalho import drenar, drenar_entrada
from tests.whatsapp.dominio import CHAT, SEGREDO, carregar, uma
from whatsapp.models import EVENTOS, SessaoWhatsapp
from whatsapp.services.sessoes import url_do_webhook


class Entregador:
    """WAHA delivering to an organisation: signs, posts to the real URL, drains."""

    def __init__(self, sessao: SessaoWhatsapp) -> None:
        self.sessao = sessao
        self.organizacao_id: UUID = sessao.organizacao_id
        self.segredo = SEGREDO

    def __call__(
        self,
        nome: str,
        *,
        envelope: dict[str, Any] | None = None,
        dados: dict[str, Any] | None = None,
        **payload: Any,
    ) -> WebhookRecebido:
        """Deliver a fixture with fields of its payload, its envelope or its ``_data``
        changed; the row that keeps it."""
        corpo = self.corpo(nome, envelope=envelope, dados=dados, **payload)
        return self.cru(json.dumps(corpo, ensure_ascii=False).encode())

    def corpo(
        self,
        nome: str,
        *,
        envelope: dict[str, Any] | None = None,
        dados: dict[str, Any] | None = None,
        **payload: Any,
    ) -> dict[str, Any]:
        corpo = carregar(nome) | {"session": self.sessao.session_name}
        corpo |= envelope or {}
        corpo["payload"] |= payload
        if dados:
            corpo["payload"]["_data"] |= dados
        return corpo

    def cru(self, corpo: bytes) -> WebhookRecebido:
        resposta = self.postar(corpo)
        assert resposta.status_code == 200
        drenar_entrada()
        chave = hashlib.sha256(corpo).hexdigest()
        return uma(WebhookRecebido, chave=chave, endpoint=f"waha:{self.organizacao_id}")

    def postar(
        self, corpo: bytes, cabecalhos: dict[str, str] | None = None
    ) -> HttpResponse:
        conta = hmac.new(self.segredo.encode(), corpo, hashlib.sha512).hexdigest()
        return Client().post(
            f"/webhooks/waha/{self.organizacao_id}",
            data=corpo,
            content_type="application/json",
            headers=cabecalhos or {"X-Webhook-Hmac": conta},
        )

    def recado(
        self, texto: str, *, id_: str, chat: str = CHAT, **payload: Any
    ) -> WebhookRecebido:
        """A customer's message: the recorded one with another text, id and chat."""
        jid = chat.replace("@c.us", "@s.whatsapp.net")
        chave = {"remoteJid": jid, "fromMe": False, "id": id_}
        return self(
            "message__texto.json",
            id=f"false_{chat}_{id_}",
            body=texto,
            dados={"key": chave} | payload.pop("dados", {}),
            **{"from": chat},
            **payload,
        )

    def ack(self, ack: int, *, id_: str, chat: str = CHAT) -> WebhookRecebido:
        return self("ack__servidor.json", id=f"true_{chat}_{id_}", ack=ack)


class Ponte:
    """The sandbox as WAHA: what it posts is carried to the real URL and drained."""

    def __init__(self, sandbox: Sandbox, receptor: Receptor) -> None:
        self.sandbox = sandbox
        self.receptor = receptor
        self.nome = ""
        self._levados = 0

    def ate(self, achar: Callable[[], Any], prazo: float = 30) -> Any:
        """Carry and drain until ``achar`` finds something; that."""
        fim = time.monotonic() + prazo
        while True:
            self.levar()
            drenar()
            if achado := achar():
                return achado
            assert time.monotonic() < fim, "did not happen in time"
            time.sleep(0.01)

    def levar(self) -> None:
        for recebido in self.receptor.recebidos[self._levados :]:
            self._levados += 1
            assinatura = recebido.cabecalhos["X-Webhook-Hmac"]
            resposta = Client().post(
                recebido.caminho,
                data=recebido.corpo,
                content_type="application/json",
                headers={"X-Webhook-Hmac": assinatura},
            )
            assert resposta.status_code == 200

    def assentar(self) -> None:
        """Until nothing is under way on either side."""
        self.ate(lambda: not self._pendentes() and not self._a_levar())

    def falhar(self, tipo: str, **campos: Any) -> None:
        assert self.sandbox.controle("falha", tipo=tipo, **campos).ok

    def mandar(self, acao: str, **campos: Any) -> dict[str, Any]:
        """Press a button of the session on the control page."""
        resposta = self.sandbox.controle(f"sessoes/{self.nome}/{acao}", **campos)
        assert resposta.ok, resposta.text
        return resposta.json()

    def no_celular(self) -> list[dict[str, Any]]:
        """The messages that WhatsApp has, as the phone shows them."""
        [sessao] = self.sandbox.estado()["sessoes"]
        return sessao["mensagens"]

    def chamadas(self) -> list[tuple[str, str]]:
        """Method and path of each call to the API, oldest first."""
        diario = reversed(self.sandbox.estado()["chamadas"])
        return [(c["metodo"], c["caminho"]) for c in diario]

    def _pendentes(self) -> int:
        return self.sandbox.estado()["contagens"]["webhooks_pendentes"]

    def _a_levar(self) -> int:
        return len(self.receptor.recebidos) - self._levados


def na_lista(sessao: SessaoWhatsapp, **troca: Any) -> dict[str, Any]:
    """A session as GET /api/sessions shows it, all in order, with fields changed."""
    webhook = {
        "url": url_do_webhook(sessao.organizacao_id),
        "events": list(reversed(EVENTOS)),
    }
    return {
        "name": sessao.session_name,
        "status": "WORKING",
        "config": {"ignore": {"groups": True}, "webhooks": [webhook]},
        "me": {"id": "5511999990000@c.us", "pushName": "Ana Vendas"},
    } | troca
