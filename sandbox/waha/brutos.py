"""The engine's own messages, as they show in `_data` and in the answer to a send."""

from typing import Any

from sandbox.waha.estado import ESTADO, Mensagem, Sessao
from sandbox.waha.midias import Midia
from sandbox.waha.numeros import jid

NOMES = {
    "imagem": "imageMessage",
    "documento": "documentMessage",
    "audio": "audioMessage",
    "video": "videoMessage",
    "figurinha": "stickerMessage",
}


def mensagem(de: Mensagem, sessao: Sessao) -> dict[str, Any]:
    if de.origem == "api":
        return _aceita(de)
    eu = sessao.eu or {}
    nome = eu.get("pushName") if de.de_mim else de.pessoa and de.pessoa.nome
    return {
        "key": chave(de),
        "messageTimestamp": de.segundos,
        "pushName": nome,
        "message": conteudo(de),
        "status": de.ack + 1,
    }


def resposta(de: Mensagem) -> dict[str, Any]:
    """The answer to a send: every engine's own. NOWEB's was recorded; the other two
    follow the vendor's pages, which agree on where the id is and on little else."""
    motor = ESTADO.servidor.motor
    if motor == "NOWEB":
        return _aceita(de)
    if motor == "WEBJS":
        completo = {"fromMe": True, "remote": de.chat, "id": de.id_curto}
        id_: Any = {**completo, "_serialized": de.id}
    else:
        id_ = de.id
    comum = {"id": id_, "timestamp": de.segundos, "from": de.chat, "fromMe": True}
    dados = {"hasMedia": de.midia is not None, "ack": de.ack, "to": de.chat}
    return {**comum, "body": de.texto, **dados, "_data": {}}


def _aceita(de: Mensagem) -> dict[str, Any]:
    """NOWEB gives the raw message, its time a string (s)."""
    return {
        "key": chave(de),
        "message": conteudo(de),
        "messageTimestamp": str(de.segundos),
        "status": "PENDING",
    }


def chave(de: Mensagem) -> dict[str, Any]:
    corpo: dict[str, Any] = {"remoteJid": jid(de.chat)}
    pessoa = de.pessoa
    conhecida = pessoa is not None and not pessoa.lid_sem_telefone
    alternativa = f"{pessoa.numero}@s.whatsapp.net" if pessoa and conhecida else None
    if de.chat.endswith("@lid") and de.origem != "api":
        if alternativa:
            corpo["remoteJidAlt"] = alternativa
        corpo["addressingMode"] = "lid"
    corpo |= {"fromMe": de.de_mim, "id": de.id_curto}
    if de.participante and de.origem != "api":
        corpo["participant"] = jid(de.participante)
        if alternativa and not de.de_mim:
            corpo["participantAlt"] = alternativa
        corpo["addressingMode"] = "lid"
    return corpo


def referencia(de: Mensagem) -> dict[str, Any]:
    """How an edit, a deletion or a reaction names its message."""
    return {"remoteJid": jid(de.chat), "fromMe": de.de_mim, "id": de.id_curto}


def conteudo(de: Mensagem) -> dict[str, Any]:
    if de.conteudo is not None:
        return de.conteudo
    contexto = _contexto(de.responde_a)
    if de.midia is not None:
        return {NOMES[de.midia.tipo]: {**_midia(de.midia, de.texto), **contexto}}
    if de.lugar is not None:
        return {"locationMessage": {**_lugar(de), **contexto}}
    if de.vcards:
        return _cartoes(de.vcards, contexto)
    if not contexto and de.origem != "api":
        return {"conversation": de.texto}
    return {"extendedTextMessage": {"text": de.texto, **contexto}}


def participante(de: Mensagem, sessao: Sessao) -> str:
    """Who wrote it, as `replyTo` names them."""
    if de.participante:
        return de.participante
    if de.de_mim:
        return str((sessao.eu or {}).get("id") or de.chat)
    return f"{de.pessoa.numero}@c.us" if de.pessoa else de.chat


def _contexto(citada: Mensagem | None) -> dict[str, Any]:
    if citada is None:
        return {}
    contexto = {
        "stanzaId": citada.id_curto,
        "participant": jid(citada.participante or citada.chat),
        "quotedMessage": {"conversation": citada.texto},
    }
    return {"contextInfo": contexto}


def _midia(midia: Midia, legenda: str) -> dict[str, Any]:
    corpo: dict[str, Any] = {"mimetype": midia.mimetype}
    if midia.tipo == "documento":
        corpo |= {"fileName": midia.nome, "title": midia.nome}
    if midia.tipo == "audio":
        corpo |= {"ptt": True, "seconds": 1}
    if legenda:
        corpo["caption"] = legenda
    return corpo


def _lugar(de: Mensagem) -> dict[str, Any]:
    assert de.lugar is not None
    corpo: dict[str, Any] = {
        "degreesLatitude": de.lugar.latitude,
        "degreesLongitude": de.lugar.longitude,
    }
    return {**corpo, "name": de.lugar.nome} if de.lugar.nome else corpo


def _cartoes(vcards: tuple[str, ...], contexto: dict[str, Any]) -> dict[str, Any]:
    cartoes = [{"displayName": nome_no_cartao(v), "vcard": v} for v in vcards]
    if len(cartoes) == 1:
        return {"contactMessage": {**cartoes[0], **contexto}}
    return {"contactsArrayMessage": {"contacts": cartoes, **contexto}}


def nome_no_cartao(vcard: str) -> str:
    linhas = (linha.strip() for linha in vcard.splitlines())
    nomes = (linha[3:] for linha in linhas if linha.upper().startswith("FN:"))
    return next(nomes, "")
