"""A person's WhatsApp as any provider is asked about it: how it stands, is it true."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes.erros import ConexaoIndisponivel, ErroDeDominio
from conexoes.provedores import Estado
from conexoes.tenancy import na
from crm.models import Usuario
from crm.telefones import legivel
from whatsapp.models import SessaoWhatsapp
from whatsapp.payloads import SessaoNoServidor
from whatsapp.services import passos
from whatsapp.services.diagnostico import Acao, Olhar, decidir
from whatsapp.services.reparos import REPAROS
from whatsapp.services.servidor import cliente
from whatsapp.services.sessoes import conectar_sessao, desconectar_sessao, sessao_de
from whatsapp.services.situacao import STATUS_DO_WAHA
from whatsapp.services.transicoes import travar

Status = SessaoWhatsapp.Status

# Document 000 turns one word of the PRD around.
_PALAVRAS: Final = {Status.QR_PENDING: "pending_qr"}
# Somebody waits in front of a screen.
_PRAZO_S: Final = 5.0


def estado(usuario: Usuario) -> Estado:
    """How the person's own number stands, as far as we know."""
    sessao = sessao_de(usuario)
    if sessao is None:
        return Estado("disconnected")
    conectada = sessao.status == Status.CONNECTED
    return Estado(
        status=_PALAVRAS.get(Status(sessao.status), sessao.status),
        motivo=sessao.motivo,
        conta=legivel(sessao.phone_number or ""),
        conectado_em=sessao.conectado_em if conectada else None,
    )


def conectar(usuario: Usuario, dados: Mapping[str, Any]) -> Estado:
    """Begin to connect; raises as ``conectar_sessao``."""
    conectar_sessao(usuario, aceita_risco=dados.get("aceito_risco") is True)
    return estado(usuario)


def desconectar(usuario: Usuario) -> Estado:
    """Log the number out; who never connected is disconnected already."""
    sessao = sessao_de(usuario)
    if sessao is not None:
        desconectar_sessao(sessao, autor=usuario)
    return estado(usuario)


def testar(usuario: Usuario) -> str:
    """Ask the server about the person's session now; its answer in words.

    Raises ``ErroConexoes`` when the number is not connected there, or nobody answers.
    """
    sessao, vista = _olhar(usuario)
    if vista is None:
        raise ConexaoIndisponivel(_("O servidor do WhatsApp não conhece esta conexão."))
    if STATUS_DO_WAHA.get(vista.status) != Status.CONNECTED:
        raise ConexaoIndisponivel(
            _("O servidor do WhatsApp diz que o número não está conectado (%(s)s).")
            % {"s": vista.status}
        )
    return _("O servidor do WhatsApp confirma: %(numero)s está conectado.") % {
        "numero": legivel(sessao.phone_number or "") or _("o número")
    }


def conferir(usuario: Usuario) -> Estado:
    """Take over what the server says of the session now, and nothing it does not say.

    Nobody is connected because a caller says so. Raises ``ErroConexoes`` as ``testar``
    when the server cannot be asked.
    """
    sessao, vista = _olhar(usuario)
    with na(sessao.organizacao_id, usuario):
        travar(sessao)
        agora = Olhar(
            agora=timezone.now(),
            webhook=passos.url_do_webhook(sessao.organizacao_id),
            silencio=timedelta(seconds=settings.WHATSAPP_SILENCIO_S),
        )
        # A step under way tells by itself what came of it.
        segue = vista and decidir(sessao, vista, agora) == Acao.SEGUIR
        if segue and not passos.ha_passo(sessao):
            REPAROS[Acao.SEGUIR](sessao, vista)
        return estado(usuario)


def _olhar(usuario: Usuario) -> tuple[SessaoWhatsapp, SessaoNoServidor | None]:
    with na(usuario.organizacao_id, usuario):
        sessao = sessao_de(usuario)
    if sessao is None or not sessao.ligada:
        raise ErroDeDominio(_("Conecte o seu WhatsApp antes."))
    vistas = cliente().sessoes(prazo=_PRAZO_S)
    return sessao, next((v for v in vistas if v.nome == sessao.session_name), None)
