"""A message on its way out: its row, its work, and what the phone shows of it."""

from __future__ import annotations

from typing import Any

from conexoes.models import EventoPendente
from conexoes.tenancy import na
from crm.models import Mensagem
from crm.services import envios
from tests.whatsapp.dominio import uma
from tests.whatsapp.waha import Ponte


def envio(mensagem: Mensagem) -> EventoPendente:
    return uma(EventoPendente, chave=f"mensagem:{mensagem.pk}")


def atual(mensagem: Mensagem) -> Mensagem:
    return uma(Mensagem, pk=mensagem.pk)


def situacao(mensagem: Mensagem) -> tuple[str, str, str]:
    evento = envio(mensagem)
    return atual(mensagem).status, evento.status, evento.motivo


def nossas(ponte: Ponte) -> list[str]:
    """What the phone shows of what was sent through the API."""
    return [m["texto"] for m in ponte.no_celular() if m["origem"] == "api"]


def reenviar(mensagem: Mensagem, usuario: Any) -> None:
    with na(mensagem.organizacao_id, usuario):
        envios.reenviar(atual_na(mensagem), usuario=usuario)


def confirmar(mensagem: Mensagem, usuario: Any) -> None:
    with na(mensagem.organizacao_id, usuario):
        envios.confirmar_envio(atual_na(mensagem), usuario=usuario)


def atual_na(mensagem: Mensagem) -> Mensagem:
    return Mensagem.objects.select_related("conversa__responsavel").get(pk=mensagem.pk)
