"""What helps people answer: ready texts, and what they have not sent yet."""

from __future__ import annotations

from django.db import models

from conexoes.isolamento import ChaveDaOrganizacao
from conexoes.models import DaOrganizacao
from crm.models.conversas import Conversa
from crm.models.pessoas import Usuario


class RespostaRapida(DaOrganizacao):
    """A text the whole team may send, found by its short ``atalho`` after a slash."""

    atalho = models.CharField("atalho", max_length=30)
    texto = models.TextField("texto")
    autor = ChaveDaOrganizacao(
        Usuario, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        db_table = "respostas_rapidas"
        verbose_name = "resposta rápida"
        verbose_name_plural = "respostas rápidas"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "atalho"], name="respostas_rapidas_atalho"
            ),
        ]

    def __str__(self) -> str:
        return f"/{self.atalho}"


class Rascunho(DaOrganizacao):
    """What one person wrote in one conversation and has not sent."""

    usuario = ChaveDaOrganizacao(Usuario, on_delete=models.CASCADE, related_name="+")
    conversa = ChaveDaOrganizacao(
        Conversa, on_delete=models.CASCADE, related_name="rascunhos"
    )
    texto = models.TextField()

    class Meta:
        db_table = "rascunhos"
        verbose_name = "rascunho"
        verbose_name_plural = "rascunhos"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "usuario", "conversa"], name="rascunhos_um"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.usuario_id} {self.conversa_id}"
