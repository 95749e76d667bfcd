"""What an organisation notes about its contacts: tags, and fields of its own."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from conexoes.isolamento import ChaveDaOrganizacao
from conexoes.models import DaOrganizacao
from crm.models.contatos import Contato


class Tag(DaOrganizacao):
    """A word put on contacts; ``chave`` is it without accents or case."""

    nome = models.CharField("nome", max_length=50)
    chave = models.CharField(max_length=50, editable=False)

    class Meta:
        db_table = "tags"
        verbose_name = "tag"
        verbose_name_plural = "tags"
        constraints = [
            models.UniqueConstraint(fields=["organizacao", "chave"], name="tags_uma"),
        ]

    def __str__(self) -> str:
        return self.nome


class TagDoContato(DaOrganizacao):
    """One tag on one contact."""

    contato = ChaveDaOrganizacao(
        Contato, on_delete=models.CASCADE, related_name="etiquetas"
    )
    tag = ChaveDaOrganizacao(Tag, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "tags_dos_contatos"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "contato", "tag"], name="tags_dos_contatos_uma"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contato_id} {self.tag_id}"


class CampoPersonalizado(DaOrganizacao):
    """A field that an organisation added to its contacts.

    ``Contato.campos`` holds the values by this row's id. ``opcoes`` are the texts a
    ``ESCOLHA`` allows.
    """

    class Tipo(models.TextChoices):
        TEXTO = "texto", _("Texto")
        NUMERO = "numero", _("Número")
        DINHEIRO = "dinheiro", _("Valor em reais")
        DATA = "data", _("Data")
        ESCOLHA = "escolha", _("Escolha")

    nome = models.CharField("nome", max_length=100)
    tipo = models.CharField("tipo", max_length=20, choices=Tipo, default=Tipo.TEXTO)
    opcoes = models.JSONField(default=list, blank=True)
    ordem = models.IntegerField(default=0)
    arquivado_em = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "campos_personalizados"
        verbose_name = "campo personalizado"
        verbose_name_plural = "campos personalizados"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "nome"],
                name="campos_personalizados_nome",
                condition=models.Q(arquivado_em=None),
            ),
        ]

    def __str__(self) -> str:
        return self.nome
