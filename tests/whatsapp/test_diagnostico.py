"""The monitor's decisions, line by line; no database, no server."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from whatsapp.models import EVENTOS, SessaoWhatsapp
from whatsapp.payloads import Eu, SessaoNoServidor
from whatsapp.services.diagnostico import Acao, Olhar, decidir

AGORA = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "https://crm.exemplo.test/webhooks/waha/1"
OLHAR = Olhar(agora=AGORA, webhook=URL, silencio=timedelta(minutes=10))
WEBHOOKS = [(URL, sorted(EVENTOS))]
ANA = Eu(id="5511999990000@c.us", nome="Ana Vendas")


def ha(segundos: float) -> datetime:
    return AGORA - timedelta(seconds=segundos)


def nossa(status: str = "connected", **campos: Any) -> SessaoWhatsapp:
    """Connected a long while ago, heard of just now."""
    return SessaoWhatsapp(
        **{
            "status": status,
            "ligada": True,
            "phone_number": "+5511999990000",
            "conectado_em": ha(86_400),
            "visto_em": ha(60),
            "ultimo_evento_em": ha(30),
            # Defaults of the database, which this row never saw.
            "numero_em_duvida": "",
            "recebe_grupos": False,
            "tentativas_de_volta": 0,
        }
        | campos
    )


def caida(status: str, segundos: float, tentativas: int) -> SessaoWhatsapp:
    campos = {"queda_em": ha(segundos), "visto_em": ha(segundos + 60)}
    return nossa(status, **campos, tentativas_de_volta=tentativas)


def vista(status: str = "WORKING", **campos: Any) -> SessaoNoServidor:
    padrao = {"eu": ANA, "webhooks": WEBHOOKS, "ignora_grupos": True}
    return SessaoNoServidor(nome="wpp-1", status=status, **padrao | campos)


@pytest.mark.parametrize(
    ("sessao", "no_servidor", "acao"),
    [
        # All is well.
        (nossa(), vista(), Acao.NADA),
        (nossa(), vista("CONNECTED"), Acao.NADA),
        (nossa(recebe_grupos=True), vista(ignora_grupos=False), Acao.NADA),
        (nossa("qr_pending"), vista("SCAN_QR_CODE", eu=None), Acao.NADA),
        (nossa("connecting"), vista("STARTING"), Acao.NADA),
        # Nobody wants it on.
        (nossa("disconnected", ligada=False), None, Acao.NADA),
        (nossa("disconnected", ligada=False), vista(), Acao.REMOVER),
        (nossa("disconnected", ligada=False), vista("FAILED"), Acao.REMOVER),
        # A webhook was lost.
        (nossa("connecting"), vista(), Acao.SEGUIR),
        (nossa("qr_pending"), vista(), Acao.SEGUIR),
        (nossa("failed"), vista(), Acao.SEGUIR),
        (nossa(), vista("STARTING"), Acao.SEGUIR),
        (nossa(), vista("FAILED"), Acao.SEGUIR),
        (nossa(), vista("STOPPED"), Acao.SEGUIR),
        (nossa(), vista("SCAN_QR_CODE"), Acao.SEGUIR),
        (nossa("qr_pending"), vista("FAILED"), Acao.SEGUIR),
        (nossa("qr_pending"), vista("STARTING"), Acao.SEGUIR),
        (nossa(), vista("SONHANDO"), Acao.SEGUIR),
        (nossa(status_do_provedor="SONHANDO"), vista("SONHANDO"), Acao.NADA),
        # Whose number it is.
        (nossa(phone_number=None), vista(), Acao.SEGUIR),
        (nossa(phone_number="+5521977776666"), vista(), Acao.SEGUIR),
        (nossa(phone_number="+551199990000"), vista(), Acao.NADA),
        (nossa(phone_number="+5521977776666"), vista(eu=None), Acao.NADA),
        # Somebody has to decide first.
        (nossa("failed", numero_em_duvida="+5521977776666"), vista(), Acao.NADA),
        (nossa("failed", numero_em_duvida="+5521977776666"), None, Acao.NADA),
        (nossa("failed", quarentena_em=ha(9)), vista("FAILED"), Acao.NADA),
        (nossa("failed", quarentena_em=ha(9)), None, Acao.NADA),
        (nossa("failed", quarentena_em=ha(9)), vista(), Acao.SEGUIR),
        # The server forgot it.
        (nossa(visto_em=ha(60)), None, Acao.NADA),
        (nossa(visto_em=ha(91)), None, Acao.CRIAR),
        (nossa(visto_em=None, conectado_em=ha(30)), None, Acao.NADA),
        (nossa("qr_pending"), None, Acao.PERDIDA),
        (nossa("connecting"), None, Acao.PERDIDA),
        (nossa("failed"), None, Acao.NADA),
        (nossa("disconnected"), None, Acao.NADA),
        # It forgot what we asked for.
        (nossa(), vista(webhooks=[]), Acao.CONFIGURAR),
        (nossa(), vista(webhooks=[("https://outro", WEBHOOKS[0][1])]), Acao.CONFIGURAR),
        (nossa(), vista(webhooks=[(URL, ["message.any"])]), Acao.CONFIGURAR),
        (nossa(), vista(webhooks=WEBHOOKS * 2), Acao.CONFIGURAR),
        (nossa(), vista(ignora_grupos=False), Acao.CONFIGURAR),
        (nossa("connecting"), vista("STARTING", webhooks=[]), Acao.NADA),
        # It fell: at once, after a minute, after three, and then no more.
        (caida("failed", 0, 0), vista("FAILED"), Acao.REINICIAR),
        (caida("failed", 59, 1), vista("FAILED"), Acao.NADA),
        (caida("failed", 60, 1), vista("FAILED"), Acao.REINICIAR),
        (caida("failed", 179, 2), vista("FAILED"), Acao.NADA),
        (caida("failed", 180, 2), vista("FAILED"), Acao.REINICIAR),
        (caida("failed", 299, 3), vista("FAILED"), Acao.NADA),
        (caida("failed", 300, 3), vista("FAILED"), Acao.QUARENTENA),
        (caida("disconnected", 0, 0), vista("STOPPED"), Acao.INICIAR),
        (caida("disconnected", 300, 3), vista("STOPPED"), Acao.QUARENTENA),
        (caida("connecting", 120, 1), None, Acao.CRIAR),
        (caida("connecting", 300, 3), None, Acao.QUARENTENA),
        (caida("connecting", 9_999, 1), vista("STARTING"), Acao.NADA),
        (caida("connecting", 60, 1), vista("SCAN_QR_CODE"), Acao.SEGUIR),
        # What never stood is its person's to begin again.
        (nossa("failed"), vista("FAILED"), Acao.NADA),
        (nossa("failed"), vista("STOPPED"), Acao.NADA),
        (nossa("disconnected"), vista("STOPPED"), Acao.NADA),
        # Connected and quiet.
        (nossa(ultimo_evento_em=ha(599)), vista(), Acao.NADA),
        (nossa(ultimo_evento_em=ha(600)), vista(), Acao.ESCUTAR),
        (nossa(ultimo_evento_em=None), vista(), Acao.ESCUTAR),
        (nossa(ultimo_evento_em=None, conectado_em=ha(9)), vista(), Acao.NADA),
        (nossa(ultimo_evento_em=ha(600)), vista(webhooks=[]), Acao.CONFIGURAR),
    ],
)
def test_each_look_asks_for_one_thing(
    sessao: SessaoWhatsapp, no_servidor: SessaoNoServidor | None, acao: Acao
) -> None:
    assert decidir(sessao, no_servidor, OLHAR) == acao
