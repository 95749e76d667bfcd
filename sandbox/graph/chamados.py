"""Calls Meta makes about a person: she left the app, she wants her data deleted."""

import threading
from typing import Any
from urllib.parse import urlsplit

import requests

from sandbox.graph.avisos import signed_request
from sandbox.graph.entregas import SO_DAQUI
from sandbox.graph.estado import ESTADO, Pessoa, agora
from sandbox.relogio import agora_ms
from sandbox.waha.entregas import url_local

DESAUTORIZAR, EXCLUSAO = "/webhooks/meta/desautorizar", "/webhooks/meta/exclusao"
PRAZO, GUARDADOS = 10, 20


class SemEndereco(LookupError):
    """Nobody ever told where the product is."""


def desautorizar(pessoa: Pessoa, url: str = "") -> None:
    _chamar("desautorizar", pessoa, url or _endereco(DESAUTORIZAR))


def pedir_exclusao(pessoa: Pessoa, url: str = "") -> None:
    _chamar("exclusao", pessoa, url or _endereco(EXCLUSAO))


def _endereco(caminho: str) -> str:
    """Beside the webhook, where the app's dashboard would have it."""
    assinatura = ESTADO.app.assinaturas.get("page")
    if assinatura is None:
        raise SemEndereco("O app ainda não assina webhooks: não há para onde mandar.")
    partes = urlsplit(assinatura.callback)
    return f"{partes.scheme}://{partes.netloc}{caminho}"


def _chamar(tipo: str, pessoa: Pessoa, url: str) -> None:
    fatos = {
        "user_id": pessoa.id,
        "algorithm": "HMAC-SHA256",
        "issued_at": agora(),
    }
    retorno: dict[str, Any] = {
        "tipo": tipo,
        "pessoa": pessoa.nome,
        "url": url,
        "em": agora_ms(),
        "status": None,
        "resposta": "",
    }
    ESTADO.retornos = [retorno, *ESTADO.retornos][:GUARDADOS]
    argumentos = (retorno, signed_request(fatos))
    threading.Thread(target=_postar, args=argumentos, daemon=True).start()


def _postar(retorno: dict[str, Any], assinado: str) -> None:
    if not url_local(retorno["url"]):
        retorno["resposta"] = SO_DAQUI
        return
    try:
        with requests.Session() as http:
            http.trust_env = False
            resposta = http.post(
                retorno["url"],
                data={"signed_request": assinado},
                timeout=PRAZO,
                allow_redirects=False,
            )
    except requests.RequestException:
        retorno["resposta"] = "sem conexão"
        return
    retorno["status"], retorno["resposta"] = resposta.status_code, resposta.text[:500]
