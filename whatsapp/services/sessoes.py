"""A person's session: connect, show the code, decide about it, disconnect."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import idioma
from conexoes.erros import ErroDeDominio
from conexoes.models import SegredoWebhook
from crm.models import Contato, Conversa, Usuario
from crm.services.conversas import Via, conversa_com
from crm.telefones import legivel, normalizar
from whatsapp.models import EVENTOS, SessaoWhatsapp
from whatsapp.services import passos, periodos, risco, ritmo
from whatsapp.services.duvidas import recusar_numero_novo, usar_numero_novo
from whatsapp.services.estado import receber_status
from whatsapp.services.numeros import mesmo_numero
from whatsapp.services.passos import PROVEDOR, url_do_webhook
from whatsapp.services.risco import VERSAO_DO_RISCO, precisa_aceitar_risco
from whatsapp.services.transicoes import (
    auditar,
    avisar,
    esquecer_codigos,
    esquecer_queda,
    gravar,
    mudar_status,
    travar,
)

__all__ = [
    "PROVEDOR",
    "VERSAO_DO_RISCO",
    "abrir_conversa",
    "conectar_sessao",
    "desconectar_sessao",
    "gerar_novo_qr",
    "mesmo_numero",
    "mudar_grupos",
    "mudar_status",
    "nome_da_sessao",
    "pedir_codigo",
    "precisa_aceitar_risco",
    "receber_status",
    "recusar_numero_novo",
    "sessao_de",
    "tentar_de_novo",
    "url_do_webhook",
    "usar_numero_novo",
    "via",
]

Status = SessaoWhatsapp.Status

_UMA_HORA: Final = timedelta(hours=1)
_CODIGOS_POR_HORA: Final = 5
_A_CAMINHO: Final = (Status.QR_PENDING, Status.CONNECTING, Status.CONNECTED)


def conectar_sessao(usuario: Usuario, *, aceita_risco: bool = False) -> SessaoWhatsapp:
    """Begin to connect the person's number: a row and an intent, no waiting.

    Asking again while a code is on screen changes nothing; a connected session stays,
    and so does one whose number is in doubt. Raises ``ErroDeDominio`` for who has not
    accepted the risk, now or before.
    """
    organizacao_id = _organizacao(usuario)
    if not aceita_risco:
        risco.exigir_risco_aceito(usuario)
    sessao, _nova = SessaoWhatsapp.objects.get_or_create(
        organizacao_id=organizacao_id,
        usuario=usuario,
        defaults={"session_name": nome_da_sessao(usuario)},
    )
    travar(sessao)
    if aceita_risco and risco.aceitar(sessao):
        sessao.save()
        auditar("whatsapp.risco_aceito", sessao, usuario, versao=VERSAO_DO_RISCO)
    if sessao.ligada and (sessao.status in _A_CAMINHO or sessao.numero_em_duvida):
        return sessao
    _garantir_segredo(organizacao_id)
    _comecar(sessao, "conectar")
    auditar("whatsapp.conexao_iniciada", sessao, usuario)
    return sessao


def gerar_novo_qr(sessao: SessaoWhatsapp) -> None:
    """Ask for a fresh series of codes, at the person's request and never by itself.

    Raises ``ErroDeDominio`` while the session is connected or its number in doubt.
    """
    travar(sessao)
    if sessao.status == Status.CONNECTED:
        raise ErroDeDominio(_("Este WhatsApp já está conectado."))
    if sessao.numero_em_duvida:
        raise ErroDeDominio(_("Diga antes se o número novo está certo."))
    _comecar(sessao, "reiniciar")


def tentar_de_novo(sessao: SessaoWhatsapp) -> None:
    """Leave quarantine with a fresh code; as ``gerar_novo_qr``."""
    gerar_novo_qr(sessao)


def pedir_codigo(sessao: SessaoWhatsapp, telefone: str) -> None:
    """Ask for a code to type on the phone whose number is ``telefone``, as written.

    The worker waits until the server can give one. Raises ``ErroDeDominio`` for what
    is no number, and when nothing waits to be connected.
    """
    numero = normalizar(telefone)
    if not numero:
        raise ErroDeDominio(_("Escreva o número com DDD, como (11) 98765-4321."))
    travar(sessao)
    if not sessao.ligada or sessao.status not in (Status.QR_PENDING, Status.CONNECTING):
        raise ErroDeDominio(_("Este WhatsApp não está esperando um código."))
    # Each makes WhatsApp ask whoever has that number: not for trying many.
    ha_uma_hora = timezone.now() - _UMA_HORA
    if passos.pedidos_desde(sessao, "codigo", ha_uma_hora) >= _CODIGOS_POR_HORA:
        raise ErroDeDominio(
            _("Foram muitos códigos na última hora. Use o QR Code ou tente mais tarde.")
        )
    passos.dispensar(sessao, "codigo")
    gravar(sessao, codigo="", codigo_expira_em=None)
    passos.pedir(sessao, "codigo", telefone=numero)
    avisar(sessao)


def mudar_grupos(sessao: SessaoWhatsapp, recebe: bool, autor: Usuario) -> None:
    """Let messages of groups in, or keep them out from now on."""
    travar(sessao)
    if sessao.recebe_grupos == recebe:
        return
    gravar(sessao, recebe_grupos=recebe)
    if sessao.ligada:
        passos.pedir(sessao, "configurar")
    auditar("whatsapp.grupos_mudados", sessao, autor, recebe=recebe)
    avisar(sessao)


def desconectar_sessao(sessao: SessaoWhatsapp, *, autor: Usuario) -> None:
    """Log the number out and remove its session; conversations stay.

    What was still waiting to be sent stays paused until the number comes back. What is
    said meanwhile is not for this product: it is never read back.
    """
    travar(sessao)
    sessao.ligada = False
    sessao.historico_ate = None
    sessao.numero_em_duvida = sessao.nome_em_duvida = ""
    esquecer_queda(sessao)
    esquecer_codigos(sessao)
    sessao.save()
    passos.dispensar_historico(sessao)
    with idioma.guardando():
        motivo = _("Desconectado pelo CRM.")
    mudar_status(sessao, Status.DISCONNECTED, motivo=motivo)
    passos.pedir(sessao, "desconectar")
    auditar("whatsapp.desconectado", sessao, autor)


def abrir_conversa(usuario: Usuario, contato: Contato) -> Conversa:
    """The conversation with ``contato`` through the person's own number.

    Raises ``ErroDeDominio`` when there is no phone, when no number ever connected, and
    for a new conversation when the number has begun enough of them today.
    """
    sessao = sessao_de(usuario)
    if sessao is None or not sessao.phone_number:
        raise ErroDeDominio(_("Conecte o seu WhatsApp antes de iniciar a conversa."))
    if not contato.telefone:
        raise ErroDeDominio(_("Este contato não tem telefone."))
    conhecida = Q(conexao_id=sessao.pk) | Q(conexao_id=None, canal="whatsapp")
    nova = not contato.conversas.filter(conhecida).exists()
    if nova and (impedimento := ritmo.impedimento_de_novas(sessao)):
        raise ErroDeDominio(impedimento)
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


def _comecar(sessao: SessaoWhatsapp, passo: str) -> None:
    """The person is at the screen: whatever was before, codes from the first on."""
    sessao.ligada = True
    esquecer_queda(sessao)
    esquecer_codigos(sessao)
    sessao.motivo, sessao.status = "", Status.QR_PENDING
    sessao.status_do_provedor = ""
    sessao.webhook_url = url_do_webhook(sessao.organizacao_id)
    sessao.webhook_events = list(EVENTOS)
    sessao.save()
    periodos.registrar(sessao)
    avisar(sessao)
    # A log-out still on its way is carried out first, in the same step.
    pendente = passos.dispensar(sessao, "desconectar")
    passos.pedir(sessao, "reconectar" if pendente else passo)


def _garantir_segredo(organizacao_id: UUID) -> None:
    SegredoWebhook.da(organizacao_id).get_or_create(
        provedor=PROVEDOR,
        defaults={
            "organizacao_id": organizacao_id,
            "segredo": secrets.token_urlsafe(32),
        },
    )


def _organizacao(usuario: Usuario) -> UUID:
    if usuario.organizacao_id is None:
        raise ErroDeDominio(_("Super admins não conectam um WhatsApp próprio."))
    return usuario.organizacao_id
