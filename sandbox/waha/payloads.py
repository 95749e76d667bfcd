"""The JSON the server writes. Shapes recorded on NOWEB 2026.2.1."""

import copy
import json
import secrets
from typing import Any

from sandbox.waha.estado import ESTADO, Mensagem, Sessao
from sandbox.waha.numeros import jid

ACKS = {-1: "ERROR", 0: "PENDING", 1: "SERVER", 2: "DEVICE", 3: "READ", 4: "PLAYED"}
_ALFABETO = "0123456789abcdefghjkmnpqrstvwxyz"


def escrever(corpo: Any) -> bytes:
    """Compact UTF-8, as Node writes it: the signature is over these very bytes."""
    return json.dumps(corpo, ensure_ascii=False, separators=(",", ":")).encode()


def ulid(milissegundos: int) -> str:
    numero = milissegundos << 80 | secrets.randbits(80)
    return "".join(_ALFABETO[numero >> 5 * casa & 31] for casa in range(25, -1, -1))


def numero_da_versao(versao: str) -> tuple[int, ...]:
    return tuple(int(parte) for parte in versao.split(".") if parte.isdigit())


def ambiente() -> dict[str, Any]:
    servidor = ESTADO.servidor
    return {
        "version": servidor.versao,
        "engine": servidor.motor,
        "tier": servidor.camada,
        "browser": None,
        "platform": "linux/x64",
        "worker": {"id": None},
    }


def envelope(
    sessao: Sessao, evento: str, payload: dict[str, Any], milissegundos: int
) -> dict[str, Any]:
    """`timestamp` in ms; `metadata` is absent when the config has none."""
    corpo: dict[str, Any] = {
        "id": f"evt_{ulid(milissegundos)}",
        "timestamp": milissegundos,
        "event": evento,
        "session": sessao.nome,
    }
    metadados = (sessao.config or {}).get("metadata")
    if metadados:
        corpo["metadata"] = copy.deepcopy(metadados)
    corpo["me"] = copy.deepcopy(sessao.eu)
    corpo["payload"] = payload
    corpo["engine"] = ESTADO.servidor.motor
    corpo["environment"] = ambiente()
    return corpo


def sessao(de: Sessao) -> dict[str, Any]:
    """A session as the API answers it: config echoed whole, HMAC key included."""
    corpo: dict[str, Any] = {"name": de.nome, "status": de.status}
    if de.config is not None:
        corpo["config"] = copy.deepcopy(de.config)
    corpo["me"] = copy.deepcopy(de.eu)
    corpo["presence"] = None
    atividade = de.atividade_em
    corpo["timestamps"] = {} if atividade is None else {"activity": atividade}
    corpo["engine"] = {"engine": ESTADO.servidor.motor}
    return corpo


def status(de: Sessao) -> dict[str, Any]:
    """The last three statuses, oldest first; their timestamps are ms."""
    corpo: dict[str, Any] = {"name": de.nome, "status": de.status}
    corpo["statuses"] = copy.deepcopy(de.pontos[-3:])
    if numero_da_versao(ESTADO.servidor.versao) >= (2026, 7, 1):
        corpo["data"] = None
    return corpo


def mensagem(de: Mensagem, sessao: Sessao) -> dict[str, Any]:
    """No `to`, no `type`, no `participant`; `timestamp` in seconds."""
    return {
        "id": de.id,
        "timestamp": de.segundos,
        "from": de.chat,
        "fromMe": de.de_mim,
        "source": "api" if de.origem == "api" else "app",
        "body": de.texto,
        "hasMedia": False,
        "media": None,
        "ack": de.ack,
        "ackName": ACKS[de.ack],
        "location": None,
        "vCards": None,
        "replyTo": None if de.responde_a is None else _citada(de.responde_a, sessao),
        "_data": _bruta(de, sessao),
    }


def mensagem_guardada(de: Mensagem, sessao: Sessao) -> dict[str, Any]:
    """The same, read back from the chat: `source` exists in events only."""
    corpo = mensagem(de, sessao)
    del corpo["source"]
    return corpo


def _citada(de: Mensagem, sessao: Sessao) -> dict[str, Any]:
    """`replyTo.id` is the bare WhatsApp id on this engine."""
    autor = (sessao.eu or {}).get("id") if de.de_mim else None
    if de.pessoa and not de.de_mim:
        autor = f"{de.pessoa.numero}@c.us"
    citado = {"conversation": de.texto}
    return {
        "id": de.id_curto,
        "participant": autor or de.chat,
        "body": de.texto,
        "_data": citado,
    }


def _bruta(de: Mensagem, sessao: Sessao) -> dict[str, Any]:
    if de.origem == "api":
        return resposta_de_envio(de)
    eu = sessao.eu or {}
    nome = eu.get("pushName") if de.de_mim else de.pessoa and de.pessoa.nome
    return {
        "key": _chave(de),
        "messageTimestamp": de.segundos,
        "pushName": nome,
        "message": _conteudo(de),
        "status": de.ack + 1,
    }


def _chave(de: Mensagem) -> dict[str, Any]:
    chave: dict[str, Any] = {"remoteJid": jid(de.chat)}
    if de.chat.endswith("@lid"):
        if de.pessoa and not de.pessoa.lid_sem_telefone:
            chave["remoteJidAlt"] = f"{de.pessoa.numero}@s.whatsapp.net"
        chave["addressingMode"] = "lid"
    return {**chave, "fromMe": de.de_mim, "id": de.id_curto}


def _conteudo(de: Mensagem) -> dict[str, Any]:
    citada = de.responde_a
    if citada is None and de.origem != "api":
        return {"conversation": de.texto}
    texto: dict[str, Any] = {"text": de.texto}
    if citada is not None:
        texto["contextInfo"] = {
            "stanzaId": citada.id_curto,
            "participant": jid(citada.chat),
            "quotedMessage": {"conversation": citada.texto},
        }
    return {"extendedTextMessage": texto}


def resposta_de_envio(de: Mensagem) -> dict[str, Any]:
    """NOWEB answers a send with the engine's raw message, its time a string (s)."""
    return {
        "key": {"remoteJid": jid(de.chat), "fromMe": True, "id": de.id_curto},
        "message": _conteudo(de),
        "messageTimestamp": str(de.segundos),
        "status": "PENDING",
    }


def ack(de: Mensagem) -> dict[str, Any]:
    return {
        "id": de.id,
        "from": de.chat,
        "fromMe": de.de_mim,
        "ack": de.ack,
        "ackName": ACKS[de.ack],
    }
