"""A Graph that has leads, and what Meta's door is told of them."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.meta.conftest import ler
from tests.meta.portas import postar
from tests.servidor import Servidor
from tests.trabalho import drenar, drenar_entrada

PAGINA = "103000000000001"
FORMULARIO = "7001001001"
SEM_OBJETO = ler("erro__sem_objeto")
SAUDE = ler("saude__boa")
SEM_ACESSO = ler("saude__gerenciador")


class GraphDeLeads(Servidor):
    """Answers multi-gets out of ``leads``: a lead's JSON, or the error it has.

    ``recusa`` answers every read instead, and what comes with a token of ``sem_token``
    is told that it is dead; ``saude`` answers ``has_lead_access``, and ``inspecao``
    says what Meta thinks of the account's token.
    """

    def __init__(self) -> None:
        super().__init__()
        self.leads: dict[str, Any] = {}
        self.recusa: Any = None
        self.sem_token: set[str] = set()
        self.saude: Any = SAUDE
        self.inspecao: Any = ler("inspecao__valida")
        self.lidos: list[list[str]] = []
        self.perguntas = 0

    def _responder(self, pedido: BaseHTTPRequestHandler) -> None:
        partes = urlsplit(pedido.path)
        campos = dict(parse_qsl(partes.query))
        token = (pedido.headers["Authorization"] or "").removeprefix("Bearer ")
        if token in self.sem_token:
            self.respostas.append((400, ler("erro__token_vencido")))
        else:
            self.respostas.append(self._resposta(partes.path, campos))
        super()._responder(pedido)

    def _resposta(self, caminho: str, campos: dict[str, str]) -> tuple[int, Any]:
        if caminho.endswith("/debug_token"):
            return 200, self.inspecao
        if caminho.endswith("/subscribed_apps"):
            return 200, ler("inscricao__leadgen")
        if "has_lead_access" in campos.get("fields", ""):
            self.perguntas += 1
            return 403 if "error" in self.saude else 200, self.saude
        ids = [um for um in campos.get("ids", "").split(",") if um]
        self.lidos.append(ids)
        if self.recusa:
            return self.recusa
        lidos = {id_: self.leads.get(id_, SEM_OBJETO) for id_ in ids}
        for id_, lido in lidos.items():
            # One id that cannot be read fails the whole call.
            if "error" in lido:
                return 400, _nomeando(lido, id_)
        return 200, lidos


def lead(leadgen_id: str, **respostas: Any) -> dict[str, Any]:
    """A lead as Graph has it; answers are a text or a list of them."""
    padrao = {
        "full_name": f"Pessoa {leadgen_id}",
        "email": f"p{leadgen_id}@exemplo.com.br",
        "phone_number": f"+55119{int(leadgen_id) % 10**8:08}",
    }
    return {
        "id": leadgen_id,
        "created_time": "2026-01-01T00:00:01+0000",
        "form_id": FORMULARIO,
        "platform": "ig",
        "is_organic": False,
        "ad_id": "120001",
        "ad_name": "Anúncio A",
        "field_data": [
            {"name": chave, "values": v if isinstance(v, list) else [v]}
            for chave, v in (padrao | respostas).items()
        ],
        "custom_disclaimer_responses": [
            {"checkbox_key": "aceito_whatsapp", "is_checked": "1"}
        ],
    }


def mudanca(leadgen_id: str, page_id: str = PAGINA, **campos: Any) -> dict[str, Any]:
    valor = {
        "created_time": 1767225590,
        "leadgen_id": leadgen_id,
        "page_id": page_id,
        "form_id": FORMULARIO,
        "ad_id": "120001",
    }
    return {"field": "leadgen", "value": valor | campos}


def corpo(*mudancas: Any, page_id: str = PAGINA) -> bytes:
    """One delivery with these changes of a page."""
    entrada = {"id": page_id, "time": 1767225601, "changes": list(mudancas)}
    return json.dumps({"object": "page", "entry": [entrada]}).encode()


def avisar(*leadgen_ids: str, page_id: str = PAGINA) -> None:
    """Meta delivers, and what arrived is split; nothing is read yet."""
    avisos = [mudanca(leadgen_id, page_id) for leadgen_id in leadgen_ids]
    assert postar(corpo(*avisos, page_id=page_id)).status_code == 200
    drenar_entrada()


def entregar(
    graph: GraphDeLeads, *leads: dict[str, Any], page_id: str = PAGINA
) -> None:
    """Leads happen at Meta, are told of, and everything is done."""
    graph.leads |= {um["id"]: um for um in leads}
    avisar(*(um["id"] for um in leads), page_id=page_id)
    drenar()


def _nomeando(erro: dict[str, Any], id_: str) -> dict[str, Any]:
    return json.loads(json.dumps(erro).replace("9002002", id_))
