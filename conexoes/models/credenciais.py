"""Secrets of the installation and of an organisation's webhooks."""

from __future__ import annotations

from django.db import models

from conexoes.cofre import CampoCifrado
from conexoes.models.abstratos import ComTempos, DaOrganizacao


class CredencialGlobal(ComTempos):
    """One provider's app credential, set by the super admin for everyone (PRD-14).

    Each provider uses the columns it has a word for. A replaced ``segredo`` still
    signs what the provider sends until ``segredo_anterior_ate``.
    """

    provedor = models.SlugField("provedor", max_length=50, unique=True)
    url = models.URLField("endereço", max_length=500, blank=True)
    identificador = models.CharField(
        "identificador do aplicativo",
        max_length=100,
        blank=True,
        default="",
        db_default="",
    )
    segredo = CampoCifrado("chave", db_column="segredo_encrypted", blank=True)
    segredo_anterior = CampoCifrado(
        db_column="segredo_anterior_encrypted", blank=True, default="", editable=False
    )
    segredo_anterior_ate = models.DateTimeField(null=True, blank=True, editable=False)
    token_de_verificacao = CampoCifrado(
        "token de verificação",
        db_column="token_de_verificacao_encrypted",
        blank=True,
        default="",
    )
    versao = models.CharField(
        "versão", max_length=20, blank=True, default="", db_default=""
    )
    problema = models.TextField("problema", blank=True, editable=False)
    testada_em = models.DateTimeField(
        "último teste", null=True, blank=True, editable=False
    )

    class Meta:
        db_table = "credenciais_globais"
        verbose_name = "credencial global"
        verbose_name_plural = "credenciais globais"

    def __str__(self) -> str:
        return self.provedor


class Canario(models.Model):
    """One envelope sealed at the first start: a later start with another key is
    refused before it writes secrets that nobody could read together."""

    envelope = models.TextField()

    class Meta:
        db_table = "canario_da_chave"

    def __str__(self) -> str:
        return "canário"


class SegredoWebhook(DaOrganizacao):
    """The secret that signs one provider's webhooks to one organisation.

    The previous one stays valid during a rotation: a provider that retries for days
    still signs with it.
    """

    provedor = models.SlugField(max_length=50)
    segredo = CampoCifrado(db_column="segredo_encrypted")
    anterior = CampoCifrado(db_column="anterior_encrypted", blank=True)

    class Meta:
        db_table = "segredos_webhook"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "provedor"], name="segredos_webhook_um"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provedor} {self.organizacao_id}"
