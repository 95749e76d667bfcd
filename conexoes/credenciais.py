"""The installation's own credentials: read by workers, marked when refused."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import alertas, auditoria
from conexoes.erros import ConexaoIndisponivel, CredencialIlegivel
from conexoes.models import CredencialGlobal
from conexoes.tenancy import sistema

log = logging.getLogger(__name__)

# What a provider signed before it learnt of a new secret may still be on its way.
SEGREDO_ANTERIOR: Final = timedelta(hours=24)


def credencial(provedor: str) -> CredencialGlobal:
    """The global credential of ``provedor``; ``ConexaoIndisponivel`` without one."""
    with sistema("fila"):
        achada = CredencialGlobal.objects.filter(provedor=provedor).first()
    if achada is None or not (achada.url or achada.identificador):
        raise ConexaoIndisponivel(
            _("A integração ainda não foi configurada pelo administrador do sistema.")
        )
    return achada


def marcar_problema(provedor: str, texto: str) -> None:
    """Note that the provider refuses the credential; super admins are told once."""
    with sistema("fila"):
        marcadas = CredencialGlobal.objects.filter(
            provedor=provedor, problema=""
        ).update(problema=texto, atualizado_em=timezone.now())
        if not marcadas:
            return
        auditoria.registrar("credencial.recusada", objeto=provedor)
        alertas.contar(
            _alerta(provedor),
            _("Conexões: credencial recusada (%(provedor)s)") % {"provedor": provedor},
            _(
                "%(texto)s\n\nOs envios deste provedor estão pausados e serão retomados"
                " quando a credencial for corrigida em %(url)s/admin/. Nada foi"
                " perdido."
            )
            % {"texto": texto, "url": settings.URL_PUBLICA},
        )


def marcar_testada(provedor: str) -> None:
    """Note that the provider accepted the credential just now."""
    with sistema("admin"):
        CredencialGlobal.objects.filter(provedor=provedor).update(
            problema="", testada_em=timezone.now()
        )
    esquecer_problema(provedor)


def esquecer_problema(provedor: str) -> None:
    """It is mended: nobody needs to be told of it any more."""
    alertas.retirar(_alerta(provedor))


def guardar_anterior(nova: CredencialGlobal) -> None:
    """Let the secret that ``nova`` is about to replace sign for a day more."""
    antiga = CredencialGlobal.objects.get(pk=nova.pk)
    # One that nobody can read any more is only replaced.
    with suppress(CredencialIlegivel):
        if antiga.segredo and antiga.segredo != nova.segredo:
            nova.segredo_anterior = antiga.segredo
            nova.segredo_anterior_ate = timezone.now() + SEGREDO_ANTERIOR


def esquecer_anteriores(agora: datetime) -> int:
    """Erase replaced secrets whose day is over; how many."""
    with sistema("retencao"):
        vencidas = CredencialGlobal.objects.filter(segredo_anterior_ate__lt=agora)
        return vencidas.update(segredo_anterior="", segredo_anterior_ate=None)


def _alerta(provedor: str) -> str:
    return f"credencial:{provedor}"
