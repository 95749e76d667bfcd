"""Captured leads: one row each, whatever told us of it, and how often."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from conexoes.isolamento import ChaveDaOrganizacao
from conexoes.models import DaOrganizacao
from crm.models import Contato, Oportunidade
from meta.models.conexoes import PaginaMeta
from meta.models.formularios import FormularioMeta


class LeadCapturado(DaOrganizacao):
    """One lead of one form, from the first word of it to its contact.

    ``respostas`` is Meta's ``field_data`` and ``consentimentos`` its
    ``custom_disclaimer_responses``, both verbatim. ``motivo`` has a line for each thing
    that there is to say. Times ending in ``na_meta_em`` are
    Meta's clock. ``webhook_id`` is the stored delivery that told of it, if one did.
    """

    class Status(models.TextChoices):
        A_LER = "a_ler", _("Aguardando leitura")
        SEM_MAPEAMENTO = "sem_mapeamento", _("Aguardando mapeamento")
        PROCESSADO = "processado", _("Processado")
        SEM_ACESSO = "sem_acesso", _("Sem acesso ao lead")
        INDISPONIVEL = "indisponivel", _("Não existe mais na Meta")
        FALHOU = "falhou", _("Falhou")

    class Via(models.TextChoices):
        WEBHOOK = "webhook", _("Aviso da Meta")
        CONFERENCIA = "conferencia", _("Conferência")
        IMPORTACAO = "importacao", _("Importação")

    leadgen_id = models.CharField(max_length=50)
    pagina = ChaveDaOrganizacao(
        PaginaMeta, on_delete=models.CASCADE, related_name="leads"
    )
    page_id = models.CharField(max_length=50)
    form_id = models.CharField(max_length=50, blank=True, default="", db_default="")
    formulario = ChaveDaOrganizacao(
        FormularioMeta,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="leads",
    )
    via = models.CharField(max_length=20, choices=Via, default=Via.WEBHOOK)
    # Told by nobody: a read-back found it.
    recuperado = models.BooleanField(default=False, db_default=False)
    teste = models.BooleanField(default=False, db_default=False)
    status = models.CharField(max_length=20, choices=Status, default=Status.A_LER)
    motivo = models.TextField(blank=True, default="", db_default="")
    criado_na_meta_em = models.DateTimeField(null=True, blank=True)
    avisado_em = models.DateTimeField(null=True, blank=True)
    lido_em = models.DateTimeField(null=True, blank=True)
    processado_em = models.DateTimeField(null=True, blank=True)
    respostas = models.JSONField(default=list, blank=True)
    consentimentos = models.JSONField(default=list, blank=True)
    ad_id = models.CharField(max_length=50, blank=True, default="", db_default="")
    ad_name = models.CharField(max_length=255, blank=True, default="", db_default="")
    adset_id = models.CharField(max_length=50, blank=True, default="", db_default="")
    adset_name = models.CharField(max_length=255, blank=True, default="", db_default="")
    campaign_id = models.CharField(max_length=50, blank=True, default="", db_default="")
    campaign_name = models.CharField(
        max_length=255, blank=True, default="", db_default=""
    )
    platform = models.CharField(max_length=20, blank=True, default="", db_default="")
    is_organic = models.BooleanField(null=True, blank=True)
    partner_name = models.CharField(
        max_length=255, blank=True, default="", db_default=""
    )
    contato = ChaveDaOrganizacao(
        Contato, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    contato_novo = models.BooleanField(default=False, db_default=False)
    oportunidade = ChaveDaOrganizacao(
        Oportunidade, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    responsavel = ChaveDaOrganizacao(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    webhook_id = models.UUIDField(null=True, blank=True)

    class Meta:
        db_table = "leads_capturados"
        verbose_name = "lead capturado"
        verbose_name_plural = "leads capturados"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "leadgen_id"], name="leads_capturados_um"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organizacao", "-criado_em", "-id"],
                name="leads_capturados_lista",
            ),
            models.Index(
                fields=["organizacao", "form_id", "criado_na_meta_em"],
                name="leads_capturados_formulario",
            ),
            models.Index(
                fields=["organizacao", "status", "-criado_em", "-id"],
                name="leads_capturados_abertos",
                condition=~models.Q(status="processado"),
            ),
            models.Index(
                fields=["organizacao", "contato"], name="leads_capturados_contato"
            ),
        ]

    def __str__(self) -> str:
        return self.leadgen_id

    @property
    def motivos(self) -> list[str]:
        """``motivo`` by its sentences, each of which the catalogue knows by itself."""
        return self.motivo.splitlines()


class LeituraDeLeads(DaOrganizacao):
    """One walk over a form's leads at Meta: a read-back, or an import of old ones.

    ``cursor`` is where the next page begins, so that a killed worker goes on there.
    """

    class Especie(models.TextChoices):
        CONFERENCIA = "conferencia", _("Conferência")
        IMPORTACAO = "importacao", _("Importação de leads antigos")

    class Status(models.TextChoices):
        ANDANDO = "andando", _("Em andamento")
        CONCLUIDA = "concluida", _("Concluída")
        CANCELADA = "cancelada", _("Cancelada")
        FALHOU = "falhou", _("Falhou")

    formulario = ChaveDaOrganizacao(
        FormularioMeta, on_delete=models.CASCADE, related_name="leituras"
    )
    especie = models.CharField(max_length=20, choices=Especie)
    status = models.CharField(max_length=20, choices=Status, default=Status.ANDANDO)
    desde = models.DateTimeField(null=True, blank=True)
    ate = models.DateTimeField(null=True, blank=True)
    cursor = models.TextField(blank=True, default="", db_default="")
    lidos = models.IntegerField(default=0, db_default=0)
    novos = models.IntegerField(default=0, db_default=0)
    estimados = models.IntegerField(null=True, blank=True)
    autor = ChaveDaOrganizacao(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    erro = models.TextField(blank=True, default="", db_default="")
    concluida_em = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "leituras_de_leads"
        verbose_name = "leitura de leads"
        verbose_name_plural = "leituras de leads"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "formulario", "especie"],
                name="leituras_de_leads_uma_andando",
                condition=models.Q(status="andando"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.especie} {self.formulario_id}"
