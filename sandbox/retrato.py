"""The whole state as plain data: for the page and for /controle/estado.json."""

from typing import Any

from sandbox.diario import DIARIO
from sandbox.relogio import RELOGIO
from sandbox.waha.entregas import CARTEIRO, url_local
from sandbox.waha.estado import ESTADO, Mensagem, Sessao
from sandbox.waha.falhas import FALHAS

ESTADOS_DE_MENSAGEM = {
    -1: "erro",
    0: "pendente",
    1: "enviada",
    2: "entregue",
    3: "lida",
    4: "lida",
}


def tirar() -> dict[str, Any]:
    with ESTADO.trava:
        sessoes = [sessao(s) for s in ESTADO.sessoes.values()]
        servidor = dict(vars(ESTADO.servidor))
    chamadas, entregas, contagem = DIARIO.ler()
    mensagens = sum(len(s["mensagens"]) for s in sessoes)
    contagem |= {"sessoes": len(sessoes), "mensagens": mensagens}
    falha = FALHAS.atual
    return {
        "servidor": servidor,
        "velocidade": RELOGIO.fator,
        "sessoes": sessoes,
        "falha": vars(falha) if falha else None,
        "webhooks": dict(vars(CARTEIRO.desvios)),
        "chamadas": chamadas,
        "entregas": entregas,
        "contagens": contagem | {"webhooks_pendentes": CARTEIRO.pendentes},
    }


def sessao(de: Sessao) -> dict[str, Any]:
    webhooks = (de.config or {}).get("webhooks") or []
    urls = [str(webhook["url"]) for webhook in webhooks]
    return {
        "nome": de.nome,
        "status": de.status,
        "eu": de.eu,
        "pareada": de.pareada,
        "qr": _qr(de),
        "automatico": de.automatico,
        "urls": urls,
        "urls_recusadas": [url for url in urls if not url_local(url)],
        "a_chegar": len(de.a_chegar),
        "mensagens": [mensagem(m) for m in de.mensagens],
    }


def mensagem(de: Mensagem) -> dict[str, Any]:
    """`estado` in words; `chega` is false when nobody has that chat."""
    return {
        "id": de.id,
        "id_curto": de.id_curto,
        "chat": de.chat,
        "numero": de.pessoa.numero if de.pessoa else None,
        "nome": de.pessoa.nome if de.pessoa else "",
        "texto": de.texto,
        "de_mim": de.de_mim,
        "origem": de.origem,
        "ack": de.ack,
        "estado": ESTADOS_DE_MENSAGEM[de.ack],
        "chega": de.chega,
        "responde_a": de.responde_a.id_curto if de.responde_a else None,
        "timestamp": de.segundos,
    }


def _qr(de: Sessao) -> dict[str, Any] | None:
    if de.qr is None:
        return None
    resta = max(0, de.qr.vence_em - RELOGIO.agora())
    restam = {"restam": round(resta), "segundos": de.qr.segundos}
    return {"valor": de.qr.valor, "numero": de.qr.numero, **restam}
