"""Log-ins at a provider that were begun and have not come back yet."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from conexoes.cofre import CampoCifrado
from conexoes.isolamento import ChaveDaOrganizacao
from conexoes.models.abstratos import DaOrganizacao


class EstadoOAuth(DaOrganizacao):
    """One way out to a provider's log-in, good for one way back.

    ``resumo`` is the SHA-256 of the state that the browser carries, ``sessao`` of the
    session it left with. ``dados`` is what the integration wants back, never secret.
    """

    usuario = ChaveDaOrganizacao(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    provedor = models.SlugField(max_length=50)
    resumo = models.CharField(max_length=64, unique=True)
    sessao = models.CharField(max_length=64)
    verificador = CampoCifrado(
        db_column="verificador_encrypted", blank=True, default=""
    )
    dados = models.JSONField(default=dict, blank=True)
    expira_em = models.DateTimeField()

    class Meta:
        db_table = "estados_oauth"

    def __str__(self) -> str:
        return f"{self.provedor} {self.usuario_id}"
