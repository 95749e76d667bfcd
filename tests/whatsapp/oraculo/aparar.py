"""Cut a WAHA server's OpenAPI document, stdin to stdout, to what the sandbox fakes."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

APARADO = Path(__file__).with_name("waha-openapi.json")
CAMINHOS = (
    *("/ping", "/health", "/api/server/version", "/api/server/status"),
    *("/api/sessions", "/api/sessions/{session}", "/api/sessions/{session}/me"),
    *(f"/api/sessions/{{session}}/{v}" for v in ("start", "stop", "restart", "logout")),
    *(f"/api/{{session}}/auth/{v}" for v in ("qr", "request-code")),
    *(f"/api/send{v}" for v in ("Text", "Image", "File", "Voice", "Video", "Seen")),
    *("/api/sendLocation", "/api/sendContactVcard", "/api/reaction"),
    *("/api/startTyping", "/api/stopTyping", "/api/contacts/check-exists"),
    *("/api/{session}/chats", "/api/{session}/chats/overview"),
    "/api/{session}/chats/{chatId}/messages",
    "/api/{session}/chats/{chatId}/messages/read",
    "/api/{session}/chats/{chatId}/messages/{messageId}",
    *(
        f"/api/{{session}}/lids{v}"
        for v in ("", "/count", "/{lid}", "/pn/{phoneNumber}")
    ),
    *(f"/api/{{session}}/groups{v}" for v in ("", "/count", "/{id}")),
    *(f"/api/{{session}}/groups/{{id}}/participants{v}" for v in ("", "/v2")),
    *("/api/{session}/presence", "/api/{session}/presence/{chatId}"),
    "/api/{session}/presence/{chatId}/subscribe",
)
EVENTOS = (
    *("WAHAWebhookSessionStatus", "WAHAWebhookMessage", "WAHAWebhookMessageAny"),
    *(
        "WAHAWebhookMessageReaction",
        "WAHAWebhookMessageAck",
        "WAHAWebhookMessageAckGroup",
    ),
    *("WAHAWebhookMessageRevoked", "WAHAWebhookMessageEdited"),
    "WAHAWebhookPresenceUpdate",
)
METODOS = ("get", "post", "put", "delete")
DA_OPERACAO = ("parameters", "requestBody", "responses")
SOBRAS = {
    "description",
    "example",
    "examples",
    "default",
    "deprecated",
    "title",
    "tags",
}


def aparar(documento: dict[str, Any]) -> dict[str, Any]:
    caminhos = {
        caminho: {
            metodo: {
                parte: _limpar(operacao[parte])
                for parte in DA_OPERACAO
                if parte in operacao
            }
            for metodo, operacao in documento["paths"][caminho].items()
            if metodo in METODOS
        }
        for caminho in CAMINHOS
    }
    todos = documento["components"]["schemas"]
    esquemas = {nome: _limpar(todos[nome]) for nome in EVENTOS}
    a_ver = [*_citados(caminhos), *_citados(esquemas)]
    while a_ver:
        nome = a_ver.pop()
        if nome not in esquemas:
            esquemas[nome] = _limpar(todos[nome])
            a_ver += _citados(esquemas[nome])
    versao = {"version": documento["info"]["version"], "title": "WAHA"}
    return {
        "openapi": documento["openapi"],
        "info": versao,
        "paths": caminhos,
        "components": {"schemas": dict(sorted(esquemas.items()))},
    }


def _limpar(no: Any) -> Any:
    if isinstance(no, list):
        return [_limpar(parte) for parte in no]
    if not isinstance(no, dict):
        return no
    # A property may well be called "description": below "properties" all keys stay.
    limpo = {
        chave: {nome: _limpar(p) for nome, p in valor.items()}
        if chave == "properties"
        else _limpar(valor)
        for chave, valor in no.items()
        if chave not in SOBRAS and chave != "nullable"
    }
    if isinstance(limpo.get("required"), bool) and "in" not in limpo:
        del limpo["required"]
    if no.get("nullable") and isinstance(limpo.get("type"), str):
        limpo["type"] = [limpo["type"], "null"]
    return limpo


def _citados(no: Any) -> Iterator[str]:
    if isinstance(no, dict):
        for chave, valor in no.items():
            if chave == "$ref":
                yield valor.rpartition("/")[2]
            else:
                yield from _citados(valor)
    elif isinstance(no, list):
        for parte in no:
            yield from _citados(parte)


if __name__ == "__main__":
    json.dump(aparar(json.load(sys.stdin)), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")
