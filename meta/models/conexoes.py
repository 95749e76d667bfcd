"""The Facebook account of an organisation and the pages it gave us."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from conexoes.cofre import CampoCifrado
from conexoes.isolamento import ChaveDaOrganizacao
from conexoes.models import ComTempos, DaOrganizacao


class ConexaoMeta(DaOrganizacao):
    """The one Facebook account that an organisation connected; kept when it leaves.

    Facebook has no refresh token: that column of the PRD stays empty. A token without
    an end has no ``token_expires_at``. ``pendente`` is an account that was authorised
    and that nobody has confirmed yet (``conta_pendente`` names it).
    """

    class Status(models.TextChoices):
        ACTIVE = "active", _("Ativa")
        EXPIRED = "expired", _("Expirada")
        REVOKED = "revoked", _("Revogada")

    access_token = CampoCifrado(
        db_column="access_token_encrypted", blank=True, default=""
    )
    refresh_token = CampoCifrado(
        db_column="refresh_token_encrypted", blank=True, default=""
    )
    token_expires_at = models.DateTimeField(null=True, blank=True)
    # 90 days after somebody last authorised: then Meta refuses people's data.
    data_access_expires_at = models.DateTimeField(null=True, blank=True)
    meta_user_id = models.CharField(
        max_length=50, blank=True, default="", db_default=""
    )
    meta_user_name = models.CharField(
        max_length=255, blank=True, default="", db_default=""
    )
    meta_user_email = models.CharField(
        max_length=255, blank=True, default="", db_default=""
    )
    scopes = ArrayField(models.TextField(), default=list, blank=True)
    scopes_faltando = ArrayField(models.TextField(), default=list, blank=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.ACTIVE)
    # Whether the person removed our app at Facebook: then nobody is nagged.
    revogada_na_meta = models.BooleanField(default=False, db_default=False)
    ultimo_sync = models.DateTimeField(null=True, blank=True)
    ultimo_erro = models.TextField(blank=True, default="", db_default="")
    conectada_por = ChaveDaOrganizacao(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    conectada_em = models.DateTimeField(null=True, blank=True)
    # Grows with every token: a verdict about an older one counts no more.
    versao_do_token = models.IntegerField(default=0, db_default=0)
    avisada_em = models.DateTimeField(null=True, blank=True)
    # The smallest of 14, 7, 2 (days) that people were reminded of for this token.
    ultimo_lembrete = models.IntegerField(null=True, blank=True)
    token_pendente = CampoCifrado(
        db_column="token_pendente_encrypted", blank=True, default=""
    )
    conta_pendente = models.JSONField(
        default=dict, blank=True, db_default=models.Value("{}")
    )
    deletado_em = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "conexoes_meta"
        verbose_name = "conexão com a Meta"
        verbose_name_plural = "conexões com a Meta"
        constraints = [
            models.UniqueConstraint(fields=["organizacao"], name="conexoes_meta_uma"),
        ]
        indexes = [
            models.Index(
                fields=["organizacao"],
                name="idx_conexoes_meta_org",
                condition=models.Q(deletado_em=None),
            ),
            models.Index(fields=["meta_user_id"], name="conexoes_meta_pessoa"),
        ]

    def __str__(self) -> str:
        return self.meta_user_name or str(self.organizacao_id)


class PaginaMeta(DaOrganizacao):
    """A Facebook page of the connected account, selected when ``ativo``.

    ``saude`` is what ``has_lead_access`` last said, as it came; ``subscribed_fields``
    what the page's subscription of our app had at ``verificada_em``.
    """

    conexao = ChaveDaOrganizacao(
        ConexaoMeta, on_delete=models.CASCADE, related_name="paginas"
    )
    page_id = models.CharField(max_length=50)
    page_name = models.CharField(max_length=255, blank=True, default="", db_default="")
    page_access_token = CampoCifrado(
        db_column="page_access_token_encrypted", blank=True, default=""
    )
    leads_retrieval = models.BooleanField(default=False)
    pages_manage_ads = models.BooleanField(default=False)
    # The account's ``versao_do_token`` at which Meta refused this page's token as well.
    token_recusado_na = models.IntegerField(null=True, blank=True)
    ativo = models.BooleanField(default=False)
    tarefas = ArrayField(models.TextField(), default=list, blank=True)
    subscribed_fields = ArrayField(models.TextField(), default=list, blank=True)
    leadgen_inscrita_em = models.DateTimeField(null=True, blank=True)
    # The first time since it was chosen: a subscription that is mended moves only the
    # one above.
    inscrita_desde = models.DateTimeField(null=True, blank=True)
    verificada_em = models.DateTimeField(null=True, blank=True)
    saude = models.JSONField(default=dict, blank=True, db_default=models.Value("{}"))
    problema = models.TextField(blank=True, default="", db_default="")
    # The account lists it no more: kept for its forms and leads.
    sumiu_em = models.DateTimeField(null=True, blank=True)
    # The newest lead told by a webhook: "heard from".
    ultimo_aviso_em = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "paginas_meta"
        verbose_name = "página do Facebook"
        verbose_name_plural = "páginas do Facebook"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "page_id"], name="paginas_meta_uma"
            ),
        ]
        indexes = [
            models.Index(fields=["organizacao"], name="idx_paginas_meta_org"),
            # Deliveries are shared: which organisations a page belongs to.
            models.Index(
                fields=["page_id"],
                name="paginas_meta_rota",
                condition=models.Q(ativo=True),
            ),
        ]

    def __str__(self) -> str:
        return self.page_name or self.page_id

    @property
    def acessivel(self) -> bool:
        """Whether its token may still be tried; the page was read with its ``conexao``.

        It outlives the account's, until Meta refuses it too or the person removed our
        app: https://developers.facebook.com/docs/facebook-login/guides/access-tokens
        """
        conexao: ConexaoMeta = self.conexao
        if conexao.deletado_em or not self.page_access_token:
            return False
        if conexao.status == ConexaoMeta.Status.EXPIRED:
            return bool(self.token_recusado_na != conexao.versao_do_token)
        return bool(conexao.status == ConexaoMeta.Status.ACTIVE)


class ExclusaoDeDados(ComTempos):
    """A person asked Meta that we forget them; ``codigo`` opens its public page."""

    meta_user_id = models.CharField(max_length=50)
    codigo = models.CharField(max_length=40, unique=True)
    concluida_em = models.DateTimeField(null=True, blank=True)
    # What was forgotten, as counts: no more than the public page says.
    resumo = models.JSONField(default=dict, blank=True, db_default=models.Value("{}"))

    class Meta:
        db_table = "exclusoes_de_dados"
        verbose_name = "pedido de exclusão de dados"
        verbose_name_plural = "pedidos de exclusão de dados"

    def __str__(self) -> str:
        return self.codigo
