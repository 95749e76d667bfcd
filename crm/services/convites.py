"""Invitations: somebody is asked by mail to join, and makes their own password."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from uuid6 import uuid7

from conexoes import auditoria, correio, fila
from conexoes.erros import ErroDeDominio
from conexoes.models import EventoPendente
from conexoes.tenancy import na, sistema
from crm.models import Convite, Organizacao, Usuario
from crm.services.equipe import PERMISSOES

DESTINO: Final = "crm.convite"
VALIDADE: Final = timedelta(days=7)
_POR_DIA: Final = 50


def convidar(
    organizacao: Organizacao,
    *,
    email: str,
    papel: str,
    permissoes: Mapping[str, bool],
    autor: Usuario,
) -> Convite:
    """Ask one address to join; an open invitation of the same one is replaced.

    The mail goes out through the queue. Whether the address has an account in another
    organisation is nobody's business here: only its owner learns of it, by that mail.
    Raises ``ErroDeDominio`` for somebody of the team and beyond fifty a day.
    """
    email = email.strip().lower()
    if Usuario.objects.filter(organizacao=organizacao, email=email).exists():
        raise ErroDeDominio(_("%(email)s já está na equipe.") % {"email": email})
    ontem = timezone.now() - timedelta(days=1)
    if Convite.da(organizacao).filter(criado_em__gte=ontem).count() >= _POR_DIA:
        raise ErroDeDominio(
            _("São até %(n)d convites por dia. Tente de novo amanhã.") % {"n": _POR_DIA}
        )
    abertos(organizacao).filter(email=email).update(cancelado_em=timezone.now())
    convite = Convite.objects.create(
        organizacao=organizacao,
        email=email,
        papel=papel,
        permissoes_conexoes={p: bool(permissoes.get(p)) for p in PERMISSOES},
        # Nobody has its link until the mail is written.
        token_hash=_resumo(secrets.token_urlsafe(32)),
        # A super admin is of no organisation, and the key would lead out of this one.
        autor=autor if autor.organizacao_id == organizacao.pk else None,
        expira_em=timezone.now() + VALIDADE,
    )
    _mandar(convite)
    _registrar("convite.enviado", convite, autor)
    return convite


def reenviar(convite: Convite, *, autor: Usuario) -> None:
    """Send the mail once more, with a new link and its days counted anew.

    Raises ``ErroDeDominio`` for one that was accepted or cancelled.
    """
    if convite.aceito_em or convite.cancelado_em:
        raise ErroDeDominio(_("Este convite não está mais aberto."))
    convite.expira_em = timezone.now() + VALIDADE
    convite.save(update_fields=["expira_em", "atualizado_em"])
    _mandar(convite)
    _registrar("convite.reenviado", convite, autor)


def cancelar(convite: Convite, *, autor: Usuario) -> None:
    """Make an invitation's link worthless."""
    if convite.aceito_em or convite.cancelado_em:
        return
    convite.cancelado_em = timezone.now()
    convite.save(update_fields=["cancelado_em", "atualizado_em"])
    _registrar("convite.cancelado", convite, autor)


def enviar_convite(evento: EventoPendente) -> None:
    """Mail one invitation; the link is made now and kept by its hash alone.

    Sent again, the newest mail has the link that counts. Raises as
    ``correio.entregar``.
    """
    token = secrets.token_urlsafe(32)
    with na(evento.organizacao_id):
        convite = (
            abertos(evento.organizacao_id)
            .select_related("organizacao", "autor")
            .select_for_update(of=("self",))
            .filter(pk=evento.payload["convite"])
            .first()
        )
        if convite is None:
            return
        convite.token_hash = _resumo(token)
        convite.save(update_fields=["token_hash", "atualizado_em"])
    with sistema("fila"):
        ja_tem = Usuario.objects.filter(email=convite.email).exists()
    correio.entregar(_carta(convite, token, ja_tem=ja_tem), evento)


def aberto_com(token: str) -> Convite | None:
    """The invitation that a link opens, locked, while it may be accepted.

    In the system's context: nobody knows yet whose it is.
    """
    return (
        Convite.objects.filter(
            token_hash=_resumo(token),
            aceito_em=None,
            cancelado_em=None,
            expira_em__gt=timezone.now(),
        )
        .select_related("organizacao")
        .select_for_update(of=("self",))
        .first()
    )


def aceitar(convite: Convite, *, nome: str, senha: str) -> Usuario:
    """Make the account that an invitation promised; the invitation is locked.

    In the system's context. Raises ``ErroDeDominio`` when the address has an account.
    """
    try:
        with transaction.atomic():
            pessoa = Usuario.objects.create_user(
                convite.email,
                senha,
                nome=nome,
                organizacao=convite.organizacao,
                papel=convite.papel,
                permissoes_conexoes=convite.permissoes_conexoes,
            )
    except IntegrityError:
        raise ErroDeDominio(
            _("Este e-mail já tem uma conta. Entre com ela ou peça outro convite.")
        ) from None
    convite.aceito_em = timezone.now()
    convite.save(update_fields=["aceito_em", "atualizado_em"])
    _registrar("convite.aceito", convite, pessoa)
    return pessoa


def abertos(organizacao: Any) -> QuerySet[Convite]:
    """Invitations that wait for an answer, the expired ones too."""
    return Convite.da(organizacao).filter(aceito_em=None, cancelado_em=None)


def devolvidos(organizacao: Any, convites: Iterable[Convite]) -> dict[UUID, str]:
    """Why the newest mail of an invitation was given up; without those that went."""
    # The newest ends with its invitation: one sent again leaves the others behind.
    fins = {str(um.pk): um.expira_em for um in convites}
    if not fins:
        return {}
    falhas = EventoPendente.da(organizacao).filter(
        destino=DESTINO, status="failed", payload__convite__in=list(fins)
    )
    return {
        UUID(falha.payload["convite"]): falha.ultimo_erro
        for falha in falhas.only("payload", "expira_em", "ultimo_erro")
        if falha.expira_em == fins[falha.payload["convite"]]
    }


def _mandar(convite: Convite) -> None:
    fila.guardar(
        convite.organizacao_id,
        tipo="convite.email",
        destino=DESTINO,
        chave=f"convite:{convite.pk}:{uuid7()}",
        payload={"convite": str(convite.pk)},
        expira_em=convite.expira_em,
    )


def _carta(convite: Convite, token: str, *, ja_tem: bool) -> EmailMessage:
    caminho = reverse("aceitar_convite", args=[token])
    contexto = {
        "organizacao": convite.organizacao.nome,
        "quem": convite.autor.nome if convite.autor else "",
        "link": f"{settings.URL_PUBLICA}{caminho}",
        "dias": VALIDADE.days,
        "ja_tem": ja_tem,
    }
    dominio = urlsplit(settings.URL_PUBLICA).hostname
    # A header is one line, whatever the name holds.
    nome = " ".join(convite.organizacao.nome.split())
    return EmailMessage(
        subject=_("Convite para a equipe de %(nome)s") % {"nome": nome},
        body=render_to_string("email/convite.txt", contexto),
        to=[convite.email],
        headers={
            "Message-ID": f"<convite.{uuid7()}@{dominio}>",
            "Auto-Submitted": "auto-generated",
        },
    )


def _resumo(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _registrar(acao: str, convite: Convite, autor: Usuario) -> None:
    auditoria.registrar(
        acao,
        organizacao=convite.organizacao_id,
        autor=autor,
        objeto=f"convite:{convite.pk}",
    )
