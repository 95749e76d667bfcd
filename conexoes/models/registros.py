"""What happened and who did it: the audit trail."""

from __future__ import annotations

from django.db import models
from django.utils.formats import date_format
from django.utils.timezone import localtime


class RegistroAuditoria(models.Model):
    """Who did what to what; the run-time roles may only append.

    ``organizacao`` is empty for what concerns the whole installation.
    """

    id = models.BigAutoField(primary_key=True)
    em = models.DateTimeField("em", auto_now_add=True)
    organizacao = models.ForeignKey(
        "crm.Organizacao",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="organização",
    )
    # No foreign key: the trail outlives the person, and must not tie the account.
    autor_id = models.UUIDField("autor", null=True, blank=True)
    autor_nome = models.CharField("nome do autor", max_length=255, blank=True)
    acao = models.CharField("ação", max_length=100)
    objeto = models.CharField("objeto", max_length=255, blank=True)
    detalhes = models.JSONField("detalhes", default=dict)
    ip = models.GenericIPAddressField("IP", null=True, blank=True)

    class Meta:
        db_table = "auditoria"
        verbose_name = "registro de auditoria"
        verbose_name_plural = "auditoria"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organizacao", "-id"], name="auditoria_lista"),
            models.Index(
                fields=["organizacao", "objeto", "-id"], name="auditoria_do_objeto"
            ),
        ]

    def __str__(self) -> str:
        quando = date_format(localtime(self.em), "SHORT_DATETIME_FORMAT")
        return f"{self.acao} · {quando}"
