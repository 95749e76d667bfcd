"""One example of every call that the client can make."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from whatsapp.client import WahaClient

NOME = "wpp-0123456789abcdef0123-0123456789abcdef0123"
CHAT = "553188887777@c.us"
LID = "118800000000001@lid"
MENSAGEM = f"false_{CHAT}_3EB0C767D097B7C7B7A5"
DESDE = datetime(2026, 11, 22, 12, tzinfo=UTC)
EVENTOS = ["session.status", "message.any", "message.ack"]
CONFIG: dict[str, Any] = {
    "metadata": {"sessao_id": "1"},
    "ignore": {"status": True, "groups": True, "channels": True},
    "noweb": {"markOnline": False, "store": {"enabled": True, "fullSync": False}},
    "webhooks": [
        {
            "url": "http://127.0.0.1:1/webhooks/waha/1",
            "events": EVENTOS,
            "hmac": {"key": "segredo-do-webhook"},
            "retries": {"policy": "exponential", "delaySeconds": 2, "attempts": 15},
        }
    ],
}
LIXO = b"<html>502 Bad Gateway</html>"


def arquivo(
    tipo: str, mimetype: str, nome: str, **opcoes: str
) -> Callable[[WahaClient], str]:
    return lambda c: c.enviar_arquivo(
        NOME,
        CHAT,
        tipo=tipo,
        conteudo=b"\x00conteudo",
        mimetype=mimetype,
        arquivo=nome,
        **opcoes,
    )


# "method" or "method variant"; a test holds the methods against the class.
CHAMADAS: dict[str, Callable[[WahaClient], Any]] = {
    "versao": lambda c: c.versao(),
    "sessoes": lambda c: c.sessoes(),
    "criar_sessao": lambda c: c.criar_sessao(NOME, CONFIG),
    "configurar": lambda c: c.configurar(NOME, CONFIG),
    "iniciar": lambda c: c.iniciar(NOME),
    "reiniciar": lambda c: c.reiniciar(NOME),
    "parar": lambda c: c.parar(NOME),
    "remover": lambda c: c.remover(NOME),
    "qr": lambda c: c.qr(NOME),
    "pedir_codigo": lambda c: c.pedir_codigo(NOME, "+5511999990000"),
    "enviar_texto": lambda c: c.enviar_texto(NOME, CHAT, "Olá! 👋"),
    "enviar_texto citando": lambda c: c.enviar_texto(
        NOME, CHAT, "Sim", responde_a=MENSAGEM
    ),
    "enviar_arquivo imagem": arquivo("imagem", "image/png", "a.png", legenda="Planta"),
    "enviar_arquivo video": arquivo("video", "video/webm", "a.webm", legenda="Tour"),
    "enviar_arquivo audio": arquivo("audio", "audio/webm", "a.webm"),
    "enviar_arquivo documento": arquivo(
        "documento", "application/pdf", "a.pdf", responde_a=MENSAGEM
    ),
    "reagir": lambda c: c.reagir(NOME, MENSAGEM, "👍"),
    "reagir tirando": lambda c: c.reagir(NOME, MENSAGEM, ""),
    "marcar_como_vista": lambda c: c.marcar_como_vista(NOME, CHAT, [MENSAGEM]),
    "digitar": lambda c: c.digitar(NOME, CHAT, digitando=True),
    "digitar parando": lambda c: c.digitar(NOME, CHAT, digitando=False),
    "endereco_de": lambda c: c.endereco_de(NOME, "+5531988887777"),
    "conversas": lambda c: c.conversas(NOME, quantas=50, pular=100),
    "mensagens": lambda c: c.mensagens(NOME, CHAT, quantas=30),
    "mensagens desde": lambda c: c.mensagens(
        NOME, LID, quantas=30, pular=60, desde=DESDE, com_midia=True
    ),
    "telefone_do_lid": lambda c: c.telefone_do_lid(NOME, LID),
    "arquivo_da_mensagem": lambda c: c.arquivo_da_mensagem(NOME, CHAT, MENSAGEM),
}
# One reads no JSON and the other calls nobody: test_midias.py has both.
DE_ARQUIVO = {"baixar_arquivo", "caminho_do_arquivo"}
# The document's answer to these is a list.
EM_LISTA = {"sessoes", "conversas", "mensagens", "mensagens desde"}
# A call that must not happen twice; everything else may.
ENVIOS = {nome: c for nome, c in CHAMADAS.items() if nome.startswith("enviar_")}
DEMAIS = {nome: c for nome, c in CHAMADAS.items() if nome not in ENVIOS}
