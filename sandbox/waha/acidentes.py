"""What befalls a session or the whole server, without anybody having asked the API."""

from sandbox.waha import sessoes
from sandbox.waha.entregas import CARTEIRO
from sandbox.waha.estado import (
    CONECTADA,
    CONFIRMA_CHAVE,
    ESTADO,
    FALHOU,
    INICIANDO,
    LENDO_QR,
    PARADA,
    PEDE_CHAVE,
    Sessao,
)
from sandbox.waha.midias import ARQUIVOS
from sandbox.waha.numeros import chat_do_numero, lid_do_numero
from sandbox.waha.sessoes import AcaoImpossivel, exigir

DESCONECTADA = "Esta sessão não está conectada."
# What a restart of the server may forget.
ESQUECIMENTOS = {
    "": "Lembrar de tudo",
    "webhooks": "Esquecer webhooks e metadados",
    "tudo": "Esquecer todas as sessões",
}


def sair_pelo_celular(sessao: Sessao) -> None:
    """The device is removed on the phone: FAILED, with `me` still filled."""
    with ESTADO.trava:
        exigir(sessao, CONECTADA, DESCONECTADA)
        sessao.pareada = False
        sessoes.mudar(sessao, FALHOU)


def perder_internet(sessao: Sessao, segundos: float) -> None:
    """A drop: STARTING, and WORKING again after so many provider seconds."""
    with ESTADO.trava:
        exigir(sessao, CONECTADA, DESCONECTADA)
        sessoes.mudar(sessao, INICIANDO)
        sessoes.agendar(sessao, segundos, sessoes.conectar)


def banir(sessao: Sessao) -> None:
    """WhatsApp closes the account: FAILED, and no start or pairing brings it back."""
    with ESTADO.trava:
        exigir(sessao, CONECTADA, DESCONECTADA)
        assert sessao.eu is not None
        sessao.banidos.add(sessao.eu["id"])
        sessoes.mudar(sessao, FALHOU)


def ensurdecer(sessao: Sessao, surda: bool) -> None:
    """WORKING as before, and no webhook leaves; messages pile up in the history.
    What was not told is not told later. A start of the session cures it too."""
    with ESTADO.trava:
        sessao.surda = surda


def tempestade(sessao: Sessao, quantos: int) -> None:
    """So many `session.status` at once: the line flaps, and ends where it was."""
    with ESTADO.trava:
        status = sessao.status
        for resta in range(quantos, 0, -1):
            caida = status == CONECTADA and resta % 2 == 0
            sessao.status = INICIANDO if caida else status
            sessoes.anunciar(sessao)


def exigir_chave(sessao: Sessao, numero: str, nome: str) -> None:
    """The phone read the code and WhatsApp wants a passkey besides."""
    with ESTADO.trava:
        if not ESTADO.servidor.com_chave:
            queixa = "Só o WAHA 2026.7.1 ou mais novo, com GOWS, conhece a passkey."
            raise AcaoImpossivel(queixa)
        exigir(sessao, LENDO_QR, "Não há QR Code na tela para escanear.")
        chat = chat_do_numero(numero)
        sessao.eu = {"id": chat, "pushName": nome, "lid": lid_do_numero(numero)}
        sessoes.mudar(sessao, PEDE_CHAVE)


def assinar_chave(sessao: Sessao) -> None:
    """The passkey was signed; the code shown on both sides is yet to be confirmed."""
    with ESTADO.trava:
        exigir(sessao, PEDE_CHAVE, "Ninguém pediu uma passkey.")
        sessoes.mudar(sessao, CONFIRMA_CHAVE)


def confirmar_chave(sessao: Sessao) -> None:
    with ESTADO.trava:
        exigir(sessao, CONFIRMA_CHAVE, "Não há passkey para confirmar.")
        sessao.pareada = True
        sessoes.conectar(sessao)


def reiniciar_servidor(esquecer: str) -> None:
    """A new process: webhooks under way and files are gone, and of the sessions what
    `esquecer` says. Those that ran start again, if their storage was kept."""
    with ESTADO.trava:
        ESTADO.nascer()
        CARTEIRO.largar()
        ARQUIVOS.esvaziar()
        if esquecer == "tudo":
            ESTADO.sessoes = {}
        for sessao in ESTADO.sessoes.values():
            if esquecer == "webhooks" and sessao.config:
                perdidos = {"webhooks", "metadata"}
                sessao.config = {
                    k: v for k, v in sessao.config.items() if k not in perdidos
                }
            if sessao.status != PARADA:
                sessao.pontos = []
                sessoes.ligar(sessao)
