"""What the super admins must be told by mail, until it is out."""

from __future__ import annotations

from django.db import models

from conexoes.models.abstratos import ComTempos


class Alerta(ComTempos):
    """One trouble of the installation, named by ``chave``: told again, it is this row.

    ``enviado_em`` is None while its mail waits; ``proxima_tentativa`` is when it is
    next tried and, while one is under way, the end of that sender's turn.
    """

    chave = models.CharField(max_length=255, unique=True)
    assunto = models.CharField(max_length=200)
    texto = models.TextField()
    proxima_tentativa = models.DateTimeField()
    enviado_em = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "alertas"

    def __str__(self) -> str:
        return self.chave
