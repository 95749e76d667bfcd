"""A person's session: connect, show the QR code, follow its state, disconnect."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from uuid6 import uuid7

from conexoes import aovivo, auditoria, fila
from conexoes.erros import ErroDeDominio
from conexoes.models import SegredoWebhook
from crm.models import Contato, Conversa, Usuario
from crm.services.conversas import Via, conversa_com
from crm.telefones import legivel, normalizar
from whatsapp.models import EVENTOS, SessaoWhatsapp
from whatsapp.payloads import Evento

Status = SessaoWhatsapp.Status

PROVEDOR: Final = "waha"
# WAHA's word -> the PRD's. CONNECTED is the PRD's own example and costs nothing.
STATUS_DO_WAHA: Final = {
    "STOPPED": Status.DISCONNECTED,
    "STARTING": Status.CONNECTING,
    "SCAN_QR_CODE": Status.QR_PENDING,
    "WORKING": Status.CONNECTED,
    "CONNECTED": Status.CONNECTED,
    "FAILED": Status.FAILED,
}
# The first code of a session lives a minute, the others 20 s; after six it fails.
# https://waha.devlike.pro/docs/how-to/sessions/
_PRIMEIRO_QR: Final = timedelta(seconds=60)
_OUTRO_QR: Final = timedelta(seconds=20)


def conectar_sessao(usuario: Usuario) -> SessaoWhatsapp:
    """Begin to connect the person's number: a row and an intent, no waiting.

    Asking again while a code is on screen changes nothing; a connected session stays.
    """
    sessao, _nova = SessaoWhatsapp.objects.get_or_create(
        organizacao_id=_organizacao(usuario),
        usuario=usuario,
        defaults={"session_name": nome_da_sessao(usuario)},
    )
    _travar(sessao)
    if sessao.ligada and sessao.status in (
        Status.QR_PENDING,
        Status.CONNECTING,
        Status.CONNECTED,
    ):
        return sessao
    SegredoWebhook.da(sessao.organizacao_id).get_or_create(
        provedor=PROVEDOR,
        defaults={
            "organizacao_id": sessao.organizacao_id,
            "segredo": secrets.token_urlsafe(32),
        },
    )
    _preparar(sessao)
    # A log-out still on its way is carried out first, in the same step.
    pendente = fila.dispensar(
        sessao.organizacao_id, prefixo_da_chave=_chave(sessao, "desconectar")
    )
    _pedir(sessao, "reconectar" if pendente else "conectar")
    _auditar("whatsapp.conexao_iniciada", sessao, usuario)
    return sessao


def gerar_novo_qr(sessao: SessaoWhatsapp) -> None:
    """Ask for a fresh series of codes, at the person's request and never by itself.

    Raises ``ErroDeDominio`` while the session is connected.
    """
    _travar(sessao)
    if sessao.status == Status.CONNECTED:
        raise ErroDeDominio(_("Este WhatsApp já está conectado."))
    _preparar(sessao)
    _pedir(sessao, "reiniciar")


def desconectar_sessao(sessao: SessaoWhatsapp, *, autor: Usuario) -> None:
    """Log the number out and remove its session; conversations stay.

    What was still waiting to be sent stays paused until the number comes back.
    """
    _travar(sessao)
    sessao.ligada = False
    sessao.qr = ""
    sessao.save(update_fields=["ligada", "qr", "atualizado_em"])
    mudar_status(sessao, Status.DISCONNECTED, motivo=_("Desconectado pelo CRM."))
    _pedir(sessao, "desconectar")
    _auditar("whatsapp.desconectado", sessao, autor)


def receber_status(sessao: SessaoWhatsapp, evento: Evento) -> None:
    """Follow what WAHA says of the session; late news changes nothing."""
    bruto = str(evento.payload.get("status", ""))[:50]
    if sessao.status_em and evento.em < sessao.status_em:
        return
    sessao.status_em, sessao.status_do_provedor = evento.em, bruto
    sessao.save(update_fields=["status_em", "status_do_provedor", "atualizado_em"])
    novo = STATUS_DO_WAHA.get(bruto)
    # A log-out restarts the session for a moment: the person's wish counts.
    if novo is None or (not sessao.ligada and novo != Status.DISCONNECTED):
        return
    if novo == Status.QR_PENDING:
        _anunciar_qr(sessao)
    elif novo == Status.CONNECTED:
        _conectou(sessao, evento)
    else:
        mudar_status(sessao, novo, motivo=_motivo(sessao, novo))


def abrir_conversa(usuario: Usuario, contato: Contato) -> Conversa:
    """The conversation with ``contato`` through the person's own number.

    Raises ``ErroDeDominio`` when there is no phone, or no number ever connected.
    """
    sessao = sessao_de(usuario)
    if sessao is None or not sessao.phone_number:
        raise ErroDeDominio(_("Conecte o seu WhatsApp antes de iniciar a conversa."))
    if not contato.telefone:
        raise ErroDeDominio(_("Este contato não tem telefone."))
    conhecido = contato.identidades.filter(
        canal="whatsapp", identificador__endswith="@c.us"
    ).first()
    endereco = conhecido.identificador if conhecido else f"{contato.telefone[1:]}@c.us"
    return conversa_com(contato, via(sessao), endereco=endereco)


def sessao_de(usuario: Usuario) -> SessaoWhatsapp | None:
    """The person's session, or None before they first connected."""
    return SessaoWhatsapp.da(_organizacao(usuario)).filter(usuario=usuario).first()


def via(sessao: SessaoWhatsapp) -> Via:
    """The session as the domain sees it."""
    return Via(
        canal="whatsapp",
        conexao_id=sessao.pk,
        nome=legivel(sessao.phone_number or ""),
        responsavel_id=sessao.usuario_id,
    )


def nome_da_sessao(usuario: Usuario) -> str:
    """``wpp-{organisation}-{person}`` in 45 characters, where WAHA allows 54.

    The last 20 hex digits of each id are its random part.
    """
    return f"wpp-{_organizacao(usuario).hex[-20:]}-{usuario.pk.hex[-20:]}"


def url_do_webhook(organizacao_id: UUID) -> str:
    """Where WAHA delivers an organisation's events."""
    return f"{settings.URL_PUBLICA}{reverse('waha_webhook', args=[organizacao_id])}"


def _travar(sessao: SessaoWhatsapp) -> None:
    """Read the session anew under its lock: WAHA may have spoken meanwhile."""
    linhas = SessaoWhatsapp.da(sessao.organizacao_id).select_for_update()
    sessao.refresh_from_db(from_queryset=linhas)


def _preparar(sessao: SessaoWhatsapp) -> None:
    sessao.ligada = True
    sessao.qr, sessao.qr_expira_em, sessao.qr_numero = "", None, 0
    sessao.motivo, sessao.status = "", Status.QR_PENDING
    sessao.webhook_url = url_do_webhook(sessao.organizacao_id)
    sessao.webhook_events = list(EVENTOS)
    sessao.save()
    _avisar(sessao)


def _pedir(sessao: SessaoWhatsapp, passo: str) -> None:
    # A log-out is never given up: the page already says that it is disconnected.
    desligar = passo == "desconectar"
    fila.guardar(
        sessao.organizacao_id,
        tipo="whatsapp_sessao",
        destino="whatsapp.desligamento" if desligar else "whatsapp.sessao",
        chave=f"{_chave(sessao, passo)}{uuid7()}",
        payload={"sessao_id": str(sessao.pk), "passo": passo},
        ordem=f"sessao:{sessao.pk}",
    )


def _chave(sessao: SessaoWhatsapp, passo: str) -> str:
    return f"sessao:{sessao.pk}:{passo}:"


def _anunciar_qr(sessao: SessaoWhatsapp) -> None:
    """Every repeat of SCAN_QR_CODE is a new code: fetch it, whatever we showed."""
    validade = _PRIMEIRO_QR if sessao.qr_numero == 0 else _OUTRO_QR
    sessao.qr_numero += 1
    sessao.qr, sessao.qr_expira_em = "", timezone.now() + validade
    sessao.save(update_fields=["qr", "qr_numero", "qr_expira_em", "atualizado_em"])
    mudar_status(sessao, Status.QR_PENDING)
    _pedir(sessao, "qr")


def _conectou(sessao: SessaoWhatsapp, evento: Evento) -> None:
    if evento.eu and evento.eu.telefone:
        sessao.phone_number = normalizar(evento.eu.telefone) or evento.eu.telefone
        sessao.phone_name = evento.eu.nome
    sessao.qr, sessao.qr_expira_em, sessao.qr_numero = "", None, 0
    sessao.save()
    if sessao.status != Status.CONNECTED:
        _auditar("whatsapp.conectado", sessao, None)
    mudar_status(sessao, Status.CONNECTED)
    fila.retomar(sessao.organizacao_id, conexao_id=sessao.pk)


def mudar_status(sessao: SessaoWhatsapp, novo: str, *, motivo: str = "") -> None:
    agora = timezone.now()
    campos: dict[str, Any] = {"status": novo, "motivo": motivo[:300]}
    if novo == Status.CONNECTED and sessao.status != Status.CONNECTED:
        campos["conectado_em"] = agora
    if sessao.status == Status.CONNECTED and novo in (
        Status.DISCONNECTED,
        Status.FAILED,
    ):
        campos["desconectado_em"] = agora
    for campo, valor in campos.items():
        setattr(sessao, campo, valor)
    sessao.save(update_fields=[*campos, "atualizado_em"])
    _avisar(sessao)


def _motivo(sessao: SessaoWhatsapp, novo: str) -> str:
    if novo == Status.FAILED and sessao.qr_numero:
        return _("O QR Code expirou sem ser lido. Gere um novo quando quiser.")
    if novo == Status.FAILED and sessao.status == Status.CONNECTED:
        return _("O aparelho foi desconectado no celular. Conecte de novo.")
    if novo == Status.FAILED:
        return _("O servidor não conseguiu falar com o WhatsApp. Tente de novo.")
    if novo == Status.DISCONNECTED and sessao.ligada:
        return _("A sessão foi parada no servidor do WhatsApp.")
    return ""


def _avisar(sessao: SessaoWhatsapp) -> None:
    aovivo.avisar(sessao.organizacao_id, "whatsapp")
    aovivo.avisar(sessao.organizacao_id, "conexoes")


def _auditar(acao: str, sessao: SessaoWhatsapp, autor: Usuario | None) -> None:
    auditoria.registrar(
        acao,
        organizacao=sessao.organizacao_id,
        autor=autor,
        objeto=f"sessao:{sessao.pk}",
    )


def _organizacao(usuario: Usuario) -> UUID:
    if usuario.organizacao_id is None:
        raise ErroDeDominio(_("Super admins não conectam um WhatsApp próprio."))
    return usuario.organizacao_id
