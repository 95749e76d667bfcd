"""What a session asks of the WAHA server, carried out by a worker."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.utils import timezone

from conexoes import aovivo, fila
from conexoes.credenciais import credencial
from conexoes.models import EventoPendente, Motivo, SegredoWebhook
from conexoes.tenancy import na
from whatsapp.client import WahaClient
from whatsapp.models import SessaoWhatsapp
from whatsapp.services.sessoes import PROVEDOR, mudar_status, url_do_webhook

Status = SessaoWhatsapp.Status


def cuidar_da_sessao(evento: EventoPendente) -> None:
    """Carry out an intent about a session on the WAHA server."""
    sessao_id = UUID(evento.payload["sessao_id"])
    with na(evento.organizacao_id):
        sessao = SessaoWhatsapp.da(evento.organizacao_id).get(pk=sessao_id)
        segredo = SegredoWebhook.da(evento.organizacao_id).get(provedor=PROVEDOR)
    passo = evento.payload["passo"]
    if passo == "reconectar":
        _remover(sessao, segredo.segredo)
        fila.renovar(evento)
        passo = "conectar"
    _PASSOS[passo](sessao, segredo.segredo)


def intento_falhou(evento: EventoPendente) -> None:
    """Show on the person's page why connecting does not advance."""
    sessao = (
        SessaoWhatsapp.da(evento.organizacao_id)
        .filter(pk=evento.payload["sessao_id"])
        .first()
    )
    if sessao is None or sessao.status == Status.CONNECTED:
        return
    if evento.motivo in (Motivo.ESGOTADA, Motivo.PERMANENTE, Motivo.ENVENENADA):
        mudar_status(sessao, Status.FAILED, motivo=evento.ultimo_erro)
    elif sessao.ligada:
        SessaoWhatsapp.da(evento.organizacao_id).filter(pk=sessao.pk).update(
            motivo=evento.ultimo_erro[:300]
        )
        aovivo.avisar(sessao.organizacao_id, "whatsapp")


def cliente() -> WahaClient:
    """The WAHA server of this installation; ``ConexaoIndisponivel`` if none is set."""
    acesso = credencial(PROVEDOR)
    return WahaClient(acesso.url, acesso.segredo)


def _criar(sessao: SessaoWhatsapp, segredo: str) -> None:
    if sessao.ligada:
        cliente().criar_sessao(sessao.session_name, _config(sessao, segredo))


def _reiniciar(sessao: SessaoWhatsapp, segredo: str) -> None:
    if sessao.ligada:
        # The whole config again: WAHA forgets it when it is restarted without a disk.
        servidor = cliente()
        servidor.criar_sessao(sessao.session_name, _config(sessao, segredo))
        servidor.reiniciar(sessao.session_name)


def _remover(sessao: SessaoWhatsapp, segredo: str) -> None:
    cliente().remover(sessao.session_name)


def _buscar_qr(sessao: SessaoWhatsapp, segredo: str) -> None:
    if sessao.status != Status.QR_PENDING:
        return
    codigo = cliente().qr(sessao.session_name)
    if not codigo:
        return
    with na(sessao.organizacao_id):
        atual = SessaoWhatsapp.objects.select_for_update().get(pk=sessao.pk)
        if atual.status == Status.QR_PENDING:
            atual.qr = codigo
            atual.ultimo_qr_gerado = timezone.now()
            atual.save(update_fields=["qr", "ultimo_qr_gerado", "atualizado_em"])
            aovivo.avisar(sessao.organizacao_id, "whatsapp")


_PASSOS: Final = {
    "conectar": _criar,
    "reiniciar": _reiniciar,
    "desconectar": _remover,
    "qr": _buscar_qr,
}


def _config(sessao: SessaoWhatsapp, segredo: str) -> dict[str, Any]:
    return {
        "metadata": {
            "organizacao_id": str(sessao.organizacao_id),
            "sessao_id": str(sessao.pk),
        },
        "ignore": {"status": True, "groups": True, "channels": True, "broadcast": True},
        "noweb": {"markOnline": False, "store": {"enabled": True, "fullSync": False}},
        "webhooks": [
            {
                "url": url_do_webhook(sessao.organizacao_id),
                "events": sessao.webhook_events,
                "hmac": {"key": segredo},
                "retries": {
                    "policy": "exponential",
                    "delaySeconds": 2,
                    "attempts": 15,
                },
            }
        ],
    }
