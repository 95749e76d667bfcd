"""A session's life: what the API asks of it and what happens on the phone."""

import copy
import secrets
from collections.abc import Callable
from typing import Any

from sandbox.relogio import RELOGIO, agora_ms
from sandbox.waha import payloads, validacao
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
from sandbox.waha.midias import ARQUIVOS
from sandbox.waha.numeros import chat_do_numero, lid_do_numero

# First code 60 s, then 20 s each, six at most, then FAILED and no new one.
PRIMEIRO_QR, OUTROS_QR, QRS = 60, 20, 6
LIGANDO = 0.5
# A medium is fetched before it is announced: later texts overtake it.
BAIXANDO = 2
# No vowels and nothing that looks like something else.
LETRAS = "123456789BCDFGHJKLMNPQRSTVWXYZ"


class AcaoImpossivel(Exception):
    """The phone cannot do that now; the words are for the control page."""


def obter(nome: str) -> Sessao:
    validacao.so_default(nome)
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
            ligar(sessao)
        return payloads.sessao(sessao)


def substituir(nome: str, config: dict[str, Any] | None) -> dict[str, Any]:
    """Replace the whole config; a running session stops and starts."""
    with ESTADO.trava:
        sessao = obter(nome)
        rodava = sessao.status != PARADA
        if rodava:
            mudar(sessao, PARADA)
        sessao.config = copy.deepcopy(config)
        if rodava:
            ligar(sessao)
        return payloads.sessao(sessao)


def iniciar(nome: str) -> dict[str, Any]:
    with ESTADO.trava:
        sessao = obter(nome)
        if sessao.status != PARADA:
            raise improcessavel(f"Session '{nome}' is already started.")
        ligar(sessao)
        return payloads.sessao(sessao)


def parar(nome: str) -> dict[str, Any]:
    with ESTADO.trava:
        sessao = obter(nome)
        if sessao.status != PARADA:
            mudar(sessao, PARADA)
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
            mudar(sessao, PARADA)
            ligar(sessao)
        return payloads.sessao(sessao)


def apagar(nome: str) -> None:
    """Stop, log out, forget; an unknown name is no error."""
    with ESTADO.trava:
        sessao = ESTADO.sessoes.get(nome)
        if sessao is None:
            return
        if sessao.status != PARADA:
            mudar(sessao, PARADA)
        del ESTADO.sessoes[nome]
        ARQUIVOS.esvaziar(nome)


def escanear(sessao: Sessao, numero: str, nome: str) -> None:
    """The phone reads the code on the screen and pairs; a banned number never does."""
    with ESTADO.trava:
        exigir(sessao, LENDO_QR, "Não há QR Code na tela para escanear.")
        parear(sessao, numero, nome)


def digitar_codigo(sessao: Sessao, codigo: str, nome: str) -> None:
    """The phone types the pairing code that the API gave out."""
    with ESTADO.trava:
        exigir(sessao, LENDO_QR, "Não há código esperando o celular.")
        if sessao.codigo is None:
            raise AcaoImpossivel("O sistema ainda não pediu um código.")
        valor, numero = sessao.codigo
        if codigo and codigo.replace("-", "").upper() != valor.replace("-", ""):
            raise AcaoImpossivel("O celular não reconhece este código.")
        parear(sessao, numero, nome)


def parear(sessao: Sessao, numero: str, nome: str) -> None:
    """The account is known from now on, and the session goes to work."""
    chat = chat_do_numero(numero)
    sessao.pareada = True
    sessao.eu = {"id": chat, "pushName": nome, "lid": lid_do_numero(numero)}
    conectar(sessao)


def pedir_codigo(sessao: Sessao, numero: str) -> str:
    """Eight letters to type on the phone, where the QR code would be read."""
    partes = ["".join(secrets.choice(LETRAS) for _ in range(4)) for _ in range(2)]
    with ESTADO.trava:
        sessao.codigo = ("-".join(partes), numero)
        return sessao.codigo[0]


def renovar_qr(sessao: Sessao) -> None:
    """The code on the screen expires; the next comes, or FAILED after the sixth."""
    with ESTADO.trava:
        exigir(sessao, LENDO_QR, "Não há QR Code na tela.")
        _mostrar_qr(sessao, sessao.qr.numero + 1 if sessao.qr else 1)


def expirar_qr(sessao: Sessao) -> None:
    """Nobody scanned any of the six codes."""
    with ESTADO.trava:
        exigir(sessao, LENDO_QR, "Não há QR Code na tela para expirar.")
        mudar(sessao, FALHOU)


def publicar_mensagem(sessao: Sessao, mensagem: Mensagem) -> None:
    """Announce it, at once or when its medium has been fetched."""
    if mensagem.ignorada:
        return
    if mensagem.midia is None:
        _anunciar_mensagem(sessao, mensagem)
        return

    def baixada() -> None:
        with ESTADO.trava:
            if ESTADO.sessoes.get(sessao.nome) is sessao:
                _anunciar_mensagem(sessao, mensagem)

    CARTEIRO.mais_tarde(BAIXANDO, baixada)


def _anunciar_mensagem(sessao: Sessao, mensagem: Mensagem) -> None:
    """`message` only inbound, `message.any` always: who subscribes to both gets two."""
    if not mensagem.de_mim:
        CARTEIRO.publicar(sessao, "message", payloads.mensagem(mensagem, sessao))
    CARTEIRO.publicar(sessao, "message.any", payloads.mensagem(mensagem, sessao))


def exigir(sessao: Sessao, status: str, queixa: str) -> None:
    if sessao.status != status:
        raise AcaoImpossivel(queixa)


def mudar(sessao: Sessao, status: str) -> None:
    """Enter a status and announce it, even when it is the one it was in."""
    sessao.passo += 1
    if status != LENDO_QR:
        sessao.qr = sessao.codigo = None
    sessao.status = status
    anunciar(sessao)


def anunciar(sessao: Sessao) -> None:
    """Tell the status once more, as a new point in its history."""
    ponto = {"status": sessao.status, "timestamp": agora_ms()}
    sessao.pontos = [*sessao.pontos, ponto][-3:]
    sessao.historico.append(ponto)
    CARTEIRO.publicar(sessao, "session.status", payloads.status(sessao))


def ligar(sessao: Sessao) -> None:
    """A start, which also cures a deaf session."""
    if not sessao.pareada:
        sessao.eu = None
    sessao.surda = False
    mudar(sessao, INICIANDO)
    seguinte = conectar if sessao.pareada else _primeiro_qr
    agendar(sessao, LIGANDO, seguinte)


def conectar(sessao: Sessao) -> None:
    if (sessao.eu or {}).get("id") in sessao.banidos:
        mudar(sessao, FALHOU)
        return
    mudar(sessao, CONECTADA)
    # What was written meanwhile waited at WhatsApp.
    esperando, sessao.a_chegar = sessao.a_chegar, []
    for mensagem in esperando:
        publicar_mensagem(sessao, mensagem)


def _primeiro_qr(sessao: Sessao) -> None:
    _mostrar_qr(sessao, 1)


def _mostrar_qr(sessao: Sessao, numero: int) -> None:
    if numero > QRS:
        mudar(sessao, FALHOU)
        return
    segundos = PRIMEIRO_QR if numero == 1 else OUTROS_QR
    sessao.qr = Qr.novo(numero, segundos)
    mudar(sessao, LENDO_QR)
    agendar(sessao, segundos, lambda s: _mostrar_qr(s, numero + 1))


def agendar(sessao: Sessao, segundos: float, acao: Callable[[Sessao], None]) -> None:
    """Do it later, unless the session has changed course by then."""
    passo = sessao.passo

    def disparar() -> None:
        with ESTADO.trava:
            mesma = ESTADO.sessoes.get(sessao.nome) is sessao
            if mesma and sessao.passo == passo:
                acao(sessao)

    RELOGIO.depois(segundos, disparar)
