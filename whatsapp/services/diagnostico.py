"""What one look at the WAHA server says should be done about a session; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from whatsapp.models import EVENTOS, SessaoWhatsapp
from whatsapp.payloads import SessaoNoServidor
from whatsapp.services.numeros import e_outro, numero_de
from whatsapp.services.situacao import STATUS_DO_WAHA

Status = SessaoWhatsapp.Status

# After a drop: when each attempt to bring the session back may begin, and when it is
# given up.
TENTATIVAS: Final = tuple(timedelta(seconds=s) for s in (0, 60, 180))
PACIENCIA: Final = timedelta(minutes=5)
# Missing in one list may be that list's fault; the last good look is this old then.
_SUMIU_HA: Final = timedelta(seconds=90)


class Acao(Enum):
    NADA = auto()
    SEGUIR = auto()  # take over the status, a webhook was lost
    CRIAR = auto()  # the server forgot a connected session
    PERDIDA = auto()  # it forgot one that nobody had scanned yet
    INICIAR = auto()
    REINICIAR = auto()
    CONFIGURAR = auto()
    QUARENTENA = auto()
    ESCUTAR = auto()  # connected and quiet: is it deaf?
    REMOVER = auto()  # its person wants it off


@dataclass(frozen=True)
class Olhar:
    """One look: when, where webhooks must go, and after what silence to worry."""

    agora: datetime
    webhook: str
    silencio: timedelta


def decidir(
    sessao: SessaoWhatsapp, vista: SessaoNoServidor | None, olhar: Olhar
) -> Acao:
    """The one thing to do now; the next look sees what came of it."""
    if not sessao.ligada:
        return Acao.REMOVER if vista else Acao.NADA
    if sessao.numero_em_duvida:
        return Acao.NADA
    palavra = STATUS_DO_WAHA.get(vista.status) if vista else None
    if sessao.quarentena_em:
        return Acao.SEGUIR if palavra == Status.CONNECTED else Acao.NADA
    if vista is None:
        return _sumida(sessao, olhar)
    if palavra is None:
        estranha = vista.status != sessao.status_do_provedor
        return Acao.SEGUIR if estranha else Acao.NADA
    if palavra == Status.CONNECTED:
        return _de_pe(sessao, vista, olhar)
    if palavra == Status.QR_PENDING and _tinha_login(sessao):
        return Acao.SEGUIR
    if palavra in (Status.FAILED, Status.DISCONNECTED) and _tinha_login(sessao):
        return _caida(sessao, palavra, olhar)
    return _igualar(sessao, palavra)


def configurada(sessao: SessaoWhatsapp, vista: SessaoNoServidor, olhar: Olhar) -> bool:
    """Whether the server still delivers what we asked for, where we asked for it."""
    return (
        vista.webhooks == [(olhar.webhook, sorted(EVENTOS))]
        and vista.ignora_grupos != sessao.recebe_grupos
    )


def _tinha_login(sessao: SessaoWhatsapp) -> bool:
    """Whether it was connected, and nobody has begun to scan a code since."""
    return sessao.status == Status.CONNECTED or sessao.queda_em is not None


def _sumida(sessao: SessaoWhatsapp, olhar: Olhar) -> Acao:
    if not _tinha_login(sessao):
        parada = sessao.status in (Status.DISCONNECTED, Status.FAILED)
        return Acao.NADA if parada else Acao.PERDIDA
    boa = sessao.visto_em or sessao.conectado_em
    if boa and olhar.agora - boa < _SUMIU_HA:
        return Acao.NADA
    return _tentar(sessao, Acao.CRIAR, olhar)


def _de_pe(sessao: SessaoWhatsapp, vista: SessaoNoServidor, olhar: Olhar) -> Acao:
    if sessao.status != Status.CONNECTED:
        return Acao.SEGUIR
    numero = numero_de(vista.eu)
    if numero and (not sessao.phone_number or e_outro(sessao, numero)):
        return Acao.SEGUIR
    if not configurada(sessao, vista, olhar):
        return Acao.CONFIGURAR
    momentos = (sessao.ultimo_evento_em, sessao.conectado_em)
    ouvida = max((m for m in momentos if m), default=None)
    if ouvida is None or olhar.agora - ouvida >= olhar.silencio:
        return Acao.ESCUTAR
    return Acao.NADA


def _caida(sessao: SessaoWhatsapp, palavra: str, olhar: Olhar) -> Acao:
    if sessao.status != palavra:
        return Acao.SEGUIR
    volta = Acao.INICIAR if palavra == Status.DISCONNECTED else Acao.REINICIAR
    return _tentar(sessao, volta, olhar)


def _tentar(sessao: SessaoWhatsapp, volta: Acao, olhar: Olhar) -> Acao:
    """One more attempt when its time has come, or the end of patience."""
    caida_ha = olhar.agora - (sessao.queda_em or olhar.agora)
    if sessao.tentativas_de_volta < len(TENTATIVAS):
        chegou = caida_ha >= TENTATIVAS[sessao.tentativas_de_volta]
        return volta if chegou else Acao.NADA
    return Acao.QUARENTENA if caida_ha >= PACIENCIA else Acao.NADA


def _igualar(sessao: SessaoWhatsapp, palavra: str) -> Acao:
    # What we gave up ourselves is not begun again by a look.
    desistida = sessao.status in (Status.FAILED, Status.DISCONNECTED)
    if palavra == sessao.status or (
        desistida and palavra in (Status.FAILED, Status.DISCONNECTED)
    ):
        return Acao.NADA
    return Acao.SEGUIR
