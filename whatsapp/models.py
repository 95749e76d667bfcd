"""One WhatsApp session per person, with every column of the PRD."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from conexoes.cofre import CampoCifrado
from conexoes.isolamento import ChaveDaOrganizacao
from conexoes.models import DaOrganizacao

# What we ask WAHA to tell us. "message.any" covers what "message" does: with both,
# every inbound message would arrive twice.
EVENTOS: Final = [
    "session.status",
    "message.any",
    "message.ack",
    "message.reaction",
    "message.edited",
    "message.revoked",
]


def _eventos() -> list[str]:
    return list(EVENTOS)


class SessaoWhatsapp(DaOrganizacao):
    """A person's own number, linked through a session on the WAHA server.

    ``ligada`` is what the person wants; ``status`` is what WAHA last said. Times of
    WAHA's clock are kept apart (``status_em``) from times of ours.
    """

    class Status(models.TextChoices):
        DISCONNECTED = "disconnected", _("Desconectado")
        QR_PENDING = "qr_pending", _("Aguardando leitura do QR Code")
        CONNECTING = "connecting", _("Conectando")
        CONNECTED = "connected", _("Conectado")
        FAILED = "failed", _("Falha na conexão")

    usuario = ChaveDaOrganizacao(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    session_name = models.CharField(max_length=100)
    phone_number = models.CharField(max_length=20, null=True, blank=True)
    phone_name = models.CharField(max_length=255, null=True, blank=True)
    status = models.CharField(
        max_length=20, choices=Status, default=Status.DISCONNECTED
    )
    ultimo_qr_gerado = models.DateTimeField(null=True, blank=True)
    conectado_em = models.DateTimeField(null=True, blank=True)
    desconectado_em = models.DateTimeField(null=True, blank=True)
    ultima_mensagem_em = models.DateTimeField(null=True, blank=True)
    webhook_url = models.TextField(null=True, blank=True)
    webhook_events = ArrayField(models.TextField(), default=_eventos)
    total_mensagens_enviadas = models.IntegerField(default=0)
    total_mensagens_recebidas = models.IntegerField(default=0)
    deletado_em = models.DateTimeField(null=True, blank=True)

    ligada = models.BooleanField(default=False)
    status_em = models.DateTimeField(null=True, blank=True)
    status_do_provedor = models.CharField(max_length=50, blank=True)
    motivo = models.CharField(max_length=300, blank=True)
    qr = CampoCifrado(db_column="qr_encrypted", blank=True, default="")
    qr_expira_em = models.DateTimeField(null=True, blank=True)
    qr_numero = models.IntegerField(default=0)
    codigo = CampoCifrado(db_column="codigo_encrypted", blank=True, default="")
    codigo_expira_em = models.DateTimeField(null=True, blank=True)

    # What the person was told about an unofficial connection, and when they agreed.
    risco_aceito_em = models.DateTimeField(null=True, blank=True)
    risco_aceito_versao = models.CharField(max_length=20, blank=True, db_default="")
    recebe_grupos = models.BooleanField(default=False, db_default=False)
    # Another number than before was scanned: nothing flows until the person decides.
    # When this number took the place of another; empty for the first one.
    numero_desde = models.DateTimeField(null=True, blank=True)
    numero_em_duvida = models.CharField(max_length=20, blank=True, db_default="")
    nome_em_duvida = models.CharField(max_length=255, blank=True, db_default="")

    # The monitor's memory: since when it is down, how often it tried, whom it told.
    visto_em = models.DateTimeField(null=True, blank=True)
    ultimo_evento_em = models.DateTimeField(null=True, blank=True)
    queda_em = models.DateTimeField(null=True, blank=True)
    tentativas_de_volta = models.IntegerField(default=0, db_default=0)
    avisado_em = models.DateTimeField(null=True, blank=True)
    quarentena_em = models.DateTimeField(null=True, blank=True)
    # Up to here (WAHA's clock) everything said in this number is in the CRM.
    historico_ate = models.DateTimeField(null=True, blank=True)
    # The earliest moment of the next send: sends of one number keep their distance.
    proximo_envio_em = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "sessoes_whatsapp"
        verbose_name = "sessão de WhatsApp"
        verbose_name_plural = "sessões de WhatsApp"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "usuario"], name="sessoes_whatsapp_uma"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organizacao"],
                name="idx_sessoes_wpp_org",
                condition=models.Q(deletado_em=None),
            ),
            models.Index(
                fields=["organizacao", "status"],
                name="idx_sessoes_wpp_status",
                condition=models.Q(deletado_em=None),
            ),
            models.Index(fields=["session_name"], name="idx_sessoes_wpp_session"),
        ]

    def __str__(self) -> str:
        return self.session_name


class AckAdiantado(DaOrganizacao):
    """How far a message got, told before we learnt that the message has this id."""

    sessao = ChaveDaOrganizacao(
        SessaoWhatsapp, on_delete=models.CASCADE, related_name="+"
    )
    id_externo = models.CharField(max_length=255)
    ack = models.IntegerField()

    class Meta:
        db_table = "acks_adiantados"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "sessao", "id_externo"],
                name="acks_adiantados_um",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ack} {self.id_externo}"


class PeriodoDaSessao(DaOrganizacao):
    """How long a session was in one state; the open one has no end.

    ``ligada`` tells whether the person wanted it connected: only then does time
    without a connection count against it.
    """

    sessao = ChaveDaOrganizacao(
        SessaoWhatsapp, on_delete=models.CASCADE, related_name="periodos"
    )
    status = models.CharField(max_length=20, choices=SessaoWhatsapp.Status)
    motivo = models.CharField(max_length=300, blank=True)
    ligada = models.BooleanField(default=True)
    inicio_em = models.DateTimeField()
    fim_em = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "historico_sessoes_whatsapp"
        verbose_name = "período da sessão"
        verbose_name_plural = "períodos da sessão"
        constraints = [
            models.UniqueConstraint(
                fields=["organizacao", "sessao"],
                name="historico_sessoes_um_aberto",
                condition=models.Q(fim_em=None),
            ),
        ]
        indexes = [
            models.Index(
                fields=["organizacao", "sessao", "-inicio_em"],
                name="historico_sessoes_lista",
            ),
        ]

    def __str__(self) -> str:
        quando = date_format(localtime(self.inicio_em), "SHORT_DATETIME_FORMAT")
        return f"{self.get_status_display()} · {quando}"
