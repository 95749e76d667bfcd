"""Calls of the API of WhatsApp, and who makes them."""

from collections.abc import Callable
from typing import Any

from django.test import Client

BASE = "/api/v1/conexoes/whatsapp"

LEITURAS, ORDENS = ("qr-code", "status"), ("iniciar", "desconectar", "grupos", "codigo")

CORPOS: dict[str, Any] = {
    "iniciar": {"aceito_risco": True},
    "grupos": {"recebe": True},
    "codigo": {"telefone": "(11) 99999-0000"},
}

Cabecalhos = Callable[[str], dict[str, str]]

Entrar = Callable[[str], Client]


def ler(nome: str, cabecalhos: dict[str, str]) -> Any:
    return Client().get(f"{BASE}/{nome}", headers=cabecalhos)


def mandar(nome: str, cabecalhos: dict[str, str], **corpo: Any) -> Any:
    return Client().post(
        f"{BASE}/{nome}",
        corpo or CORPOS.get(nome, {}),
        content_type="application/json",
        headers=cabecalhos,
    )


def chamar(nome: str, cabecalhos: dict[str, str]) -> Any:
    return (ler if nome in LEITURAS else mandar)(nome, cabecalhos)
