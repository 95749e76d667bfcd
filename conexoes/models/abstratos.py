"""Abstract rows: identity, times, and belonging to one organisation."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from uuid6 import uuid7


class ComTempos(models.Model):
    """A row with a time-ordered UUID, made in Python, and its two times.

    The key exists before the first save, as encrypted columns need it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    criado_em = models.DateTimeField("criado em", auto_now_add=True)
    atualizado_em = models.DateTimeField("atualizado em", auto_now=True)

    class Meta:
        abstract = True


class DaOrganizacao(ComTempos):
    """A row that belongs to one organisation; read it with ``Modelo.da(...)``."""

    organizacao = models.ForeignKey(
        "crm.Organizacao",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name="organização",
    )

    objects: ClassVar[models.Manager[Self]]

    class Meta:
        abstract = True

    @classmethod
    def da(cls, organizacao: Any) -> models.QuerySet[Self]:
        """The rows of ``organizacao`` (an Organizacao or its UUID), and no others."""
        return cls._default_manager.filter(organizacao=organizacao)
