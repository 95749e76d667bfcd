"""The JSON the server writes. Shapes recorded on NOWEB 2026.2.1."""

import copy
import json
import secrets
from typing import Any

from sandbox.waha import brutos
from sandbox.waha.brutos import participante
from sandbox.waha.estado import ESTADO, Mensagem, Sessao
from sandbox.waha.midias import ARQUIVOS

ACKS = {-1: "ERROR", 0: "PENDING", 1: "SERVER", 2: "DEVICE", 3: "READ", 4: "PLAYED"}
ERRO_AO_BAIXAR = (
    "Error: Failed to fetch stream from https://mmg.whatsapp.net/v/t62.7117-24/0\n"
    "    at getHttpStream (messages-media.js:321:15)"
)
_ALFABETO = "0123456789abcdefghjkmnpqrstvwxyz"


def escrever(corpo: Any) -> bytes:
    """Compact UTF-8, as Node writes it: the signature is over these very bytes."""
    return json.dumps(corpo, ensure_ascii=False, separators=(",", ":")).encode()


def ulid(milissegundos: int) -> str:
    numero = milissegundos << 80 | secrets.randbits(80)
    return "".join(_ALFABETO[numero >> 5 * casa & 31] for casa in range(25, -1, -1))


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
    """The last three statuses, oldest first; their timestamps are ms. `data` came
    with 2026.7.1 and is null except where a passkey is asked for."""
    corpo: dict[str, Any] = {"name": de.nome, "status": de.status}
    corpo["statuses"] = copy.deepcopy(de.pontos[-3:])
    if ESTADO.servidor.numero >= (2026, 7, 1):
        corpo["data"] = {} if de.status.startswith("PASSKEY") else None
    return corpo


def mensagem(de: Mensagem, sessao: Sessao, *, baixar: bool = True) -> dict[str, Any]:
    """No `type`, and no `to` or `participant` outside groups; `timestamp` in seconds.
    Without `baixar` a medium is announced and not fetched."""
    return {
        **_quem(de),
        "source": "api" if de.origem == "api" else "app",
        "body": None if de.apagada else de.texto or None,
        "hasMedia": de.midia is not None,
        "media": midia(de, sessao) if baixar else None,
        "ack": de.ack,
        "ackName": ACKS[de.ack],
        "location": _lugar(de),
        "vCards": list(de.vcards) or None,
        "replyTo": None if de.responde_a is None else _citada(de.responde_a, sessao),
        "_data": brutos.mensagem(de, sessao),
    }


def mensagem_guardada(
    de: Mensagem, sessao: Sessao, *, baixar: bool = True
) -> dict[str, Any]:
    """The same, read back from the chat: `source` exists in events only."""
    corpo = mensagem(de, sessao, baixar=baixar)
    del corpo["source"]
    return corpo


def midia(de: Mensagem, sessao: Sessao) -> dict[str, Any] | None:
    """Where the file is; asking for it again puts it there again."""
    if de.midia is None or de.midia.defeito == "nula":
        return None
    corpo = {
        "url": None,
        "mimetype": de.midia.mimetype,
        "filename": de.midia.nome,
        "s3": None,
        "error": None,
    }
    if de.midia.defeito == "erro":
        return {**corpo, "error": {"details": ERRO_AO_BAIXAR}}
    arquivo = f"{de.id}{de.midia.extensao}"
    ARQUIVOS.guardar(sessao.nome, arquivo, de.midia)
    url = f"{ESTADO.base}/api/files/{sessao.nome}/{arquivo}"
    return {**corpo, "url": url}


def ack(de: Mensagem, valor: int) -> dict[str, Any]:
    corpo = {"id": de.id, "from": de.chat}
    if de.participante:
        corpo |= {"to": de.chat, "participant": de.participante}
    return {**corpo, "fromMe": de.de_mim, "ack": valor, "ackName": ACKS[valor]}


def reacao(acao: Mensagem, alvo: Mensagem, emoji: str) -> dict[str, Any]:
    """`reaction.messageId` is the full id; the time of taking back has a fraction."""
    corpo = _quem(acao)
    if not emoji:
        corpo["timestamp"] = acao.segundos + 0.734
    corpo["source"] = "api" if acao.origem == "api" else "app"
    return {**corpo, "reaction": {"text": emoji, "messageId": alvo.id}}


def edicao(acao: Mensagem, alvo: Mensagem, sessao: Sessao) -> dict[str, Any]:
    """The message as it now reads, under the id of the edit."""
    return {**mensagem(acao, sessao), "editedMessageId": alvo.id_curto}


def exclusao(acao: Mensagem, alvo: Mensagem, sessao: Sessao) -> dict[str, Any]:
    """`after.id` is the id of the deleting, not of what was deleted."""
    depois = mensagem(acao, sessao)
    return {
        "after": depois,
        "before": None,
        "revokedMessageId": alvo.id_curto,
        "_data": depois["_data"],
    }


def presenca(chat: str, quem: str, estado: str) -> dict[str, Any]:
    visto: dict[str, Any] = {"participant": quem, "lastKnownPresence": estado}
    return {"id": chat, "presences": [visto]}


def _quem(de: Mensagem) -> dict[str, Any]:
    corpo = {"id": de.id, "timestamp": de.segundos, "from": de.chat}
    if de.participante:
        corpo |= {"to": de.chat, "participant": de.participante}
    return {**corpo, "fromMe": de.de_mim}


def _lugar(de: Mensagem) -> dict[str, Any] | None:
    if de.lugar is None:
        return None
    return {
        "description": de.lugar.nome or None,
        "latitude": str(de.lugar.latitude),
        "longitude": str(de.lugar.longitude),
    }


def _citada(de: Mensagem, sessao: Sessao) -> dict[str, Any]:
    """`replyTo.id` is the bare WhatsApp id on this engine."""
    return {
        "id": de.id_curto,
        "participant": participante(de, sessao),
        "body": de.texto or None,
        "_data": brutos.conteudo(de),
    }
