"""The installation's own credentials: read by workers, marked when refused."""

from __future__ import annotations

import logging

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import alertas, auditoria
from conexoes.erros import ConexaoIndisponivel
from conexoes.models import CredencialGlobal
from conexoes.tenancy import sistema

log = logging.getLogger(__name__)


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


def _alerta(provedor: str) -> str:
    return f"credencial:{provedor}"
