"""A session's life: what the API asks of it and what happens on the phone."""

import copy
from collections.abc import Callable
from typing import Any

from sandbox.relogio import RELOGIO, agora_ms
from sandbox.waha import payloads
from sandbox.waha.entregas import CARTEIRO
from sandbox.waha.erros import improcessavel, sessao_nao_encontrada
from sandbox.waha.estado import (
    CONECTADA,
    ESTADO,
    FALHOU,
    INICIANDO,
    LENDO_QR,
    PARADA,
    Mensagem,
    Qr,
    Sessao,
)
from sandbox.waha.numeros import chat_do_numero, lid_do_numero

# First code 60 s, then 20 s each, six at most, then FAILED and no new one.
PRIMEIRO_QR, OUTROS_QR, QRS = 60, 20, 6
LIGANDO = 0.5


class AcaoImpossivel(Exception):
    """The phone cannot do that now; the words are for the control page."""


def obter(nome: str) -> Sessao:
    sessao = ESTADO.achar(nome)
    if sessao is None:
        raise sessao_nao_encontrada()
    return sessao


def listar(todas: bool) -> list[dict[str, Any]]:
    """Without `all` the stopped ones are hidden."""
    with ESTADO.trava:
        sessoes = ESTADO.sessoes.values()
        return [payloads.sessao(s) for s in sessoes if todas or s.status != PARADA]


def criar(nome: str, config: dict[str, Any] | None, iniciar_ja: bool) -> dict[str, Any]:
    with ESTADO.trava:
        if nome in ESTADO.sessoes:
            raise improcessavel(
                f"Session '{nome}' already exists. Use PUT to update it."
            )
        sessao = ESTADO.sessoes[nome] = Sessao(nome, copy.deepcopy(config))
        if iniciar_ja:
            _ligar(sessao)
        return payloads.sessao(sessao)


def substituir(nome: str, config: dict[str, Any] | None) -> dict[str, Any]:
    """Replace the whole config; a running session stops and starts."""
    with ESTADO.trava:
        sessao = obter(nome)
        rodava = sessao.status != PARADA
        if rodava:
            _mudar(sessao, PARADA)
        sessao.config = copy.deepcopy(config)
        if rodava:
            _ligar(sessao)
        return payloads.sessao(sessao)


def iniciar(nome: str) -> dict[str, Any]:
    with ESTADO.trava:
        sessao = obter(nome)
        if sessao.status != PARADA:
            raise improcessavel(f"Session '{nome}' is already started.")
        _ligar(sessao)
        return payloads.sessao(sessao)


def parar(nome: str) -> dict[str, Any]:
    with ESTADO.trava:
        sessao = obter(nome)
        if sessao.status != PARADA:
            _mudar(sessao, PARADA)
        return payloads.sessao(sessao)


def reiniciar(nome: str) -> dict[str, Any]:
    with ESTADO.trava:
        parar(nome)
        return iniciar(nome)


def sair(nome: str) -> dict[str, Any]:
    """Drop the pairing, keep the config, and start again if it was running."""
    with ESTADO.trava:
        sessao = obter(nome)
        rodava = sessao.status != PARADA
        sessao.pareada, sessao.eu = False, None
        if rodava:
            _mudar(sessao, PARADA)
            _ligar(sessao)
        return payloads.sessao(sessao)


def apagar(nome: str) -> None:
    """Stop, log out, forget; an unknown name is no error."""
    with ESTADO.trava:
        sessao = ESTADO.sessoes.get(nome)
        if sessao is None:
            return
        if sessao.status != PARADA:
            _mudar(sessao, PARADA)
        del ESTADO.sessoes[nome]


def escanear(sessao: Sessao, numero: str, nome: str) -> None:
    """The phone reads the code on the screen and pairs."""
    with ESTADO.trava:
        _exigir(sessao, LENDO_QR, "Não há QR Code na tela para escanear.")
        sessao.pareada = True
        chat = chat_do_numero(numero)
        sessao.eu = {"id": chat, "pushName": nome, "lid": lid_do_numero(numero)}
        _conectar(sessao)


def renovar_qr(sessao: Sessao) -> None:
    """The code on the screen expires; the next comes, or FAILED after the sixth."""
    with ESTADO.trava:
        _exigir(sessao, LENDO_QR, "Não há QR Code na tela.")
        _mostrar_qr(sessao, sessao.qr.numero + 1 if sessao.qr else 1)


def expirar_qr(sessao: Sessao) -> None:
    """Nobody scanned any of the six codes."""
    with ESTADO.trava:
        _exigir(sessao, LENDO_QR, "Não há QR Code na tela para expirar.")
        _mudar(sessao, FALHOU)


def sair_pelo_celular(sessao: Sessao) -> None:
    """The device is removed on the phone: FAILED, with `me` still filled."""
    with ESTADO.trava:
        _exigir(sessao, CONECTADA, "Esta sessão não está conectada.")
        sessao.pareada = False
        _mudar(sessao, FALHOU)


def perder_internet(sessao: Sessao, segundos: float) -> None:
    """A drop: STARTING, and WORKING again after so many provider seconds."""
    with ESTADO.trava:
        _exigir(sessao, CONECTADA, "Esta sessão não está conectada.")
        _mudar(sessao, INICIANDO)
        _agendar(sessao, segundos, _conectar)


def publicar_mensagem(sessao: Sessao, mensagem: Mensagem) -> None:
    """`message` only inbound, `message.any` always: who subscribes to both gets two."""
    if not mensagem.de_mim:
        CARTEIRO.publicar(sessao, "message", payloads.mensagem(mensagem, sessao))
    CARTEIRO.publicar(sessao, "message.any", payloads.mensagem(mensagem, sessao))


def _exigir(sessao: Sessao, status: str, queixa: str) -> None:
    if sessao.status != status:
        raise AcaoImpossivel(queixa)


def _mudar(sessao: Sessao, status: str) -> None:
    """Enter a status and announce it, even when it is the one it was in."""
    sessao.passo += 1
    if status != LENDO_QR:
        sessao.qr = None
    sessao.status = status
    sessao.pontos = [*sessao.pontos, {"status": status, "timestamp": agora_ms()}][-3:]
    CARTEIRO.publicar(sessao, "session.status", payloads.status(sessao))


def _ligar(sessao: Sessao) -> None:
    if not sessao.pareada:
        sessao.eu = None
    _mudar(sessao, INICIANDO)
    seguinte = _conectar if sessao.pareada else _primeiro_qr
    _agendar(sessao, LIGANDO, seguinte)


def _conectar(sessao: Sessao) -> None:
    _mudar(sessao, CONECTADA)
    # What was written meanwhile waited at WhatsApp.
    esperando, sessao.a_chegar = sessao.a_chegar, []
    for mensagem in esperando:
        publicar_mensagem(sessao, mensagem)


def _primeiro_qr(sessao: Sessao) -> None:
    _mostrar_qr(sessao, 1)


def _mostrar_qr(sessao: Sessao, numero: int) -> None:
    if numero > QRS:
        _mudar(sessao, FALHOU)
        return
    segundos = PRIMEIRO_QR if numero == 1 else OUTROS_QR
    sessao.qr = Qr.novo(numero, segundos)
    _mudar(sessao, LENDO_QR)
    _agendar(sessao, segundos, lambda s: _mostrar_qr(s, numero + 1))


def _agendar(sessao: Sessao, segundos: float, acao: Callable[[Sessao], None]) -> None:
    """Do it later, unless the session has changed course by then."""
    passo = sessao.passo

    def disparar() -> None:
        with ESTADO.trava:
            mesma = ESTADO.sessoes.get(sessao.nome) is sessao
            if mesma and sessao.passo == passo:
                acao(sessao)

    RELOGIO.depois(segundos, disparar)
