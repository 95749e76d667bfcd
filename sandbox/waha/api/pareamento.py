"""How a phone gets to be connected: QR code, typed code, passkey."""

import asyncio
import base64
import io
import secrets

import segno
from django.http import HttpRequest, HttpResponse

from sandbox.waha import acidentes, sessoes, validacao
from sandbox.waha.api.resposta import corpo, esperar, json_, nada
from sandbox.waha.erros import invalido
from sandbox.waha.estado import (
    CONFIRMA_CHAVE,
    ESTADO,
    INICIANDO,
    LENDO_QR,
    PEDE_CHAVE,
    Sessao,
)


async def qr(request: HttpRequest, sessao: str) -> HttpResponse:
    """PNG unless `format=raw`; base64 only if Accept is exactly application/json."""
    await esperar(sessoes.obter(sessao), LENDO_QR)
    codigo = sessoes.obter(sessao).qr
    valor = codigo.valor if codigo else ""
    if request.GET.get("format") == "raw":
        return json_({"value": valor})
    figura = io.BytesIO()
    segno.make(valor, error="l").save(figura, kind="png", scale=5)
    if request.headers.get("Accept") == "application/json":
        dados = base64.b64encode(figura.getvalue()).decode()
        return json_({"mimetype": "image/png", "data": dados})
    return HttpResponse(figura.getvalue(), content_type="image/png")


async def codigo(request: HttpRequest, sessao: str) -> HttpResponse:
    """A code to type on the phone. Digits only; in STARTING no answer comes."""
    (numero,) = validacao.textos(corpo(request), "phoneNumber")
    if not numero.isdigit():
        raise invalido(["phoneNumber must contain digits only"])
    aberta = sessoes.obter(sessao)
    await _partir(aberta)
    await esperar(aberta, LENDO_QR)
    return json_({"code": sessoes.pedir_codigo(aberta, numero)}, 201)


async def _partir(sessao: Sessao) -> None:
    """The engine waits for its first QR code, however long that takes."""
    geracao = ESTADO.geracao
    while sessao.status == INICIANDO and ESTADO.geracao == geracao:
        await asyncio.sleep(0.05)


# The four below: GOWS from 2026.7.1 on. Paths as the vendor documents them; what is in
# the bodies nobody here has seen.


async def desafio(request: HttpRequest, sessao: str) -> HttpResponse:
    await _pedindo(request, sessao, PEDE_CHAVE)
    chave = {
        "challenge": secrets.token_urlsafe(32),
        "rpId": "web.whatsapp.com",
        "timeout": 60000,
        "userVerification": "required",
    }
    return json_({"publicKey": chave})


async def assinar(request: HttpRequest, sessao: str) -> HttpResponse:
    aberta = await _pedindo(request, sessao, PEDE_CHAVE)
    acidentes.assinar_chave(aberta)
    return json_({"success": True}, 201)


async def confirmacao(request: HttpRequest, sessao: str) -> HttpResponse:
    aberta = await _pedindo(request, sessao, CONFIRMA_CHAVE)
    return json_({"code": f"{aberta.passo % 10000:04d}"})


async def confirmar(request: HttpRequest, sessao: str) -> HttpResponse:
    aberta = await _pedindo(request, sessao, CONFIRMA_CHAVE)
    acidentes.confirmar_chave(aberta)
    return json_({"success": True}, 201)


async def _pedindo(request: HttpRequest, nome: str, status: str) -> Sessao:
    if not ESTADO.servidor.com_chave:
        await nada(request)
    return await esperar(sessoes.obter(nome), status)
