"""Lead forms: what Meta says of one, and what an organisation decided about it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from conexoes.isolamento import ChaveDaOrganizacao
from conexoes.models import DaOrganizacao
from crm.models import EtapaFunil, Funil
from meta.models.conexoes import PaginaMeta


class FormularioMeta(DaOrganizacao):
    """A form of a page as Meta has it, and how far its leads were read back.

    ``perguntas`` are ``{"key", "label", "type", "options"}`` in the form's order.
    Every lead up to ``marca_em`` (Meta's clock) is here: a read-back never moves it
    past one that could not be kept. ``conferidos`` of ``esperados`` leads of the last
    read-back's stretch are here.
    """

    pagina = ChaveDaOrganizacao(
        PaginaMeta, on_delete=models.CASCADE, related_name="formularios"
    )
    form_id = models.CharField(max_length=50)
    nome = models.CharField(max_length=255, blank=True, default="", db_default="")
    # ACTIVE, ARCHIVED, DELETED or DRAFT; "" until Meta told.
    status = models.CharField(max_length=20, blank=True, default="", db_default="")
    locale = models.CharField(max_length=20, blank=True, default="", db_default="")
    perguntas = models.JSONField(default=list, blank=True)
    leads_na_meta = models.IntegerField(null=True, blank=True)
    lido_em = models.DateTimeField(null=True, blank=True)
    marca_em = models.DateTimeField(null=True, blank=True)
    conferido_em = models.DateTimeField(null=True, blank=True)
    proxima_conferencia_em = models.DateTimeField(null=True, blank=True)
    conferidos = models.IntegerField(default=0, db_default=0)
    esperados = models.IntegerField(default=0, db_default=0)

    class Meta:
        db_table = "formularios_meta"
        verbose_name = "formulário na Meta"
        verbose_name_plural = "formulários na Meta"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "form_id"], name="formularios_meta_um"
            ),
        ]

    def __str__(self) -> str:
        return self.nome or self.form_id


class FormularioLeadAds(DaOrganizacao):
    """Where the leads of one form go, and which answer fills which field.

    With ``padrao`` it serves every form of its page that has none of its own; its
    ``form_id`` is then ``todos:<page_id>``. Without ``owner`` leads are dealt out.
    ``mapeamento_campos`` is ``{question key: target}`` as ``meta.mapeamento`` reads it.
    """

    pagina = ChaveDaOrganizacao(
        PaginaMeta, on_delete=models.CASCADE, related_name="mapeamentos"
    )
    form_id = models.CharField(max_length=60)
    form_name = models.CharField(max_length=255, blank=True, default="", db_default="")
    padrao = models.BooleanField(default=False, db_default=False)
    funil = ChaveDaOrganizacao(
        Funil, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    etapa_destino = ChaveDaOrganizacao(
        EtapaFunil, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    owner = ChaveDaOrganizacao(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    mapeamento_campos = models.JSONField(default=dict)
    criar_oportunidade = models.BooleanField(default=True)
    tags_automaticas = ArrayField(models.TextField(), default=list, blank=True)
    notificar_owner = models.BooleanField(default=True)
    total_leads_recebidos = models.IntegerField(default=0, db_default=0)
    ultimo_lead_recebido = models.DateTimeField(null=True, blank=True)
    ativo = models.BooleanField(default=True)
    # Keys of the form's questions when somebody last saved this.
    perguntas_vistas = ArrayField(models.TextField(), default=list, blank=True)
    deletado_em = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "formularios_lead_ads"
        verbose_name = "mapeamento de formulário"
        verbose_name_plural = "mapeamentos de formulários"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "form_id"], name="formularios_lead_ads_um"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organizacao"],
                name="idx_form_lead_ads_org",
                condition=models.Q(deletado_em=None),
            ),
            models.Index(fields=["form_id"], name="idx_form_lead_ads_form"),
        ]

    def __str__(self) -> str:
        return self.form_name or self.form_id
