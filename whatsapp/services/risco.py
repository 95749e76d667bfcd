"""What a person has to have read before their number is linked."""

from __future__ import annotations

from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes.erros import ErroDeDominio
from crm.models import Usuario
from whatsapp.models import SessaoWhatsapp

# Changes with the text of templates/whatsapp/: then everybody is asked again.
VERSAO_DO_RISCO: Final = "2026-11"


def precisa_aceitar_risco(usuario: Usuario) -> bool:
    """Whether the person has yet to agree to the text as it stands now."""
    return not (
        SessaoWhatsapp.da(usuario.organizacao_id)
        .filter(usuario=usuario, risco_aceito_versao=VERSAO_DO_RISCO)
        .exists()
    )


def exigir_risco_aceito(usuario: Usuario) -> None:
    """``ErroDeDominio`` while the person has not agreed."""
    if precisa_aceitar_risco(usuario):
        raise ErroDeDominio(
            _(
                "Antes de conectar, leia e aceite os riscos de ligar o WhatsApp por"
                " uma conexão não oficial."
            )
        )


def aceitar(sessao: SessaoWhatsapp) -> bool:
    """Note that the person agreed to today's text; False when they had already.

    The caller saves and audits.
    """
    if sessao.risco_aceito_versao == VERSAO_DO_RISCO:
        return False
    sessao.risco_aceito_em = timezone.now()
    sessao.risco_aceito_versao = VERSAO_DO_RISCO
    return True
