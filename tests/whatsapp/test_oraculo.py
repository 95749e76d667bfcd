"""Every request of the client, held against the document WAHA gives of itself."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from jsonschema import Draft202012Validator

from conexoes.tenancy import na
from tests.sandbox.conftest import CHAVE
from tests.servidor import Servidor
from tests.trabalho import drenar_saida
from tests.whatsapp.client.chamadas import CHAMADAS, CHAT, CONFIG, EM_LISTA, NOME
from tests.whatsapp.dominio import usar_servidor
from tests.whatsapp.oraculo.aparar import APARADO
from whatsapp.client import WahaClient
from whatsapp.services import sessoes

TEXTO = {"type": "string"}
# Where the server that was run differs from its own document.
EXCECOES = {
    # Written down as "object" without more; the server and its own samples use text.
    ("VideoBinaryFile", "mimetype"): TEXTO,
    ("VideoBinaryFile", "filename"): TEXTO,
    ("VoiceBinaryFile", "mimetype"): TEXTO,
    ("VoiceBinaryFile", "filename"): TEXTO,
    ("WebhookConfig", "events"): {"type": "array", "items": TEXTO},
    # Every sample of the document for PUT has a name; its schema forgot it.
    ("SessionUpdateRequest", "name"): TEXTO,
}


def ler() -> dict[str, Any]:
    """The document, made as strict as we want it: what a schema does not name, WAHA
    drops in silence, and a request that loses a field is a wrong one."""
    documento = json.loads(APARADO.read_text(encoding="utf-8"))
    schemas = documento["components"]["schemas"]
    for (schema, campo), forma in EXCECOES.items():
        schemas[schema]["properties"][campo] = forma
    for schema in schemas.values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return documento


DOCUMENTO = ler()


def conferir(metodo: str, alvo: str, corpo: Any) -> None:
    """Fail unless the server's own document has this very request."""
    partes = urlsplit(alvo)
    modelo, no_caminho = achar(partes.path)
    operacao = DOCUMENTO["paths"][modelo][metodo.lower()]
    dados = {"path": no_caminho, "query": parse_qsl(partes.query)}
    conferir_parametros(operacao.get("parameters", []), dados)
    if "requestBody" in operacao:
        forma = operacao["requestBody"]["content"]["application/json"]["schema"]
        conferir_valor(corpo, forma)
    else:
        assert corpo is None, f"{modelo} takes no body"


def achar(caminho: str) -> tuple[str, list[tuple[str, str]]]:
    """The path of the document with the fewest holes, and what fills them."""
    achados = []
    for modelo in DOCUMENTO["paths"]:
        nomes = re.findall(r"\{(\w+)\}", modelo)
        padrao = re.sub(r"\\{\w+\\}", "([^/]+)", re.escape(modelo))
        if achado := re.fullmatch(padrao, caminho):
            valores = [unquote(valor) for valor in achado.groups()]
            achados.append((modelo, list(zip(nomes, valores, strict=True))))
    assert achados, f"WAHA has no {caminho}"
    return min(achados, key=lambda um: len(um[1]))


def conferir_parametros(
    formas: list[dict[str, Any]], dados: dict[str, list[tuple[str, str]]]
) -> None:
    conhecidos = {(forma["in"], forma["name"]): forma for forma in formas}
    dados_por_nome = {(lugar, n): v for lugar, ps in dados.items() for n, v in ps}
    exigidos = {chave for chave, forma in conhecidos.items() if forma.get("required")}
    assert exigidos <= dados_por_nome.keys() <= conhecidos.keys()
    for chave, texto in dados_por_nome.items():
        forma = conhecidos[chave]["schema"]
        livre = forma.get("type", "string") == "string"
        conferir_valor(texto if livre else json.loads(texto), forma)


def conferir_valor(valor: Any, forma: dict[str, Any]) -> None:
    forma = {**forma, "components": DOCUMENTO["components"]}
    erros = [
        f"{'/'.join(map(str, erro.absolute_path))}: {erro.message}"
        for erro in Draft202012Validator(forma).iter_errors(valor)
    ]
    assert erros == []


@pytest.mark.parametrize("nome", sorted(CHAMADAS))
def test_request_is_in_the_servers_own_document(
    servidor: Servidor, db: None, nome: str
) -> None:
    resposta: Any = [] if nome in EM_LISTA else {"id": f"true_{CHAT}_3EB0A"}
    servidor.respostas = [(201, resposta)] * 3

    CHAMADAS[nome](WahaClient(servidor.url, CHAVE))

    # Removing logs out, stops and deletes.
    assert len(servidor.pedidos) == (3 if nome == "remover" else 1)
    for pedido in servidor.pedidos:
        conferir(*pedido)


def test_each_step_for_a_session_that_exists_is_in_the_document(
    servidor: Servidor, db: None
) -> None:
    ja_existe = {"message": f"Session '{NOME}' already exists. Use PUT to update it."}
    servidor.respostas = [(422, ja_existe), (200, {}), (201, {})]

    WahaClient(servidor.url, CHAVE).criar_sessao(NOME, CONFIG)

    assert len(servidor.pedidos) == 3
    for pedido in servidor.pedidos:
        conferir(*pedido)


def test_config_that_the_product_asks_for_is_in_the_document(
    servidor: Servidor, gente: SimpleNamespace
) -> None:
    usar_servidor(servidor.url)
    servidor.respostas = [(201, {})]
    with na(gente.aurora):
        sessoes.conectar_sessao(gente.ana, aceita_risco=True)

    drenar_saida()

    [pedido] = servidor.pedidos
    assert pedido[:2] == ("POST", "/api/sessions")
    conferir(*pedido)


@pytest.mark.parametrize(
    ("metodo", "alvo", "corpo"),
    [
        ("POST", f"/api/{NOME}/logout", None),
        ("POST", "/api/sendText", {"session": NOME, "chatId": "x"}),
        ("POST", "/api/sendText", {"session": NOME, "chatId": "x", "text": 1}),
        ("PUT", "/api/reaction", {"session": NOME, "messageId": "x", "emoji": "x"}),
        ("GET", f"/api/{NOME}/auth/qr?format=png", None),
        ("GET", f"/api/{NOME}/auth/qr", None),
        ("GET", f"/api/{NOME}/chats/overview?limit=dez", None),
        ("GET", f"/api/{NOME}/chats/overview?limite=10", None),
        ("POST", "/api/sessions", {"name": NOME, "webhooks": []}),
        ("POST", f"/api/sessions/{NOME}/start", {"start": True}),
    ],
    ids=[
        "no such path",
        "field is missing",
        "field of another type",
        "field that would be dropped",
        "value outside the enumeration",
        "parameter is missing",
        "parameter of another type",
        "unknown parameter",
        "field in the wrong place",
        "body where none is read",
    ],
)
def test_the_oracle_can_say_no(metodo: str, alvo: str, corpo: Any) -> None:
    with pytest.raises((AssertionError, ValueError)):
        conferir(metodo, alvo, corpo)
