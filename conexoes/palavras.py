"""The engine's codes as people read them."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from conexoes import provedores
from conexoes.models import Motivo, Status, Trabalho
from conexoes.panorama import EM_MASSA

# The tone of a badge, by what the row needs.
_TONS: Final = {
    Status.PENDENTE: "info",
    Status.PROCESSANDO: "info",
    Status.FALHOU: "erro",
    Status.CONCLUIDO: "ok",
}
_ALERTAS: Final = {Motivo.PAUSADA, Motivo.INCERTA, Motivo.CAUDA}


def destino(nome: str) -> str:
    """``nome`` ("whatsapp.envio") as people call it, with its integration's name."""
    if nome == EM_MASSA:
        # It has no name among the kinds of work, or an organisation could filter by it.
        return _("Ação em massa")
    try:
        feito = provedores.destino(nome)
    except provedores.DestinoDesconhecido:
        return nome
    dono = provedores.dono(nome)
    chamado = str(feito.nome) or nome.partition(".")[2]
    return f"{dono.nome} · {chamado}" if dono else chamado


def estado(linha: Trabalho) -> tuple[str, str]:
    """A row's state in words, and its tone: ok, info, alerta or erro."""
    tom = "alerta" if linha.motivo in _ALERTAS else _TONS[Status(linha.status)]
    return str(Status(linha.status).label), tom


def porque(linha: Trabalho) -> str:
    """Why the row stands where it is; "" when there is nothing to say."""
    if linha.motivo == Motivo.RETRY:
        # When it goes again stands beside it, and may be hours away.
        return _("Vai tentar de novo")
    return str(Motivo(linha.motivo).label) if linha.motivo else ""


def tentativas(linha: Trabalho) -> str:
    """How many attempts were spent, of how many."""
    return _("%(n)d de %(total)d") % {
        "n": linha.tentativas,
        "total": linha.max_tentativas,
    }
