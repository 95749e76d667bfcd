"""Deliveries that passed their signature and are nobody's here: a tray, no failure."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from conexoes.models import PARTE_SEM_DONO, Motivo, Status, WebhookRecebido


def bandeja() -> QuerySet[WebhookRecebido]:
    """Whole deliveries of nobody, shared ones of which nobody got a part, and those
    parts of shared ones that nobody got."""
    partes = WebhookRecebido.objects.filter(pai=OuterRef("pk"))
    de_ninguem = WebhookRecebido.objects.filter(~Exists(partes), organizacao=None)
    return de_ninguem.filter(Q(pai=None) | Q(tipo=PARTE_SEM_DONO))


def lidos() -> QuerySet[WebhookRecebido]:
    """Of these, what was read, found to be nobody's, and given up by no person.

    What broke while it was being read is a failure of ours, and not among them.
    """
    return bandeja().filter(status=Status.FALHOU, motivo=Motivo.ENVENENADA, quedas=0)
