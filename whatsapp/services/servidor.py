"""What a session asks of the WAHA server, carried out by a worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import aovivo, fila
from conexoes.credenciais import credencial
from conexoes.erros import ErroTransitorio
from conexoes.models import EventoPendente, Motivo, SegredoWebhook
from conexoes.tenancy import na
from whatsapp.client import WahaClient
from whatsapp.models import EVENTOS, SessaoWhatsapp
from whatsapp.services.passos import PROVEDOR, url_do_webhook
from whatsapp.services.transicoes import gravar, mudar_status, reler

Status = SessaoWhatsapp.Status

# WAHA's series of codes lasts this long, and the pairing code goes with it.
_CODIGO_VALE: Final = timedelta(seconds=160)
# The person waits in front of the screen for these; the others repair by themselves.
_PASSOS_DA_PESSOA: Final = ("conectar", "reconectar", "reiniciar")
_SEM_VOLTA: Final = (
    *(Motivo.ESGOTADA, Motivo.PERMANENTE, Motivo.ENVENENADA, Motivo.DESCARTADA),
)


@dataclass(frozen=True)
class _Pedido:
    """A step and what it needs; ``dados`` is the payload of its row."""

    sessao: SessaoWhatsapp
    segredo: str
    dados: dict[str, Any]

    @property
    def nome(self) -> str:
        return self.sessao.session_name

    @property
    def config(self) -> dict[str, Any]:
        return _config(self.sessao, self.segredo)


def cuidar_da_sessao(evento: EventoPendente) -> None:
    """Carry out an intent about a session on the WAHA server."""
    with na(evento.organizacao_id):
        pedido = _Pedido(
            sessao=_sessoes(evento).select_related("usuario").get(),
            segredo=SegredoWebhook.da(evento.organizacao_id)
            .get(provedor=PROVEDOR)
            .segredo,
            dados=evento.payload,
        )
    passo = evento.payload["passo"]
    if passo == "reconectar":
        _remover(pedido)
        fila.renovar(evento)
        passo = "conectar"
    _PASSOS[passo](pedido)


def intento_falhou(evento: EventoPendente) -> None:
    """Show on the person's page why what they asked for does not advance."""
    sessao = _sessoes(evento).first()
    if sessao is None or not sessao.ligada or sessao.status == Status.CONNECTED:
        return
    if evento.payload.get("automatico") or sessao.quarentena_em:
        return
    desistiu = evento.motivo in _SEM_VOLTA
    if desistiu and evento.payload["passo"] in _PASSOS_DA_PESSOA:
        mudar_status(sessao, Status.FAILED, motivo=evento.ultimo_erro)
    else:
        gravar(sessao, motivo=evento.ultimo_erro[:300])
        aovivo.avisar(sessao.organizacao_id, "whatsapp")


def travar_sessao(evento: EventoPendente) -> None:
    """Lock the session before the engine writes the row of work."""
    list(_sessoes(evento).select_for_update().values_list("pk"))


def cliente() -> WahaClient:
    """The WAHA server of this installation; ``ConexaoIndisponivel`` if none is set."""
    acesso = credencial(PROVEDOR)
    return WahaClient(acesso.url, acesso.segredo)


def _criar(pedido: _Pedido) -> None:
    if pedido.sessao.ligada:
        cliente().criar_sessao(pedido.nome, pedido.config)


def _reiniciar(pedido: _Pedido) -> None:
    sessao = pedido.sessao
    de_pe = sessao.status == Status.CONNECTED and not pedido.dados.get("mesmo_de_pe")
    # A repair that comes too late: the session came back by itself, or was given up.
    passou = pedido.dados.get("automatico") and (de_pe or sessao.quarentena_em)
    if not sessao.ligada or passou:
        return
    # The whole config again: WAHA forgets it when it is restarted without a disk.
    servidor = cliente()
    servidor.criar_sessao(pedido.nome, pedido.config)
    servidor.reiniciar(pedido.nome)


def _iniciar(pedido: _Pedido) -> None:
    if pedido.sessao.ligada and not pedido.sessao.quarentena_em:
        cliente().iniciar(pedido.nome)


def _configurar(pedido: _Pedido) -> None:
    """Give the session its whole config anew; WAHA stops and starts it for that."""
    if not pedido.sessao.ligada:
        return
    cliente().configurar(pedido.nome, pedido.config)
    organizacao_id = pedido.sessao.organizacao_id
    with na(organizacao_id):
        atual = (
            SessaoWhatsapp.da(organizacao_id)
            .select_for_update()
            .get(pk=pedido.sessao.pk)
        )
        gravar(
            atual,
            webhook_url=url_do_webhook(organizacao_id),
            webhook_events=list(EVENTOS),
        )
        if pedido.dados.get("automatico"):
            # Nobody knows since when its events went elsewhere.
            reler(atual)


def _parar(pedido: _Pedido) -> None:
    """No more codes that nobody reads; unless somebody asked for them meanwhile."""
    if pedido.sessao.quarentena_em or not pedido.sessao.ligada:
        cliente().parar(pedido.nome)


def _remover(pedido: _Pedido) -> None:
    cliente().remover(pedido.nome)


def _buscar_qr(pedido: _Pedido) -> None:
    if pedido.sessao.status != Status.QR_PENDING:
        return
    codigo = cliente().qr(pedido.nome)
    if codigo:
        _mostrar(pedido, qr=codigo, ultimo_qr_gerado=timezone.now())


def _buscar_codigo(pedido: _Pedido) -> None:
    """A pairing code, as soon as the server waits for a phone."""
    sessao = pedido.sessao
    if not sessao.ligada or sessao.status not in (Status.QR_PENDING, Status.CONNECTING):
        return
    if sessao.status_do_provedor != "SCAN_QR_CODE":
        raise ErroTransitorio(_("O WhatsApp ainda está preparando a conexão."))
    codigo = cliente().pedir_codigo(pedido.nome, pedido.dados["telefone"])
    if codigo:
        expira_em = timezone.now() + _CODIGO_VALE
        _mostrar(pedido, codigo=codigo, codigo_expira_em=expira_em, motivo="")
    else:
        motivo = _("O WhatsApp não deu um código para este número. Use o QR Code.")
        _mostrar(pedido, motivo=motivo)


def _mostrar(pedido: _Pedido, **campos: Any) -> None:
    """Write what the dialog shows, if it still waits for a phone."""
    organizacao_id = pedido.sessao.organizacao_id
    with na(organizacao_id):
        linhas = SessaoWhatsapp.da(organizacao_id).select_for_update()
        atual = linhas.get(pk=pedido.sessao.pk)
        if atual.status == Status.QR_PENDING:
            gravar(atual, **campos)
            aovivo.avisar(organizacao_id, "whatsapp")


_PASSOS: Final[dict[str, Callable[[_Pedido], None]]] = {
    "conectar": _criar,
    "reiniciar": _reiniciar,
    "iniciar": _iniciar,
    "configurar": _configurar,
    "parar": _parar,
    "desconectar": _remover,
    "qr": _buscar_qr,
    "codigo": _buscar_codigo,
}


def _config(sessao: SessaoWhatsapp, segredo: str) -> dict[str, Any]:
    return {
        "metadata": {
            "organizacao_id": str(sessao.organizacao_id),
            "sessao_id": str(sessao.pk),
            "titulo": sessao.usuario.nome,
        },
        "ignore": {
            "status": True,
            "groups": not sessao.recebe_grupos,
            "channels": True,
            "broadcast": True,
        },
        "noweb": {"markOnline": False, "store": {"enabled": True, "fullSync": False}},
        "webhooks": [
            {
                "url": url_do_webhook(sessao.organizacao_id),
                "events": EVENTOS,
                "hmac": {"key": segredo},
                "retries": {
                    "policy": "exponential",
                    "delaySeconds": 2,
                    "attempts": 15,
                },
            }
        ],
    }


def _sessoes(evento: EventoPendente) -> Any:
    return SessaoWhatsapp.da(evento.organizacao_id).filter(
        pk=UUID(evento.payload["sessao_id"])
    )
