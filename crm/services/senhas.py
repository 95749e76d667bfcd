"""The link that makes a new password, mailed to who forgot theirs.

Nobody waits for the mail server: how long the page takes, and whether it works, must
not tell which addresses have an account.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from threading import Thread
from typing import Final

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from uuid6 import uuid7

from conexoes import correio, fila, idioma
from conexoes.models import EventoPendente
from conexoes.tenancy import sistema
from crm.models import Usuario

log = logging.getLogger(__name__)

DESTINO: Final = "crm.senha"
# Who waited longer has asked again.
_VALIDADE: Final = timedelta(hours=1)


def mandar_link(pessoa: Usuario) -> None:
    """Mail the link once the open transaction is committed; the row keeps no token."""
    if pessoa.organizacao_id is None:
        # Rows of work are an organisation's, and a super admin is of none.
        carta = _carta(pessoa)
        transaction.on_commit(
            lambda: Thread(target=_entregar, args=(carta,), daemon=True).start()
        )
        return
    fila.guardar(
        pessoa.organizacao_id,
        tipo="senha.email",
        destino=DESTINO,
        chave=f"senha:{uuid7()}",
        payload={"usuario": str(pessoa.pk)},
        expira_em=timezone.now() + _VALIDADE,
    )


def enviar_link(evento: EventoPendente) -> None:
    """Mail the link that a row asks for, made now. Raises as ``correio.entregar``."""
    with sistema("fila"):
        pessoa = Usuario.objects.filter(
            pk=evento.payload["usuario"],
            organizacao=evento.organizacao_id,
            is_active=True,
        ).first()
        carta = _carta(pessoa) if pessoa else None
    if carta is not None:
        correio.entregar(carta, evento)


def _carta(pessoa: Usuario) -> EmailMessage:
    caminho = reverse(
        "account_reset_password_from_key",
        kwargs={
            "uidb36": user_pk_to_url_str(pessoa),
            "key": default_token_generator.make_token(pessoa),
        },
    )
    link = f"{settings.URL_PUBLICA}{caminho}"
    with idioma.lendo(pessoa):
        carta: EmailMessage = get_adapter().render_mail(
            "account/email/password_reset_key",
            pessoa.email,
            {"password_reset_url": link},
            headers={"Auto-Submitted": "auto-generated"},
        )
    return carta


def _entregar(carta: EmailMessage) -> None:
    try:
        carta.send()
    except OSError as erro:
        # Of the server's troubles SMTPException is one too.
        log.warning("senha_sem_correio", extra={"classe": type(erro).__name__})
