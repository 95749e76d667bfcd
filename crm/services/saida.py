"""What goes out in a conversation: who may answer, and whether it leaves at once."""

from __future__ import annotations

from django.utils.translation import gettext as _

from conexoes import provedores
from conexoes.acesso import pode
from crm.models import Conversa, Usuario


def motivo_de_bloqueio(conversa: Conversa, usuario: Usuario) -> str:
    """Why ``usuario`` may not answer in ``conversa``, in words; "" when they may.

    A conversation runs through somebody's own number: that person answers, who was
    given the conversation, or an admin of the organisation.
    """
    if not pode(usuario, "conversas.responder"):
        return _("Seu papel permite ler esta conversa, mas não responder.")
    if conversa.conexao_id is None:
        return _("Esta conversa ainda não passa por nenhum número conectado.")
    dono = conversa.responsavel
    seus = (conversa.responsavel_id, conversa.atendente_id)
    if usuario.papel == Usuario.Papel.ADMIN or dono is None or usuario.pk in seus:
        provedor = provedores.obter(conversa.canal)
        impedimento = provedor.impedimento if provedor else None
        return impedimento(conversa) if impedimento else ""
    return _("Quem responde por este número é %(nome)s ou a administração.") % {
        "nome": dono.nome
    }


def motivo_de_espera(conversa: Conversa) -> str:
    """Why what is answered now stays in the queue, in words; "" when it leaves."""
    provedor = provedores.obter(conversa.canal)
    if conversa.conexao_id is None or provedor is None or provedor.espera is None:
        return ""
    return provedor.espera(conversa)
