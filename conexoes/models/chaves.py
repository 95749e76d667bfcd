"""How programs call the API: their keys, and the calls that must count once."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from conexoes.isolamento import ChaveDaOrganizacao
from conexoes.models.abstratos import DaOrganizacao


class ChaveDeApi(DaOrganizacao):
    """A person's key for programs; it can do what its ``escopos`` and they may.

    Only ``resumo`` (SHA-256 of the secret, hex) is kept; ``prefixo`` is how its
    owner tells it from the others.
    """

    usuario = ChaveDaOrganizacao(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    nome = models.CharField("nome", max_length=100)
    prefixo = models.CharField("começo da chave", max_length=20, unique=True)
    resumo = models.CharField(max_length=64, editable=False)
    # Actions of the permission matrix.
    escopos = models.JSONField("escopos", default=list)
    expira_em = models.DateTimeField("expira em", null=True, blank=True)
    revogada_em = models.DateTimeField("revogada em", null=True, blank=True)
    usada_em = models.DateTimeField("usada em", null=True, blank=True)

    class Meta:
        db_table = "chaves_api"
        verbose_name = "chave de API"
        verbose_name_plural = "chaves de API"
        indexes = [
            models.Index(fields=["organizacao", "usuario"], name="chaves_api_lista"),
        ]

    def __str__(self) -> str:
        return f"{self.nome} {self.prefixo}"


class ChamadaIdempotente(DaOrganizacao):
    """The answer to a call that named its ``Idempotency-Key``, kept for a day.

    ``resumo`` is the SHA-256 (hex) of method, path and body: the same key for another
    call is a mistake of the caller.
    """

    usuario = ChaveDaOrganizacao(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    chave = models.CharField(max_length=255)
    resumo = models.CharField(max_length=64)
    status = models.IntegerField(null=True, blank=True)
    resposta = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "chamadas_idempotentes"
        verbose_name = "chamada idempotente"
        verbose_name_plural = "chamadas idempotentes"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "usuario", "chave"],
                name="chamadas_idempotentes_uma",
            ),
        ]
        indexes = [
            models.Index(fields=["criado_em"], name="chamadas_idempotentes_idade"),
        ]

    def __str__(self) -> str:
        return self.chave
