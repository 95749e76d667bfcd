"""The mail of a notification, in the language of its person."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from conexoes import idioma
from conexoes.models import EventoPendente, Notificacao
from conexoes.tenancy import na


def escrever(evento: EventoPendente) -> EmailMessage | None:
    """What the row's mail says now; None when its person or its news is gone."""
    with na(evento.organizacao_id):
        notificacao = (
            Notificacao.da(evento.organizacao_id)
            .select_related("usuario", "organizacao")
            .filter(pk=evento.payload["notificacao"])
            .first()
        )
        outras = _outras(notificacao, evento) if notificacao else 0
    if notificacao is None or not notificacao.usuario.is_active:
        return None
    return compor(notificacao, outras=outras)


def _outras(notificacao: Notificacao, evento: EventoPendente) -> int:
    """How many more of its kind came since the one that had a mail of its own."""
    if "desde" not in evento.payload:
        return 0
    especie = notificacao.chave.partition(":")[0]
    desde_la = Notificacao.da(evento.organizacao_id).filter(
        usuario=notificacao.usuario,
        chave__startswith=f"{especie}:",
        pk__gt=evento.payload["desde"],
    )
    return desde_la.exclude(pk=notificacao.pk).count()


def compor(notificacao: Notificacao, *, outras: int = 0) -> EmailMessage:
    """The mail of one notification, in the language of its person.

    ``outras`` are told of in it by their number.
    """
    caminho = reverse("notificacoes:abrir", args=[notificacao.pk])
    contexto = {
        "notificacao": notificacao,
        "nome": notificacao.usuario.nome,
        "organizacao": notificacao.organizacao.nome,
        "link": f"{settings.URL_PUBLICA}{caminho}",
        "outras": outras,
        "preferencias": f"{settings.URL_PUBLICA}{reverse('notificacoes:preferencias')}",
    }
    with idioma.lendo(notificacao.usuario):
        titulo = idioma.traduzir(notificacao.titulo)
        if outras:
            partes = {"titulo": titulo, "n": outras}
            titulo = _("%(titulo)s e mais %(n)d") % partes
        texto = render_to_string("email/notificacao.txt", contexto)
        html = render_to_string("email/notificacao.html", contexto)
    dominio = urlsplit(settings.URL_PUBLICA).hostname
    mensagem = EmailMultiAlternatives(
        # A header is one line, whatever the title holds.
        subject=" ".join(titulo.split()),
        body=texto,
        to=[notificacao.usuario.email],
        headers={
            "Message-ID": f"<notificacao.{notificacao.pk}@{dominio}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    mensagem.attach_alternative(html, "text/html")
    return mensagem
