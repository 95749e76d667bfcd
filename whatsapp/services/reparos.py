"""What the monitor does about one session; it is locked, and nothing is under way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from whatsapp.models import SessaoWhatsapp
from whatsapp.payloads import SessaoNoServidor
from whatsapp.services import passos, porta
from whatsapp.services.diagnostico import Acao
from whatsapp.services.estado import Noticia, seguir
from whatsapp.services.transicoes import (
    encerrar_qr,
    gravar,
    motivo_do_login_perdido,
    mudar_status,
    por_em_quarentena,
    reler,
)

Status = SessaoWhatsapp.Status

# A repair that the worker did not get to by then is decided anew.
_VALIDADE: Final = timedelta(minutes=5)
_CONFIGURACOES_POR_DIA: Final = 6


def _seguir(sessao: SessaoWhatsapp, vista: SessaoNoServidor | None) -> None:
    assert vista is not None
    agora = timezone.now()
    seguir(sessao, Noticia(vista.status, "", vista.eu, agora, novo_qr=False))


def _criar(sessao: SessaoWhatsapp, vista: SessaoNoServidor | None) -> None:
    motivo = _("O servidor do WhatsApp perdeu esta conexão; ela está sendo refeita.")
    mudar_status(sessao, Status.CONNECTING, motivo=motivo)
    _tentar(sessao, "conectar")


def _dar_por_perdida(sessao: SessaoWhatsapp, vista: SessaoNoServidor | None) -> None:
    encerrar_qr(
        sessao,
        _(
            "O servidor do WhatsApp foi reiniciado antes da leitura. Gere um novo"
            " QR Code."
        ),
    )


def _iniciar(sessao: SessaoWhatsapp, vista: SessaoNoServidor | None) -> None:
    _tentar(sessao, "iniciar")


def _reiniciar(sessao: SessaoWhatsapp, vista: SessaoNoServidor | None) -> None:
    _tentar(sessao, "reiniciar")


def _configurar(sessao: SessaoWhatsapp, vista: SessaoNoServidor | None) -> None:
    ontem = timezone.now() - timedelta(days=1)
    if passos.pedidos_desde(sessao, "configurar", ontem) < _CONFIGURACOES_POR_DIA:
        pedir_reparo(sessao, "configurar")
        return
    # Somebody else writes it anew each time, and each time the number stops and starts.
    porta.avisar_disputa(sessao)
    reler(sessao)


def _remover(sessao: SessaoWhatsapp, vista: SessaoNoServidor | None) -> None:
    passos.pedir(sessao, "desconectar")


def _desistir(sessao: SessaoWhatsapp, vista: SessaoNoServidor | None) -> None:
    por_em_quarentena(sessao, motivo_do_login_perdido())


REPAROS: Final[
    dict[Acao, Callable[[SessaoWhatsapp, SessaoNoServidor | None], None]]
] = {
    Acao.SEGUIR: _seguir,
    Acao.CRIAR: _criar,
    Acao.PERDIDA: _dar_por_perdida,
    Acao.INICIAR: _iniciar,
    Acao.REINICIAR: _reiniciar,
    Acao.CONFIGURAR: _configurar,
    Acao.QUARENTENA: _desistir,
    Acao.REMOVER: _remover,
}


def _tentar(sessao: SessaoWhatsapp, passo: str) -> None:
    gravar(sessao, tentativas_de_volta=sessao.tentativas_de_volta + 1)
    pedir_reparo(sessao, passo)


def pedir_reparo(
    sessao: SessaoWhatsapp, passo: str, *, mesmo_de_pe: bool = False
) -> None:
    """Keep one repair for the worker; a restart of what stands only if it is told."""
    passos.pedir(
        sessao,
        passo,
        expira_em=timezone.now() + _VALIDADE,
        automatico=True,
        mesmo_de_pe=mesmo_de_pe,
    )
