"""What WhatsApp's rows of work are about, and its connections by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conexoes.models import EventoPendente
from conexoes.provedores import Assunto, Ligacao
from crm.telefones import legivel
from whatsapp.models import SessaoWhatsapp

_FRASES: Final = {
    "conectar": gettext_lazy("Conectar o WhatsApp de %(pessoa)s"),
    "reconectar": gettext_lazy("Reconectar o WhatsApp de %(pessoa)s"),
    "reiniciar": gettext_lazy("Reiniciar a conexão de %(pessoa)s"),
    "iniciar": gettext_lazy("Iniciar a conexão de %(pessoa)s"),
    "configurar": gettext_lazy("Configurar a conexão de %(pessoa)s"),
    "parar": gettext_lazy("Parar a conexão de %(pessoa)s"),
    "desconectar": gettext_lazy("Desconectar o WhatsApp de %(pessoa)s"),
    "qr": gettext_lazy("Buscar o QR Code de %(pessoa)s"),
    "codigo": gettext_lazy("Buscar o código de conexão de %(pessoa)s"),
}
_HISTORICO: Final = gettext_lazy("Ler de volta as conversas de %(pessoa)s")


def da_sessao(eventos: Sequence[EventoPendente]) -> Mapping[UUID, Assunto]:
    """Describe rows that name a session by the person whose number it is."""
    sessoes = {
        str(sessao.pk): sessao
        for sessao in SessaoWhatsapp.da(eventos[0].organizacao_id)
        .filter(pk__in=filter(None, map(_sessao_de, eventos)))
        .select_related("usuario")
    }
    return {
        evento.pk: _sobre(evento, sessoes[_sessao_de(evento)])
        for evento in eventos
        if _sessao_de(evento) in sessoes
    }


def ligacoes(organizacao: Any) -> list[Ligacao]:
    """The organisation's numbers, connected or not."""
    sessoes = SessaoWhatsapp.da(organizacao).select_related("usuario")
    return [
        Ligacao(sessao.pk, _nome(sessao), reverse("whatsapp:pagina"))
        for sessao in sessoes.order_by("usuario__nome")
    ]


def _sessao_de(evento: EventoPendente) -> str:
    return str(evento.payload.get("sessao_id", ""))


def _sobre(evento: EventoPendente, sessao: SessaoWhatsapp) -> Assunto:
    frase = _FRASES.get(evento.payload.get("passo", ""), _HISTORICO)
    return Assunto(
        str(frase) % {"pessoa": sessao.usuario.nome}, objeto=f"sessao:{sessao.pk}"
    )


def _nome(sessao: SessaoWhatsapp) -> str:
    numero = legivel(sessao.phone_number or "")
    if not numero:
        return _("WhatsApp de %(pessoa)s") % {"pessoa": sessao.usuario.nome}
    return _("%(numero)s, de %(pessoa)s") % {
        "numero": numero,
        "pessoa": sessao.usuario.nome,
    }
