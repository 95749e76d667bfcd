"""The whole state as plain data: for the page and for /controle/estado.json."""

from typing import Any

from sandbox.correio.caixa import CAIXA
from sandbox.correio.servidor import SERVIDOR
from sandbox.diario import DIARIO
from sandbox.relogio import RELOGIO
from sandbox.waha.brutos import nome_no_cartao
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
    correios = len(CAIXA.todos())
    contagem |= {
        "sessoes": len(sessoes),
        "mensagens": mensagens,
        "correios": correios,
        "webhooks_pendentes": CARTEIRO.pendentes,
    }
    falha, queda = FALHAS.atual, FALHAS.queda
    return {
        "servidor": servidor,
        "velocidade": RELOGIO.fator,
        "sessoes": sessoes,
        "falha": vars(falha) if falha else None,
        "queda": {"modo": queda.tipo, "segundos": queda.segundos} if queda else None,
        "webhooks": dict(vars(CARTEIRO.desvios)),
        "correio": {"porta": SERVIDOR.porta},
        "chamadas": chamadas,
        "entregas": entregas,
        "contagens": contagem,
    }


def sessao(de: Sessao) -> dict[str, Any]:
    """`titulo` is whose phone it is, as the application told; else the bare name."""
    config = de.config or {}
    urls = [str(webhook["url"]) for webhook in config.get("webhooks") or []]
    titulo = str((config.get("metadata") or {}).get("titulo") or "")
    return {
        "nome": de.nome,
        "titulo": titulo or de.nome,
        "status": de.status,
        "historico": list(de.historico),
        "eu": de.eu,
        "pareada": de.pareada,
        "qr": _qr(de),
        "codigo": de.codigo[0] if de.codigo else None,
        "codigo_para": de.codigo[1] if de.codigo else None,
        "automatico": de.automatico,
        "surda": de.surda,
        "banida": (de.eu or {}).get("id") in de.banidos,
        "urls": urls,
        "urls_recusadas": [url for url in urls if not url_local(url)],
        "a_chegar": len(de.a_chegar),
        "digitando": sorted(de.digitando),
        "grupos": [{"id": g.id, "nome": g.nome} for g in de.grupos.values()],
        "mensagens": [mensagem(m) for m in de.mensagens],
    }


def mensagem(de: Mensagem) -> dict[str, Any]:
    """`estado` in words; `chega` is false when nobody has that chat; `vista` is what
    the application said with sendSeen."""
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
        "citada": de.responde_a.texto if de.responde_a else None,
        "timestamp": de.segundos,
        "midia": _midia(de),
        "lugar": dict(vars(de.lugar)) if de.lugar else None,
        "contatos": [nome_no_cartao(vcard) for vcard in de.vcards],
        "vcards": list(de.vcards),
        "reacoes": dict(de.reacoes),
        "editada": de.editada,
        "apagada": de.apagada,
        "vista": de.vista,
        "participante": de.participante or None,
        "ignorada": de.ignorada,
    }


def _midia(de: Mensagem) -> dict[str, Any] | None:
    if de.midia is None:
        return None
    return {
        "tipo": de.midia.tipo,
        "mimetype": de.midia.mimetype,
        "nome": de.midia.nome,
        "tamanho": len(de.midia.dados),
        "defeito": de.midia.defeito,
    }


def _qr(de: Sessao) -> dict[str, Any] | None:
    if de.qr is None:
        return None
    resta = max(0, de.qr.vence_em - RELOGIO.agora())
    restam = {"restam": round(resta), "segundos": de.qr.segundos}
    return {"valor": de.qr.valor, "numero": de.qr.numero, **restam}
