"""Ana's session, and the sandbox as the WAHA server behind it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from conexoes.models import Motivo, SegredoWebhook, Status
from conexoes.tenancy import na
from crm.models import Conversa, Mensagem
from tests.sandbox.conftest import CHAVE, RAIZ, Receptor, Sandbox, esperar
from tests.trabalho import drenar_saida
from tests.whatsapp.dominio import (
    CLIENTE,
    criar_sessao,
    escrever,
    todas,
    uma,
    usar_servidor,
)
from tests.whatsapp.envios import situacao
from tests.whatsapp.sessoes import conectar
from tests.whatsapp.waha import Entregador, Ponte
from whatsapp.models import SessaoWhatsapp
from whatsapp.services import sessoes


@pytest.fixture(autouse=True)
def _estaticos_preguicosos(settings: Any) -> None:
    """Every ``Client`` loads the middleware anew, and listing the files is slow."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture
def sessao(gente: SimpleNamespace) -> SessaoWhatsapp:
    """Ana's, connected."""
    return criar_sessao(gente.ana)


@pytest.fixture
def entregar(sessao: SessaoWhatsapp) -> Entregador:
    """Deliver to Ana's session."""
    return Entregador(sessao)


@pytest.fixture(scope="session")
def processo() -> Iterator[int]:
    """The real sandbox on a free port; a busy machine may take long to start it."""
    with socket.socket() as livre:
        livre.bind(("127.0.0.1", 0))
        porta = livre.getsockname()[1]
    comando = [sys.executable, "-m", "uvicorn", "sandbox.asgi:application"]
    opcoes = ["--port", str(porta), "--log-level", "warning"]
    ambiente = os.environ | {"SANDBOX_CHAVE": CHAVE, "AMBIENTE": "desenvolvimento"}
    filho = subprocess.Popen([*comando, *opcoes], cwd=RAIZ, env=ambiente)
    try:
        esperar(lambda: _responde(porta), 60)
        yield porta
    finally:
        filho.kill()
        filho.wait()


def _responde(porta: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{porta}/healthz", timeout=5).ok
    except requests.RequestException:
        return False


@pytest.fixture
def receptor() -> Iterator[Receptor]:
    aberto = Receptor()
    yield aberto
    aberto.fechar()


@pytest.fixture
def sandbox(processo: int) -> Sandbox:
    """Empty, and fifty times faster than the real server."""
    limpo = Sandbox(processo)
    limpo.controle("reiniciar")
    limpo.controle("velocidade", fator=0.02)
    return limpo


@pytest.fixture
def ponte(
    sandbox: Sandbox, receptor: Receptor, settings: Any, db: Any
) -> Iterator[Ponte]:
    """The installation pointed at the sandbox, as the super admin would."""
    endereco = urlsplit(receptor.url)
    settings.URL_PUBLICA = f"{endereco.scheme}://{endereco.netloc}"
    usar_servidor(f"{sandbox.base}/waha")
    yield Ponte(sandbox, receptor)
    sandbox.controle("reiniciar")


@pytest.fixture
def conectada(ponte: Ponte, gente: SimpleNamespace) -> Ponte:
    """Ana's session, connected through the sandbox by the whole real way."""
    # At full speed all six codes are over in three seconds: a busy machine misses them.
    ponte.sandbox.controle("velocidade", fator=0.1)
    with na(gente.aurora):
        ponte.nome = sessoes.conectar_sessao(gente.ana, aceita_risco=True).session_name
    ponte.ate(lambda: uma(SessaoWhatsapp).qr)
    ponte.mandar("escanear", numero="5511999990000", nome="Ana Vendas")
    ponte.sandbox.controle("velocidade", fator=0.02)
    ponte.ate(lambda: uma(SessaoWhatsapp).status == "connected")
    ponte.assentar()
    return ponte


@pytest.fixture
def conversa(gente: SimpleNamespace, conectada: Ponte) -> Conversa:
    """The customer wrote first; nothing is on its way."""
    conectada.mandar("cliente", numero=CLIENTE, texto="Bom dia", nome="Carlos Lima")
    conectada.ate(lambda: todas(Mensagem))
    conectada.assentar()
    return uma(Conversa)


@pytest.fixture
def entregar_a_ana(conectada: Ponte) -> Entregador:
    """Deliver by hand to the session that the sandbox connected."""
    entregador = Entregador(uma(SessaoWhatsapp))
    entregador.segredo = uma(SegredoWebhook).segredo
    return entregador


@pytest.fixture
def parada(entregar: Entregador) -> Conversa:
    """A conversation through Ana's session, with no server configured yet."""
    entregar("message__texto.json")
    return uma(Conversa)


@pytest.fixture
def em_duvida(conectada: Ponte, conversa: Conversa, gente: SimpleNamespace) -> Mensagem:
    """A text that never reached WhatsApp, and nobody can know."""
    conectada.falhar("muda_sem_efeito", segundos=0.1, alvo="sendText")
    mensagem = escrever(conversa, "Olá!", gente.ana)
    drenar_saida()
    conectada.assentar()
    assert situacao(mensagem) == ("incerta", Status.PENDENTE, Motivo.INCERTA)
    return mensagem


@pytest.fixture
def nova(gente: SimpleNamespace) -> Entregador:
    """Ana asked to connect; no server was called yet."""
    conectar(gente.ana)
    entregador = Entregador(uma(SessaoWhatsapp))
    entregador.segredo = uma(SegredoWebhook).segredo
    return entregador
