"""Durable rows of the foundation, and the abstract rows that every app builds on."""

from conexoes.models.abstratos import ComTempos, DaOrganizacao
from conexoes.models.alertas import Alerta
from conexoes.models.chaves import ChamadaIdempotente, ChaveDeApi
from conexoes.models.configuracoes import ConfiguracaoTenant, RecursoDaOrganizacao
from conexoes.models.credenciais import Canario, CredencialGlobal, SegredoWebhook
from conexoes.models.notificacoes import Notificacao
from conexoes.models.oauth import EstadoOAuth
from conexoes.models.registros import RegistroAuditoria
from conexoes.models.trabalho import (
    DESCARTADA_EM_DUVIDA,
    PARTE_SEM_DONO,
    STATUS_DO_MOTIVO,
    EventoPendente,
    Motivo,
    Status,
    Trabalho,
    WebhookRecebido,
)

__all__ = [
    "Alerta",
    "Canario",
    "DESCARTADA_EM_DUVIDA",
    "PARTE_SEM_DONO",
    "STATUS_DO_MOTIVO",
    "ChamadaIdempotente",
    "ChaveDeApi",
    "ComTempos",
    "ConfiguracaoTenant",
    "CredencialGlobal",
    "DaOrganizacao",
    "EstadoOAuth",
    "EventoPendente",
    "Motivo",
    "Notificacao",
    "RecursoDaOrganizacao",
    "RegistroAuditoria",
    "SegredoWebhook",
    "Status",
    "Trabalho",
    "WebhookRecebido",
]
