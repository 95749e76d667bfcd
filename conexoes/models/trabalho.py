"""The rows of work: what arrived from a provider, and what must go out to one."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from conexoes.models.abstratos import DaOrganizacao


class Status(models.TextChoices):
    """The four states of the PRD."""

    PENDENTE = "pending", _("Na fila")
    PROCESSANDO = "processing", _("Em andamento")
    FALHOU = "failed", _("Falhou")
    CONCLUIDO = "completed", _("Concluído")


class Motivo(models.TextChoices):
    """Why a row is where it is; what a person reads beside its status."""

    NENHUM = "", _("Nada a relatar")
    RETRY = "retry", _("Vai tentar de novo em instantes")
    CAUDA = "cauda", _("O provedor segue fora do ar; continuamos tentando")
    PAUSADA = "pausada", _("Pausado até a conexão voltar")
    INCERTA = "incerta", _("Não sabemos se chegou; estamos conferindo")
    EXPIRADA = "expirada", _("Perdeu a validade antes de sair")
    PERMANENTE = "permanente", _("O provedor recusou de vez")
    ESGOTADA = "esgotada", _("Todas as tentativas falharam")
    ENVENENADA = "envenenada", _("Separado para análise")
    DESCARTADA = "descartada", _("Descartado por uma pessoa")


# The only states in which each reason may stand; a test walks this table.
STATUS_DO_MOTIVO: Final = {
    Motivo.RETRY: Status.PENDENTE,
    Motivo.CAUDA: Status.PENDENTE,
    Motivo.PAUSADA: Status.PENDENTE,
    Motivo.INCERTA: Status.PENDENTE,
    Motivo.EXPIRADA: Status.FALHOU,
    Motivo.PERMANENTE: Status.FALHOU,
    Motivo.ESGOTADA: Status.FALHOU,
    Motivo.ENVENENADA: Status.FALHOU,
    Motivo.DESCARTADA: Status.FALHOU,
}
# Of outgoing rows: given up while nobody knew what had become of the call.
DESCARTADA_EM_DUVIDA: Final = models.Q(
    status=Status.FALHOU,
    motivo=Motivo.DESCARTADA,
    chamada_iniciada_em__isnull=False,
)
# The ``tipo`` of a delivery's part that is nobody's, while others are somebody's.
PARTE_SEM_DONO: Final = "sem_dono"


class Trabalho(models.Model):
    """What the two queues share: schedule, lease, fence and outcome.

    ``proxima_tentativa`` is when the row is next due; while it is being processed,
    that is the end of the worker's lease. ``cerca`` is the fence: it grows with every
    claim, and a worker that lost its lease finds it moved and writes nothing.
    ``quedas`` counts claims taken over from a worker that died; a row that kills
    workers ends as ``envenenada``.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tipo = models.CharField(max_length=50)
    destino = models.CharField(max_length=255)
    chave = models.CharField(max_length=255)
    tentativas = models.IntegerField(default=0, db_default=0)
    max_tentativas = models.IntegerField(default=5, db_default=5)
    proxima_tentativa = models.DateTimeField(null=True, blank=True, db_default=Now())
    ultimo_erro = models.TextField(blank=True, default="", db_default="")
    status = models.CharField(
        max_length=20,
        choices=Status,
        default=Status.PENDENTE,
        db_default=Status.PENDENTE,
    )
    motivo = models.CharField(
        max_length=20, choices=Motivo, blank=True, default="", db_default=""
    )
    cerca = models.IntegerField(default=0, db_default=0)
    quedas = models.IntegerField(default=0, db_default=0)
    concluida_em = models.DateTimeField(null=True, blank=True)
    criado_em = models.DateTimeField(db_default=Now())
    atualizado_em = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.tipo} {self.id}"


class WebhookRecebido(Trabalho):
    """A delivery as it came: raw bytes, kept before anything in it is believed."""

    organizacao = models.ForeignKey(
        "crm.Organizacao",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    endpoint = models.CharField(max_length=100)
    corpo = models.BinaryField()
    cabecalhos = models.JSONField(default=dict, db_default=models.Value("{}"))
    pai = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="partes"
    )

    class Meta:
        db_table = "webhooks_logs"
        verbose_name = "webhook recebido"
        verbose_name_plural = "webhooks recebidos"
        constraints = [
            # The endpoint is in the key: under row-level security a global one would
            # swallow a delivery that collides with another organisation's.
            models.UniqueConstraint(
                fields=["endpoint", "chave"], name="webhooks_logs_uma_vez"
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "proxima_tentativa"],
                name="webhooks_logs_a_fazer",
                condition=models.Q(status__in=["pending", "processing"]),
            ),
            models.Index(
                fields=["organizacao", "-criado_em", "-id"], name="webhooks_logs_lista"
            ),
            # What a person looks for among many: in it are only those that stopped.
            models.Index(
                fields=["organizacao", "-criado_em", "-id"],
                name="webhooks_logs_falhas",
                condition=models.Q(status="failed"),
            ),
        ]


class EventoPendente(Trabalho, DaOrganizacao):
    """Something to be told to a provider or to a listener of ours.

    Written in the transaction of the change that caused it. ``ordem`` names what must
    keep its order (a conversation): only the oldest open row of it runs.
    ``chamada_iniciada_em`` is committed before the provider is called; a row taken
    over with it set may or may not have been sent.
    """

    payload = models.JSONField(default=dict)
    ordem = models.CharField(max_length=100, blank=True, default="")
    conexao_id = models.UUIDField(null=True, blank=True)
    expira_em = models.DateTimeField(null=True, blank=True)
    chamada_iniciada_em = models.DateTimeField(null=True, blank=True)
    # Not a column: when this very process called, also after the call was settled.
    chamei_em: datetime | None = None

    class Meta:
        db_table = "eventos_pendentes"
        verbose_name = "evento pendente"
        verbose_name_plural = "eventos pendentes"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "chave"], name="eventos_pendentes_uma_vez"
            ),
        ]
        indexes = [
            models.Index(
                fields=["status", "proxima_tentativa"],
                name="idx_eventos_pendentes_status",
                condition=models.Q(status__in=["pending", "processing"]),
            ),
            models.Index(fields=["organizacao"], name="idx_eventos_pendentes_org"),
            models.Index(
                fields=["organizacao", "-criado_em"], name="eventos_pendentes_do_dia"
            ),
            models.Index(
                fields=["organizacao", "proxima_tentativa"],
                name="eventos_pendentes_a_fazer",
                condition=models.Q(status__in=["pending", "processing"]),
            ),
            models.Index(
                fields=["organizacao", "ordem", "criado_em"],
                name="eventos_pendentes_ordem",
                condition=models.Q(status__in=["pending", "processing"])
                & ~models.Q(ordem=""),
            ),
            models.Index(
                fields=["organizacao", "conexao_id"],
                name="eventos_pendentes_conexao",
                condition=models.Q(status__in=["pending", "processing"]),
            ),
            # The lists of the queue's page, each in an index that holds nothing else:
            # an empty one must not cost a walk over another.
            models.Index(
                fields=["organizacao", "-criado_em", "-id"],
                name="eventos_pendentes_falhas",
                condition=models.Q(status="failed"),
            ),
            models.Index(
                fields=["organizacao", "motivo", "-criado_em", "-id"],
                name="eventos_pendentes_parados",
                condition=models.Q(
                    status__in=["pending", "processing"],
                    motivo__in=["pausada", "incerta"],
                ),
            ),
            models.Index(
                fields=["organizacao", "-criado_em", "-id"],
                name="eventos_pendentes_andando",
                condition=models.Q(
                    status__in=["pending", "processing"],
                    motivo__in=["", "retry", "cauda"],
                ),
            ),
            models.Index(
                fields=["organizacao", "-concluida_em", "-id"],
                name="eventos_pendentes_feitos",
                condition=models.Q(status="completed"),
            ),
        ]
