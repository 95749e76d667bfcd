"""The control page: the state in words, and the picture of a QR code."""

import io
import mimetypes
from typing import Any

import segno
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from sandbox import retrato, settings
from sandbox.controle import mensagens as escritas
from sandbox.controle import sessoes as celulares
from sandbox.palavras import hora, iniciais, tamanho, telefone
from sandbox.waha import sessoes
from sandbox.waha.acidentes import ESQUECIMENTOS
from sandbox.waha.estado import ESTADO
from sandbox.waha.falhas import QUEDAS, TIPOS
from sandbox.waha.midias import DEFEITOS

MOSTRADAS = 60
# status -> words, tone, icon
STATUS = {
    "STOPPED": ("Parada", "neutro", "power"),
    "STARTING": ("Conectando", "azul", "loader-circle"),
    "SCAN_QR_CODE": ("Esperando leitura", "amarelo", "qr-code"),
    "WORKING": ("Conectada", "verde", "circle-check"),
    "FAILED": ("Falhou", "vermelho", "circle-x"),
    "PASSKEY_REQUIRED": ("Pede passkey", "amarelo", "key-round"),
    "PASSKEY_CONFIRMATION_REQUIRED": ("Confirmar passkey", "amarelo", "key-round"),
}
SITUACOES = {
    "entregue": "verde",
    "falhou": "amarelo",
    "desistiu": "vermelho",
    "recusada": "vermelho",
    "descartada": "neutro",
}
TICKS = {
    "pendente": "clock",
    "enviada": "check",
    "entregue": "check-check",
    "lida": "check-check",
    "erro": "circle-alert",
}
ALVOS = {
    "": "Qualquer chamada",
    "sendText": "Enviar texto",
    "/api/send": "Enviar qualquer coisa",
    "/api/files": "Baixar mídia",
    "auth/qr": "Buscar QR Code",
    "request-code": "Pedir código",
    "/api/sessions": "Sessões",
    "/messages": "Ler conversa",
    "/chats": "Listar conversas",
    "check-exists": "Conferir número",
}
# version, engine, tier: what the server says it is
SERVIDORES = {
    "2026.6.1 NOWEB CORE": "WAHA 2026.6.1 · NOWEB",
    "2026.7.1 GOWS CORE": "WAHA 2026.7.1 · GOWS",
    "2026.7.1 WEBJS CORE": "WAHA 2026.7.1 · WEBJS",
    "2026.2.1 NOWEB CORE": "WAHA 2026.2.1 · Core antigo",
}
EMOJIS = ("👍", "❤️", "😂", "😮")
CITAVEIS = 12
# What a browser may show inside the page; the rest is only saved.
MOSTRAVEIS = ("image/", "audio/", "video/")
VELOCIDADES = {1.0: "1×", 0.1: "10×", 0.01: "100×"}


LISTAS: dict[str, Any] = {
    "tipos": TIPOS,
    "alvos": ALVOS,
    "quedas": QUEDAS,
    "esquecimentos": ESQUECIMENTOS,
    "defeitos": DEFEITOS,
    "especies": escritas.TIPOS,
    "presencas": escritas.PRESENCAS,
    "emojis": EMOJIS,
    "servidores": SERVIDORES,
    "celular": celulares,
    "cliente": escritas,
}


@require_GET
async def painel(request: HttpRequest) -> HttpResponse:
    estado = retrato.tirar()
    falha, queda, atual = estado["falha"], estado["queda"], estado["velocidade"]
    contexto = {
        **estado,
        **LISTAS,
        "sessoes": [_sessao(sessao) for sessao in estado["sessoes"]],
        "nomes": " ".join(sessao["nome"] for sessao in estado["sessoes"]),
        "conectadas": sum(s["status"] == "WORKING" for s in estado["sessoes"]),
        "chamadas": [_chamada(chamada) for chamada in estado["chamadas"]],
        "entregas": [_entrega(entrega) for entrega in estado["entregas"]],
        "falha": falha and {**falha, "palavras": TIPOS[falha["tipo"]]},
        "queda_palavras": queda and QUEDAS[queda["modo"]],
        "com_chave": ESTADO.servidor.com_chave,
        "velocidades": [
            {"fator": str(fator), "palavras": palavras, "atual": fator == atual}
            for fator, palavras in VELOCIDADES.items()
        ],
        "servidor_atual": " ".join(estado["servidor"].values()),
    }
    return render(request, "sandbox/painel.html", contexto)


@require_GET
async def qr(request: HttpRequest, nome: str) -> HttpResponse:
    """The code on the session's screen, as SVG."""
    sessao = ESTADO.achar(nome)
    codigo = sessao.qr if sessao else None
    if codigo is None:
        raise Http404
    figura = io.BytesIO()
    segno.make(codigo.valor, error="l").save(figura, kind="svg", border=0)
    resposta = HttpResponse(figura.getvalue(), content_type="image/svg+xml")
    resposta["Cache-Control"] = "no-store"
    return resposta


@require_GET
async def midia(request: HttpRequest, nome: str, mensagem: str) -> HttpResponse:
    """What a message carries, to look at here; never run as a page of ours."""
    sessao = ESTADO.achar(nome)
    achada = sessao.mensagem(mensagem) if sessao else None
    if achada is None or achada.midia is None:
        raise Http404
    resposta = HttpResponse(achada.midia.dados, content_type=achada.midia.mimetype)
    resposta["Content-Security-Policy"] = "sandbox; default-src 'none'"
    if not achada.midia.mimetype.startswith(MOSTRAVEIS):
        resposta["Content-Disposition"] = "attachment"
    return resposta


@require_GET
async def arquivo(request: HttpRequest, nome: str) -> HttpResponse:
    """The page's own style and script."""
    pasta = settings.PASTA / "static" / "sandbox"
    achado = {caminho.name: caminho for caminho in pasta.iterdir()}.get(nome)
    if achado is None:
        raise Http404
    tipo = mimetypes.guess_type(nome)[0]
    resposta = HttpResponse(achado.read_bytes(), content_type=f"{tipo}; charset=utf-8")
    resposta["Cache-Control"] = "no-cache"
    return resposta


def _sessao(sessao: dict[str, Any]) -> dict[str, Any]:
    palavras, tom, icone = STATUS[sessao["status"]]
    eu = sessao["eu"] or {}
    mensagens = [_mensagem(m) for m in sessao["mensagens"][-MOSTRADAS:]]
    digitando = [telefone(chat.partition("@")[0]) for chat in sessao["digitando"]]
    return {
        **sessao,
        "palavras": palavras,
        "tom": tom,
        "icone": icone,
        "numero": telefone(eu.get("id", "").partition("@")[0]),
        "codigo_para": telefone(sessao["codigo_para"] or ""),
        "iniciais": iniciais(eu.get("pushName", "")),
        "qrs": sessoes.QRS,
        "mensagens": mensagens,
        "citaveis": mensagens[-CITAVEIS:][::-1],
        "digitando": digitando,
        "passado": [_ponto(ponto) for ponto in reversed(sessao["historico"])],
    }


def _ponto(ponto: dict[str, Any]) -> dict[str, Any]:
    palavras, tom, _icone = STATUS[ponto["status"]]
    return {"palavras": palavras, "tom": tom, "hora": hora(ponto["timestamp"])}


def _mensagem(mensagem: dict[str, Any]) -> dict[str, Any]:
    numero = mensagem["numero"] or mensagem["chat"].partition("@")[0]
    de_mim, ack, apagada = mensagem["de_mim"], mensagem["ack"], mensagem["apagada"]
    midia = mensagem["midia"]
    return {
        **mensagem,
        "hora": hora(mensagem["timestamp"] * 1000)[:5],
        "telefone": telefone(numero),
        "lid": mensagem["chat"].endswith("@lid"),
        "grupo": mensagem["chat"].endswith("@g.us"),
        "tick": TICKS[mensagem["estado"]],
        "emojis": list(mensagem["reacoes"].values()),
        "midia": midia and {**midia, "quanto": tamanho(midia["tamanho"])},
        "resumo": mensagem["texto"] or _especie(mensagem),
        "pode_entregar": de_mim and mensagem["chega"] and ack in {0, 1},
        "pode_ler": de_mim and mensagem["chega"] and ack in {0, 1, 2},
        "pode_recusar": de_mim and ack in {0, 1},
        "pode_mudar": not apagada and mensagem["chega"],
    }


def _especie(mensagem: dict[str, Any]) -> str:
    if mensagem["midia"]:
        return escritas.TIPOS[mensagem["midia"]["tipo"]]
    return escritas.TIPOS["localizacao" if mensagem["lugar"] else "contato"]


def _chamada(chamada: dict[str, Any]) -> dict[str, Any]:
    status = chamada["status"]
    ruim = status is None or status >= 500
    tom = "vermelho" if ruim else "amarelo" if status >= 400 else "verde"
    falha = (TIPOS | QUEDAS).get(chamada["falha"] or "", "")
    return {**chamada, "hora": hora(chamada["em"]), "tom": tom, "palavras": falha}


def _entrega(entrega: dict[str, Any]) -> dict[str, Any]:
    tom = SITUACOES[entrega["situacao"]]
    return {**entrega, "hora": hora(entrega["em"]), "tom": tom}
