"""Whose number a session is, and who else of the organisation has the same."""

from __future__ import annotations

from conexoes.tenancy import na
from crm.telefones import chave, normalizar
from whatsapp.models import SessaoWhatsapp
from whatsapp.payloads import Eu


def numero_de(eu: Eu | None) -> str:
    """The number of an account in E.164, "" while WAHA does not know it."""
    if eu is None or not eu.telefone:
        return ""
    return normalizar(eu.telefone) or eu.telefone


def e_outro(sessao: SessaoWhatsapp, numero: str) -> bool:
    """Whether ``numero`` is not the one that the session had before.

    The ninth digit makes no other number.
    """
    antes = sessao.phone_number or ""
    return bool(antes and numero and chave(antes) != chave(numero))


def outras_com_o_numero(sessao: SessaoWhatsapp) -> list[SessaoWhatsapp]:
    """Other people's connected sessions of the organisation with the same number."""
    if not sessao.phone_number:
        return []
    ligadas = (
        SessaoWhatsapp.da(sessao.organizacao_id)
        .filter(status=SessaoWhatsapp.Status.CONNECTED)
        .exclude(pk=sessao.pk)
        .exclude(phone_number=None)
        .select_related("usuario")
    )
    numero = chave(sessao.phone_number)
    return [outra for outra in ligadas if chave(outra.phone_number or "") == numero]


def mesmo_numero(sessao: SessaoWhatsapp) -> list[str]:
    """Who else is connected with this very number: every message is here twice."""
    if sessao.status != SessaoWhatsapp.Status.CONNECTED:
        return []
    # As the service: a member cannot see a colleague's session, and must know this.
    with na(sessao.organizacao_id):
        return sorted(outra.usuario.nome for outra in outras_com_o_numero(sessao))
