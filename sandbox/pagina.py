"""The control page: the state in words, and the picture of a QR code."""

import io
import mimetypes
from datetime import datetime
from typing import Any

import segno
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import get_current_timezone
from django.views.decorators.http import require_GET

from sandbox import controle, retrato, settings
from sandbox.waha import sessoes
from sandbox.waha.estado import ESTADO
from sandbox.waha.falhas import TIPOS

MOSTRADAS = 60
# status -> words, tone, icon
STATUS = {
    "STOPPED": ("Parada", "neutro", "power"),
    "STARTING": ("Conectando", "azul", "loader-circle"),
    "SCAN_QR_CODE": ("Esperando leitura", "amarelo", "qr-code"),
    "WORKING": ("Conectada", "verde", "circle-check"),
    "FAILED": ("Falhou", "vermelho", "circle-x"),
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
    "auth/qr": "Buscar QR Code",
    "/api/sessions": "Sessões",
    "/messages": "Ler conversa",
    "check-exists": "Conferir número",
}
VELOCIDADES = {1.0: "1×", 0.1: "10×", 0.01: "100×"}


@require_GET
async def painel(request: HttpRequest) -> HttpResponse:
    estado = retrato.tirar()
    falha, atual = estado["falha"], estado["velocidade"]
    contexto = {
        **estado,
        "sessoes": [_sessao(sessao) for sessao in estado["sessoes"]],
        "nomes": " ".join(sessao["nome"] for sessao in estado["sessoes"]),
        "conectadas": sum(s["status"] == "WORKING" for s in estado["sessoes"]),
        "chamadas": [_chamada(chamada) for chamada in estado["chamadas"]],
        "entregas": [_entrega(entrega) for entrega in estado["entregas"]],
        "falha": falha and {**falha, "palavras": TIPOS[falha["tipo"]]},
        "tipos": TIPOS,
        "alvos": ALVOS,
        "velocidades": [
            {"fator": str(fator), "palavras": palavras, "atual": fator == atual}
            for fator, palavras in VELOCIDADES.items()
        ],
        "padrao": controle,
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
    return {
        **sessao,
        "palavras": palavras,
        "tom": tom,
        "icone": icone,
        "numero": _telefone(eu.get("id", "").partition("@")[0]),
        "iniciais": _iniciais(eu.get("pushName", "")),
        "qrs": sessoes.QRS,
        "mensagens": [_mensagem(m) for m in sessao["mensagens"][-MOSTRADAS:]],
    }


def _mensagem(mensagem: dict[str, Any]) -> dict[str, Any]:
    numero = mensagem["numero"] or mensagem["chat"].partition("@")[0]
    de_mim, ack = mensagem["de_mim"], mensagem["ack"]
    return {
        **mensagem,
        "hora": _hora(mensagem["timestamp"] * 1000)[:5],
        "telefone": _telefone(numero),
        "lid": mensagem["chat"].endswith("@lid"),
        "tick": TICKS[mensagem["estado"]],
        "pode_entregar": de_mim and mensagem["chega"] and ack in {0, 1},
        "pode_ler": de_mim and mensagem["chega"] and ack in {0, 1, 2},
        "pode_recusar": de_mim and ack in {0, 1},
    }


def _chamada(chamada: dict[str, Any]) -> dict[str, Any]:
    status = chamada["status"]
    ruim = status is None or status >= 500
    tom = "vermelho" if ruim else "amarelo" if status >= 400 else "verde"
    falha = TIPOS.get(chamada["falha"] or "", "")
    return {**chamada, "hora": _hora(chamada["em"]), "tom": tom, "palavras": falha}


def _entrega(entrega: dict[str, Any]) -> dict[str, Any]:
    tom = SITUACOES[entrega["situacao"]]
    return {**entrega, "hora": _hora(entrega["em"]), "tom": tom}


def _hora(milissegundos: int) -> str:
    momento = datetime.fromtimestamp(milissegundos / 1000, get_current_timezone())
    return f"{momento:%H:%M:%S}"


def _telefone(numero: str) -> str:
    """+55 31 98888-7777; other countries as they come."""
    if not numero:
        return ""
    if not (numero.startswith("55") and len(numero) in {12, 13}):
        return f"+{numero}"
    return f"+55 {numero[2:4]} {numero[4:-4]}-{numero[-4:]}"


def _iniciais(nome: str) -> str:
    partes = nome.split()
    return "".join(parte[0] for parte in [*partes[:1], *partes[1:][-1:]]).upper()
