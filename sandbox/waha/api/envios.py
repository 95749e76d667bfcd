"""Everything that is sent: all need a session that is WORKING."""

import asyncio
import base64
import binascii
from collections.abc import Mapping
from typing import Any

import requests
from django.http import HttpRequest, HttpResponse

from sandbox.waha import amostras, brutos, mensagens, validacao
from sandbox.waha.api.resposta import Vista, corpo, json_, trabalhando
from sandbox.waha.entregas import url_local
from sandbox.waha.erros import improcessavel, invalido, nao_tratado
from sandbox.waha.estado import Lugar
from sandbox.waha.mensagens import Conteudo
from sandbox.waha.midias import Midia

MAXIMO = 50 * 2**20
BUSCA = 10
CONTEINERES = {"audio": "audio/ogg", "video": "video/mp4"}


async def texto(request: HttpRequest) -> HttpResponse:
    pedido = corpo(request)
    validacao.textos(pedido, "session", "chatId", "text")
    return await _enviar(pedido, Conteudo(pedido["text"]))


def midia(tipo: str) -> Vista:
    """sendImage, sendFile, sendVoice or sendVideo."""

    async def enviar(request: HttpRequest) -> HttpResponse:
        pedido = corpo(request)
        validacao.textos(pedido, "session", "chatId")
        validacao.so_no_plus()
        arquivo = await _arquivo(pedido, tipo)
        legenda = str(pedido.get("caption") or "")
        return await _enviar(pedido, Conteudo(legenda, midia=arquivo))

    return enviar


async def lugar(request: HttpRequest) -> HttpResponse:
    pedido = corpo(request)
    validacao.textos(pedido, "session", "chatId")
    latitude = validacao.numero(pedido, "latitude")
    longitude = validacao.numero(pedido, "longitude")
    nome = str(pedido.get("title") or "")
    return await _enviar(pedido, Conteudo(lugar=Lugar(latitude, longitude, nome)))


async def cartoes(request: HttpRequest) -> HttpResponse:
    """Contacts, each a whole vCard or the parts of one."""
    pedido = corpo(request)
    validacao.textos(pedido, "session", "chatId")
    contatos = validacao.lista(pedido, "contacts")
    return await _enviar(pedido, Conteudo(vcards=tuple(map(_vcard, contatos))))


async def visto(request: HttpRequest) -> HttpResponse:
    pedido = corpo(request)
    nome, chat = validacao.textos(pedido, "session", "chatId")
    sessao = await trabalhando(nome)
    antigo = [pedido["messageId"]] if pedido.get("messageId") else []
    mensagens.ver(sessao, chat, pedido.get("messageIds") or antigo)
    return json_({}, 201)


def digitar(digitando: bool) -> Vista:
    """startTyping or stopTyping."""

    async def mudar(request: HttpRequest) -> HttpResponse:
        nome, chat = validacao.textos(corpo(request), "session", "chatId")
        mensagens.digitar(await trabalhando(nome), chat, digitando)
        return json_({"result": True}, 201)

    return mudar


async def _enviar(pedido: Mapping[str, Any], conteudo: Conteudo) -> HttpResponse:
    sessao = await trabalhando(pedido["session"])
    citada = str(pedido.get("reply_to") or "")
    enviada = mensagens.enviar_pela_api(sessao, pedido["chatId"], conteudo, citada)
    return json_(brutos.resposta(enviada), 201)


async def _arquivo(pedido: Mapping[str, Any], tipo: str) -> Midia:
    """`file` is {mimetype, filename?, data} in base64, or with a url to fetch."""
    arquivo = pedido.get("file")
    if not isinstance(arquivo, dict):
        raise invalido(["file must be an object"])
    mimetype = str(arquivo.get("mimetype") or "")
    _exigir_conteiner(tipo, mimetype, pedido.get("convert") is True)
    if "data" in arquivo:
        dados = _dados(str(arquivo["data"]))
    elif "url" in arquivo:
        dados = await asyncio.to_thread(_buscar, str(arquivo["url"]))
    else:
        raise invalido(["file must have either data or url"])
    if not mimetype:
        raise invalido(["file.mimetype must be a string"])
    return Midia(tipo, mimetype, dados, nome=arquivo.get("filename"))


def _exigir_conteiner(tipo: str, mimetype: str, converter: bool) -> None:
    """A voice needs ogg with opus and a film mp4, or `convert`. The real server lets
    the send fail in the engine; here it fails at once and never looks like success."""
    preciso = CONTEINERES.get(tipo)
    if preciso and not converter and not mimetype.startswith(preciso):
        raise improcessavel(
            f"File must be '{preciso}', got '{mimetype}'. "
            "Set 'convert: true' or convert it before sending."
        )


def _dados(texto: str) -> bytes:
    """Stricter than the real server, which decodes what it can and sends garbage."""
    try:
        return base64.b64decode(texto, validate=True)
    except binascii.Error as erro:
        raise nao_tratado("Invalid base64 data") from erro


def _buscar(url: str) -> bytes:
    """Fetch what is to be sent; like all else, from this machine only."""
    if not url_local(url):
        raise nao_tratado("fetch failed")
    try:
        with requests.Session() as http:
            http.trust_env = False
            resposta = http.get(url, timeout=BUSCA, stream=True, allow_redirects=False)
            dados = resposta.raw.read(MAXIMO + 1, decode_content=True)
    except requests.RequestException as erro:
        raise nao_tratado("fetch failed") from erro
    if resposta.status_code != 200 or len(dados) > MAXIMO:
        raise nao_tratado(f"Request failed with status code {resposta.status_code}")
    return bytes(dados)


def _vcard(contato: Any) -> str:
    if not isinstance(contato, dict):
        raise invalido(["each value in contacts must be an object"])
    if contato.get("vcard"):
        return str(contato["vcard"])
    nome, numero = validacao.textos(contato, "fullName", "phoneNumber")
    return amostras.vcard(nome, numero.lstrip("+"))
