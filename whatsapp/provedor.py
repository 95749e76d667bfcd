"""What WhatsApp is to the rest of the house: its card, its work, its demo."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conexoes.models import CredencialGlobal, EventoPendente, Motivo
from conexoes.provedores import Cartao, Destino, Provedor
from conexoes.retentativas import OPERACOES, Operacao
from crm.telefones import legivel
from whatsapp.client import WahaClient
from whatsapp.models import SessaoWhatsapp
from whatsapp.services import mensagens, recebimento, servidor, sessoes
from whatsapp.services.demonstracao import conversa_antiga

Status = SessaoWhatsapp.Status

TONS: Final = {
    Status.CONNECTED: "ok",
    Status.QR_PENDING: "info",
    Status.CONNECTING: "info",
    Status.DISCONNECTED: "neutro",
    Status.FAILED: "erro",
}
# Our own side is slow to give up on what a customer said.
_RECEBER: Final = Operacao(8, 1, "exponencial", 10)
# A person waits in front of the screen.
_SESSAO: Final = replace(OPERACOES["enviar_whatsapp"], tentativas=5)


def cartao(organizacao: Any, usuario: Any) -> Cartao:
    """The person's own number; an admin also learns how the team stands."""
    todas = list(SessaoWhatsapp.da(organizacao))
    minha = next((s for s in todas if s.usuario_id == usuario.pk), None)
    if minha is None or minha.status == Status.DISCONNECTED:
        return _desconectado(todas)
    parado = EventoPendente.da(organizacao).filter(
        conexao_id=minha.pk, motivo=Motivo.PAUSADA
    )
    if minha.status == Status.CONNECTED and (espera := parado.first()):
        # Connected, and yet nothing goes out: the page must not look well.
        return Cartao(
            estado=_("Pausado"),
            tom_estado="alerta",
            detalhe=espera.ultimo_erro,
            desde=espera.criado_em,
            acao=_("Configurar"),
        )
    return Cartao(
        estado=minha.get_status_display(),
        tom_estado=TONS[Status(minha.status)],
        detalhe=" · ".join(
            filter(None, (legivel(minha.phone_number or ""), minha.phone_name))
        ),
        desde=minha.conectado_em if minha.status == Status.CONNECTED else None,
        metricas=(
            {
                "valor": str(minha.total_mensagens_recebidas),
                "rotulo": _("recebidas"),
            },
            {"valor": str(minha.total_mensagens_enviadas), "rotulo": _("enviadas")},
        ),
        acao=_("Configurar"),
    )


def _desconectado(todas: list[SessaoWhatsapp]) -> Cartao:
    ligadas = sum(s.status == Status.CONNECTED for s in todas)
    detalhe = (
        ngettext(
            "%(n)d número da equipe conectado",
            "%(n)d números da equipe conectados",
            ligadas,
        )
        % {"n": ligadas}
        if ligadas
        else ""
    )
    return Cartao(
        estado=_("Desconectado"),
        tom_estado="neutro",
        detalhe=detalhe,
        acao=_("Conectar"),
    )


def testar_credencial(credencial: CredencialGlobal) -> str:
    """Ask the server its version with the key; errors as ``conexoes.transport``."""
    versao = WahaClient(credencial.url, credencial.segredo).versao()
    return _("O servidor respondeu: WAHA %(versao)s, motor %(engine)s.") % {
        "versao": versao.versao or "?",
        "engine": versao.engine or "?",
    }


def demonstrar(organizacao: Any) -> None:
    """An old conversation, and the sandbox unless somebody configured a server."""
    conversa_antiga(organizacao)
    if settings.SANDBOX_URL:
        CredencialGlobal.objects.get_or_create(
            provedor=sessoes.PROVEDOR,
            defaults={
                "url": f"{settings.SANDBOX_URL}/waha",
                "segredo": settings.SANDBOX_CHAVE,
            },
        )


PROVEDOR = Provedor(
    slug="whatsapp",
    nome="WhatsApp",
    descricao="Receba e responda as mensagens do seu número dentro do CRM.",
    icone="message-circle",
    tom="verde",
    url="whatsapp:pagina",
    acao_permitida="whatsapp.conectar",
    cartao=cartao,
    destinos={
        "waha.webhook": Destino(recebimento.receber_evento, _RECEBER),
        "whatsapp.envio": Destino(
            mensagens.enviar_mensagem,
            OPERACOES["enviar_whatsapp"],
            chama_fora=True,
            conferir=mensagens.conferir_envio,
            ao_mudar=mensagens.envio_mudou,
            travar=mensagens.travar_envio,
        ),
        "whatsapp.sessao": Destino(
            servidor.cuidar_da_sessao,
            _SESSAO,
            chama_fora=True,
            ao_mudar=servidor.intento_falhou,
        ),
        "whatsapp.desligamento": Destino(
            servidor.cuidar_da_sessao,
            replace(_SESSAO, cauda_longa=True),
            chama_fora=True,
        ),
    },
    abrir_conversa=sessoes.abrir_conversa,
    demonstrar=demonstrar,
    credencial=sessoes.PROVEDOR,
    testar_credencial=testar_credencial,
)
