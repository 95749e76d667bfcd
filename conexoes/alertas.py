"""Telling the super admins what only they can mend: kept, and mailed until it is out.

They belong to no organisation, so neither the queue nor the notifications of one can
carry it. The row commits with what it tells of, and the clock sends it.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.utils import timezone

from conexoes.models import Alerta
from conexoes.tenancy import sistema

log = logging.getLogger(__name__)

# Longer than one mail takes: also how long until a mail that failed is tried again.
_VEZ: Final = timedelta(minutes=5)
# They fit in one turn, though the server drips its answers to each.
_DE_UMA_VEZ: Final = 3
# What nobody could be told for so long is told by the site itself.
_VALIDADE: Final = timedelta(days=7)


def contar(chave: str, assunto: str, texto: str) -> None:
    """Keep what is to be mailed to every super admin, in the open transaction.

    ``chave`` names the trouble: told anew before its mail is out, one mail goes.
    """
    with sistema("fila"):
        agora = timezone.now()
        # One line, or no mail takes it and those behind it wait too.
        linha = " ".join(assunto.split())[:200]
        novo = {"assunto": linha, "texto": texto, "proxima_tentativa": agora}
        Alerta.objects.update_or_create(
            chave=chave, defaults=novo | {"enviado_em": None, "criado_em": agora}
        )


def retirar(chave: str) -> None:
    """The trouble is over: what was not mailed yet is not mailed any more."""
    with sistema("fila"):
        Alerta.objects.filter(chave=chave, enviado_em=None).delete()


def enviar() -> int:
    """Mail what is due, each to all super admins at once; how many went out."""
    return sum(_enviar(alerta) for alerta in _tomar())


def _tomar() -> list[Alerta]:
    """What is due, ours until the end of our turn."""
    agora = timezone.now()
    with sistema("fila"):
        devidos = Alerta.objects.select_for_update(skip_locked=True).filter(
            enviado_em=None,
            proxima_tentativa__lte=agora,
            criado_em__gt=agora - _VALIDADE,
        )
        tomados = list(devidos.order_by("proxima_tentativa", "pk")[:_DE_UMA_VEZ])
        for alerta in tomados:
            alerta.proxima_tentativa = agora + _VEZ
        Alerta.objects.bulk_update(tomados, ["proxima_tentativa"])
    return tomados


def _enviar(alerta: Alerta) -> bool:
    enderecos = _super_admins()
    if not enderecos:
        return False
    try:
        # What an SMTP server answers is an OSError too.
        EmailMessage(alerta.assunto, alerta.texto, to=enderecos).send()
    except OSError as erro:
        log.warning("alerta_nao_enviado", extra={"classe": type(erro).__name__})
        return False
    with sistema("fila"):
        # Unless it was told anew meanwhile: that is news.
        Alerta.objects.filter(
            pk=alerta.pk, proxima_tentativa=alerta.proxima_tentativa
        ).update(enviado_em=timezone.now())
    return True


def _super_admins() -> list[str]:
    with sistema("fila"):
        pessoas: Any = get_user_model()._default_manager
        ativas = pessoas.filter(is_superuser=True, is_active=True)
        return list(ativas.values_list("email", flat=True))
