"""What an organisation chose, and what it was given."""

from __future__ import annotations

from django.db import models

from conexoes.models.abstratos import DaOrganizacao


class ConfiguracaoTenant(DaOrganizacao):
    """The settings of one organisation.

    ``configuracoes_extra`` holds what has no column; ``retry_config`` in it is the
    PRD's: ``{"capi_max_retries", "webhook_max_retries", "desativar_retry_capi"}``.
    """

    configuracoes_extra = models.JSONField(default=dict, blank=True)

    class Meta:
        db_table = "configuracoes_tenant"
        verbose_name = "configuração da organização"
        verbose_name_plural = "configurações das organizações"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao"], name="configuracoes_tenant_uma"
            ),
        ]

    def __str__(self) -> str:
        return str(self.organizacao_id)


class RecursoDaOrganizacao(DaOrganizacao):
    """Whether an organisation has a feature; without a row the feature's default."""

    recurso = models.SlugField("recurso", max_length=50)
    ativo = models.BooleanField("ativo", default=True)

    class Meta:
        db_table = "org_features"
        verbose_name = "recurso da organização"
        verbose_name_plural = "recursos das organizações"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "recurso"], name="org_features_um"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recurso} {self.organizacao_id}"
