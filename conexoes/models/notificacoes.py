"""What one person should know, until they have read it."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conexoes.isolamento import ChaveDaOrganizacao
from conexoes.models.abstratos import DaOrganizacao


class Notificacao(DaOrganizacao):
    """Told to one person once; ``chave`` says what, so that repeats are one row.

    ``url`` is a path inside the product, or empty.
    """

    class Tom(models.TextChoices):
        OK = "ok", _("Boa notícia")
        INFO = "info", _("Informação")
        ALERTA = "alerta", _("Alerta")
        ERRO = "erro", _("Erro")

    usuario = ChaveDaOrganizacao(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
    )
    titulo = models.CharField(max_length=200)
    texto = models.TextField(blank=True)
    url = models.CharField(max_length=500, blank=True)
    tom = models.CharField(max_length=10, choices=Tom, default=Tom.INFO)
    icone = models.CharField(max_length=50, blank=True)
    chave = models.CharField(max_length=200)
    lida_em = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "notificacoes"
        verbose_name = "notificação"
        verbose_name_plural = "notificações"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "usuario", "chave"], name="notificacoes_uma_vez"
            ),
        ]
        indexes = [
            models.Index(fields=["usuario", "-id"], name="notificacoes_lista"),
            models.Index(
                fields=["usuario", "-id"],
                name="notificacoes_nao_lidas",
                condition=models.Q(lida_em=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tom} {self.id}"

    @property
    def dia(self) -> date:
        return timezone.localdate(self.criado_em)

    @property
    def icone_visivel(self) -> str:
        return self.icone or _ICONES[self.Tom(self.tom)]


_ICONES: Final = {
    Notificacao.Tom.OK: "circle-check",
    Notificacao.Tom.INFO: "info",
    Notificacao.Tom.ALERTA: "triangle-alert",
    Notificacao.Tom.ERRO: "circle-alert",
}
