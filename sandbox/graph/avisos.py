"""Webhooks as Meta writes and signs them."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sandbox.graph.estado import ESTADO, Lead, Pagina, agora

# Beyond \uXXXX, which json writes by itself. None of these is JSON's own punctuation.
ESCAPES = {"/": "\\/", "<": "\\u003C", "%": "\\u0025", "@": "\\u0040"}
TESTE_LEAD, TESTE_PAGINA = "444444444444", "0"


def escrever(corpo: Any) -> bytes:
    """Meta's own spelling of JSON: the signature is over these very bytes."""
    texto = json.dumps(corpo, separators=(",", ":"))
    for sinal, escape in ESCAPES.items():
        texto = texto.replace(sinal, escape)
    return texto.encode()


def cabecalhos(corpo: bytes) -> dict[str, str]:
    chave = ESTADO.app.segredo.encode()
    assinado = hmac.new(chave, corpo, hashlib.sha256).hexdigest()
    antigo = hmac.new(chave, corpo, hashlib.sha1).hexdigest()
    return {
        "Content-Type": "application/json",
        "User-Agent": "facebookexternalua",
        "Accept": "*/*",
        "X-Hub-Signature": f"sha1={antigo}",
        "X-Hub-Signature-256": f"sha256={assinado}",
    }


def de_leads(leads: Sequence[Lead], nota: str = "") -> dict[str, Any]:
    """One delivery: an entry per run of leads of a page. `nota` is a field that nobody
    knows, for what its signs do to the escaping."""
    entradas = []
    for pagina, dela in groupby(leads, key=lambda lead: lead.formulario.pagina):
        mudancas = [_mudanca(lead, nota) for lead in dela]
        entradas.append(
            {"id": _id(pagina, pagina.id), "time": agora(), "changes": mudancas}
        )
    return {"object": "page", "entry": entradas}


def do_painel() -> dict[str, Any]:
    """The dashboard's Test button: ids that are nobody's."""
    valor = {
        "ad_id": TESTE_LEAD,
        "form_id": TESTE_LEAD,
        "leadgen_id": TESTE_LEAD,
        "created_time": agora(),
        "page_id": TESTE_LEAD,
        "adgroup_id": TESTE_LEAD,
    }
    mudanca = {"field": "leadgen", "value": valor}
    entrada = {"id": TESTE_PAGINA, "time": agora(), "changes": [mudanca]}
    return {"object": "page", "entry": [entrada]}


def signed_request(fatos: dict[str, Any]) -> str:
    partes = [_base64(json.dumps(fatos, separators=(",", ":")).encode())]
    conta = hmac.new(
        ESTADO.app.segredo.encode(), partes[0].encode(), hashlib.sha256
    ).digest()
    return f"{_base64(conta)}.{partes[0]}"


def _mudanca(lead: Lead, nota: str) -> dict[str, Any]:
    pagina = lead.formulario.pagina
    valor: dict[str, Any] = {
        "created_time": lead.criado_em,
        "leadgen_id": _id(pagina, lead.id),
        "page_id": _id(pagina, pagina.id),
        "form_id": _id(pagina, lead.formulario.id),
    }
    if lead.teste:
        valor |= {"ad_id": _id(pagina, "0"), "adgroup_id": _id(pagina, "0")}
    elif lead.anuncio is not None:
        anuncio = _id(pagina, lead.anuncio.id)
        valor |= {"ad_id": anuncio, "adgroup_id": anuncio}
    if nota:
        valor["note"] = nota
    return {"field": "leadgen", "value": valor}


def _id(pagina: Pagina, id_: str) -> str | int:
    return int(id_) if pagina.ids_numericos else id_


def _base64(octetos: bytes) -> str:
    return base64.urlsafe_b64encode(octetos).decode().rstrip("=")
