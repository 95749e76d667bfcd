"""Pipelines: their stages, the deals in them, and how deals moved."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conexoes.isolamento import ChaveDaOrganizacao
from conexoes.models import DaOrganizacao
from crm.models.contatos import Contato, origem_legivel
from crm.models.pessoas import Usuario


class Funil(DaOrganizacao):
    """A pipeline; an organisation has at least one, and one of them is ``padrao``."""

    nome = models.CharField("nome", max_length=100)
    ordem = models.IntegerField(default=0)
    padrao = models.BooleanField(default=False)
    arquivado_em = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "funis"
        verbose_name = "funil"
        verbose_name_plural = "funis"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "nome"],
                name="funis_nome",
                condition=models.Q(arquivado_em=None),
            ),
            models.UniqueConstraint(
                fields=["organizacao"],
                name="funis_um_padrao",
                condition=models.Q(padrao=True, arquivado_em=None),
            ),
        ]

    def __str__(self) -> str:
        return self.nome


class EtapaFunil(DaOrganizacao):
    """A column of a pipeline; archived when people remove it."""

    funil = ChaveDaOrganizacao(Funil, on_delete=models.CASCADE, related_name="etapas")
    nome = models.CharField("nome", max_length=100)
    ordem = models.IntegerField(default=0)
    arquivada_em = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "etapas_funil"
        verbose_name = "etapa do funil"
        verbose_name_plural = "etapas do funil"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "funil", "nome"],
                name="etapas_funil_nome",
                condition=models.Q(arquivada_em=None),
            ),
        ]

    def __str__(self) -> str:
        return self.nome


class VezNoFunil(DaOrganizacao):
    """A person's turn when leads of a pipeline are dealt out.

    The lowest ``vez`` among active people who ``participa`` gets the next lead.
    """

    funil = ChaveDaOrganizacao(Funil, on_delete=models.CASCADE, related_name="vezes")
    usuario = ChaveDaOrganizacao(Usuario, on_delete=models.CASCADE, related_name="+")
    participa = models.BooleanField(default=True, db_default=True)
    vez = models.BigIntegerField(default=0, db_default=0)
    recebidos = models.IntegerField(default=0, db_default=0)

    class Meta:
        db_table = "vezes_no_funil"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "funil", "usuario"], name="vezes_no_funil_uma"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.funil_id} {self.usuario_id}"


class Oportunidade(DaOrganizacao):
    """A deal with a contact, in one stage of one pipeline until it is won or lost.

    ``valor`` in ``moeda``, unknown when empty. ``origem_chave`` names what it was made
    from ("lead:<leadgen_id>"): made again, it is the same one.
    """

    class Status(models.TextChoices):
        ABERTA = "aberta", _("Aberta")
        GANHA = "ganha", _("Ganha")
        PERDIDA = "perdida", _("Perdida")

    contato = ChaveDaOrganizacao(
        Contato, on_delete=models.CASCADE, related_name="oportunidades"
    )
    funil = ChaveDaOrganizacao(Funil, on_delete=models.PROTECT, related_name="+")
    etapa = ChaveDaOrganizacao(EtapaFunil, on_delete=models.PROTECT, related_name="+")
    titulo = models.CharField("título", max_length=255)
    valor = models.DecimalField(
        "valor", max_digits=14, decimal_places=2, null=True, blank=True
    )
    moeda = models.CharField(max_length=3, default="BRL", db_default="BRL")
    responsavel = ChaveDaOrganizacao(
        Usuario, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    status = models.CharField(
        max_length=20, choices=Status, default=Status.ABERTA, db_default="aberta"
    )
    motivo_da_perda = models.CharField(
        max_length=200, blank=True, default="", db_default=""
    )
    etapa_desde = models.DateTimeField(default=timezone.now)
    fechada_em = models.DateTimeField(null=True, blank=True)
    origem = models.CharField(max_length=50, blank=True, default="", db_default="")
    origem_chave = models.CharField(
        max_length=120, blank=True, default="", db_default=""
    )

    class Meta:
        db_table = "oportunidades"
        verbose_name = "oportunidade"
        verbose_name_plural = "oportunidades"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "origem_chave"],
                name="oportunidades_origem_uma",
                condition=~models.Q(origem_chave=""),
            ),
        ]
        indexes = [
            # The board: one column at a time, newest first.
            models.Index(
                fields=["organizacao", "etapa", "-etapa_desde", "-id"],
                name="oportunidades_quadro",
                condition=models.Q(status="aberta"),
            ),
            models.Index(
                fields=["organizacao", "funil", "status", "-fechada_em", "-id"],
                name="oportunidades_fechadas",
                condition=~models.Q(status="aberta"),
            ),
            models.Index(
                fields=["organizacao", "contato"], name="oportunidades_contato"
            ),
            # The API lists them newest first, whatever they are filtered by.
            models.Index(
                fields=["organizacao", "-criado_em", "-id"],
                name="oportunidades_mais_novas",
            ),
        ]

    def __str__(self) -> str:
        return self.titulo

    @property
    def dias_na_etapa(self) -> int:
        return (timezone.now() - self.etapa_desde).days

    @property
    def origem_legivel(self) -> str:
        return origem_legivel(self.origem or self.contato.origem)


class MovimentoDaOportunidade(DaOrganizacao):
    """One step of a deal: into a stage, or to won, lost or open again."""

    oportunidade = ChaveDaOrganizacao(
        Oportunidade, on_delete=models.CASCADE, related_name="movimentos"
    )
    de_etapa = ChaveDaOrganizacao(
        EtapaFunil, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    para_etapa = ChaveDaOrganizacao(
        EtapaFunil, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    de_status = models.CharField(max_length=20, blank=True, default="", db_default="")
    para_status = models.CharField(
        max_length=20, choices=Oportunidade.Status, default=Oportunidade.Status.ABERTA
    )
    autor = ChaveDaOrganizacao(
        Usuario, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    momento = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "movimentos_da_oportunidade"
        indexes = [
            models.Index(
                fields=["organizacao", "oportunidade", "momento"],
                name="movimentos_lista",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.oportunidade_id} {self.para_status}"
