"""Talks to a WAHA server: one method per endpoint; knows no model.

Shapes and oddities: https://waha.devlike.pro/docs/how-to/sessions/ and
https://waha.devlike.pro/docs/how-to/send-messages/
"""

from __future__ import annotations

from whatsapp.client.historico import Historico
from whatsapp.client.mensagens import Mensagens
from whatsapp.client.midias import ArquivoSumiu, Midias
from whatsapp.client.servidor import ChaveRecusada, Versao
from whatsapp.client.sessoes import Sessoes

__all__ = ["ArquivoSumiu", "ChaveRecusada", "Versao", "WahaClient"]


class WahaClient(Sessoes, Mensagens, Midias, Historico):
    """A WAHA server at ``url`` with its API key.

    Every method raises the errors of ``conexoes.transport``. A refused key is the
    super admin's to mend, so it comes as ``CredencialInvalida`` whose
    ``credencial_global`` is "waha", and asks no tenant to reconnect.
    """
