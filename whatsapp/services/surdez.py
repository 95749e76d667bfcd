"""Connected, and nothing comes out of it: is the session deaf, or just quiet?"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils import timezone

from conexoes.models import WebhookRecebido
from conexoes.tenancy import na
from crm.models import Mensagem
from whatsapp.client import WahaClient
from whatsapp.models import SessaoWhatsapp
from whatsapp.payloads import MensagemWaha, e_conversa_de_pessoa, e_grupo
from whatsapp.services.passos import ABERTOS, PROVEDOR

_CHATS: Final = 5
# One younger than this may have its webhook still on the way.
_ATRASO: Final = timedelta(seconds=60)


def esta_surda(servidor: WahaClient, sessao: SessaoWhatsapp) -> bool:
    """Whether the server has a message that it did not tell us; one call.

    Raises the errors of ``conexoes.transport``.
    """
    vistas = [
        conversa.ultima
        for conversa in servidor.conversas(sessao.session_name, quantas=_CHATS)
        if conversa.ultima and _interessa(sessao, conversa.chat)
    ]
    if not vistas:
        return False
    with na(sessao.organizacao_id):
        return not _a_processar(sessao) and _ha_desconhecida(sessao, vistas)


def _interessa(sessao: SessaoWhatsapp, chat: str) -> bool:
    return e_conversa_de_pessoa(chat) or (sessao.recebe_grupos and e_grupo(chat))


def _a_processar(sessao: SessaoWhatsapp) -> bool:
    """Deliveries of ours that wait: what is unknown may be among them."""
    return WebhookRecebido.objects.filter(
        organizacao=sessao.organizacao_id,
        endpoint=f"{PROVEDOR}:{sessao.organizacao_id}",
        status__in=ABERTOS,
    ).exists()


def _ha_desconhecida(sessao: SessaoWhatsapp, vistas: list[MensagemWaha]) -> bool:
    desde = sessao.historico_ate or sessao.conectado_em
    if desde is None:
        return False
    ate = timezone.now() - _ATRASO
    # What has no content we would show may be the engine's own business.
    ditas = {
        vista.id
        for vista in vistas
        if desde < vista.momento <= ate and vista.tipo != Mensagem.Tipo.NAO_SUPORTADO
    }
    conhecidas = Mensagem.da(sessao.organizacao_id).filter(
        conexao_id=sessao.pk, id_externo__in=ditas
    )
    return bool(ditas - set(conhecidas.values_list("id_externo", flat=True)))
