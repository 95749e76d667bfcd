"""Rows that stand still, set going again: by a person, or by what they waited for."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import idioma, provedores, resultados, retencao, sino
from conexoes.arrendamento import Linha
from conexoes.erros import ErroDeDominio
from conexoes.models import EventoPendente, Motivo, Status, WebhookRecebido

_INCERTA: Final = Q(status=Status.PENDENTE, motivo=Motivo.INCERTA)
_DESCARTAVEL: Final = Q(status=Status.PENDENTE) | (
    Q(status=Status.FALHOU) & ~Q(motivo=Motivo.DESCARTADA)
)


def tentar_agora(linha: Linha, *, cerca: int | None = None) -> None:
    """What a person asks of a row that waits or stopped: one more try, at once.

    A row that waits spends no attempt by it; one that stopped starts anew. ``cerca`` is
    the fence the person saw: whoever looked at an older state decides nothing, and
    without it one that may have arrived is not sent again. Raises ``ErroDeDominio``
    with the reason. The domain is told. Runs in the caller's context, who audits.
    """
    _preparar(linha, cerca)
    if cerca is None and linha.motivo == Motivo.INCERTA:
        # It only waited when the person looked.
        _recusar(_mudou())
    _recusar(impedimento_de_tentar(linha))
    if _espera(linha):
        _adiantar(linha)
    else:
        repetir(linha, mesmo_concluida=not isinstance(linha, EventoPendente))
    _contar(linha)


def desistir(linha: Linha, *, quem: str, cerca: int | None = None) -> None:
    """Never try again: the row fails, and says that ``quem`` (a name) gave it up.

    ``cerca`` and errors as in ``tentar_agora``. ``repetir`` still takes it back.
    """
    _preparar(linha, cerca)
    _recusar(impedimento_de_desistir(linha))
    descartadas = _esta(linha).filter(_DESCARTAVEL)
    descartada = descartadas.update(
        status=Status.FALHOU,
        motivo=Motivo.DESCARTADA,
        ultimo_erro=_descarte(linha, quem),
        proxima_tentativa=None,
        cerca=F("cerca") + 1,
        atualizado_em=Now(),
    )
    _recusar("" if descartada else _mudou())
    # What came after it in the same conversation may go now.
    sino.tocar(_sino(linha))
    _contar(linha)


def impedimento_de_tentar(linha: Linha) -> str:
    """Why the row cannot be tried now, in words, or ""."""
    if linha.status == Status.PROCESSANDO:
        return _("Está em andamento agora. Espere terminar.")
    if linha.status == Status.CONCLUIDO and isinstance(linha, EventoPendente):
        return _("Já foi feito: não há o que repetir.")
    if isinstance(linha, WebhookRecebido) and retencao.corpo_venceu(linha):
        return _(
            "O conteúdo não é guardado por mais de %(dias)d dias: não há o que ler."
        ) % {"dias": retencao.CORPO.days}
    return ""


def impedimento_de_desistir(linha: Linha) -> str:
    """Why the row cannot be given up, in words, or ""."""
    if linha.status == Status.PROCESSANDO:
        return _("Está em andamento agora. Espere terminar.")
    if linha.status == Status.CONCLUIDO:
        return _("Já foi feito: não há o que descartar.")
    if linha.motivo == Motivo.DESCARTADA:
        return _("Já foi descartado.")
    return ""


def repetir(linha: Linha, *, mesmo_concluida: bool = False) -> None:
    """Run a failed or uncertain row again, with the same key, from the first attempt.

    ``mesmo_concluida``: also one that the provider took and refused afterwards. Raises
    ``ErroDeDominio`` while the row is still being worked on or is done. Runs in the
    caller's context; the caller audits.
    """
    novas: dict[str, Any] = {
        "status": Status.PENDENTE,
        "motivo": Motivo.NENHUM,
        "tentativas": 0,
        "quedas": 0,
        "ultimo_erro": "",
        "cerca": F("cerca") + 1,
        "proxima_tentativa": Now(),
        "concluida_em": None,
        "atualizado_em": Now(),
    }
    if isinstance(linha, EventoPendente):
        novas["chamada_iniciada_em"] = None
        if linha.expira_em:
            validade = linha.expira_em - linha.criado_em
            novas["expira_em"] = timezone.now() + validade
    parada = Q(status=Status.FALHOU) | _INCERTA
    if mesmo_concluida:
        parada |= Q(status=Status.CONCLUIDO)
    if not _esta(linha).filter(parada).update(**novas):
        raise ErroDeDominio(_("Este item não está parado: não há o que repetir."))
    sino.tocar(_sino(linha))


def retomar(
    organizacao: Any, *, conexao_id: UUID, daqui_a: timedelta = timedelta()
) -> int:
    """Wake the rows that waited for a connection to come back; how many they were."""
    pausadas = EventoPendente.da(organizacao).filter(
        conexao_id=conexao_id, status=Status.PENDENTE, motivo=Motivo.PAUSADA
    )
    return _despertar(pausadas, daqui_a)


def adiantar(organizacao: Any, quais: Q) -> int:
    """Wake rows that wait for their next try, as what they tell of has mended; how many
    they were."""
    esperando = EventoPendente.da(organizacao).filter(
        quais, status=Status.PENDENTE, motivo=Motivo.RETRY
    )
    return _despertar(esperando)


def retomar_destinos(prefixo: str) -> int:
    """Wake every organisation's paused rows of a provider; needs ``sistema``."""
    pausadas = EventoPendente.objects.filter(
        destino__startswith=prefixo, status=Status.PENDENTE, motivo=Motivo.PAUSADA
    )
    return _despertar(pausadas)


def _despertar(pausadas: Any, daqui_a: timedelta = timedelta()) -> int:
    despertadas: int = pausadas.update(
        motivo=Motivo.NENHUM, proxima_tentativa=timezone.now() + daqui_a
    )
    if despertadas:
        sino.tocar("saida")
    return despertadas


def _adiantar(linha: Linha) -> None:
    """Bring the next try of a waiting row forward; its attempts stay as they are."""
    adiantada = (
        _esta(linha)
        .filter(~_INCERTA, status=Status.PENDENTE)
        .update(motivo=Motivo.NENHUM, proxima_tentativa=Now(), atualizado_em=Now())
    )
    _recusar("" if adiantada else _mudou())
    sino.tocar(_sino(linha))


def _preparar(linha: Linha, cerca: int | None) -> None:
    """Take the domain's locks first, then read the row as it stands under them."""
    destino = _destino(linha)
    if destino and destino.travar:
        # What it was for may be gone: then there is nothing to lock.
        with suppress(ObjectDoesNotExist):
            destino.travar(linha)
    try:
        linha.refresh_from_db()
    except type(linha).DoesNotExist:
        # Kept no longer, since this moment.
        raise ErroDeDominio(_mudou()) from None
    _recusar("" if cerca in (None, linha.cerca) else _mudou())


def _descarte(linha: Linha, quem: str) -> str:
    """What a row that ``quem`` gave up says of it from then on."""
    with idioma.guardando():
        texto = _("Descartado por %(pessoa)s.")
        if linha.status == Status.PENDENTE and linha.motivo == Motivo.INCERTA:
            texto = _(
                "Descartado por %(pessoa)s. Pode ter chegado: confira antes de repetir."
            )
    return texto % {"pessoa": quem}


def _contar(linha: Linha) -> None:
    destino = _destino(linha)
    if destino:
        # What the domain keeps of it is for everybody, not for this page.
        with idioma.guardando():
            resultados.contar(linha, destino)


def _destino(linha: Linha) -> provedores.Destino | None:
    try:
        return provedores.destino(linha.destino)
    except provedores.DestinoDesconhecido:
        return None


def _espera(linha: Linha) -> bool:
    return linha.status == Status.PENDENTE and linha.motivo != Motivo.INCERTA


def _esta(linha: Linha) -> Any:
    """The row, unless somebody moved its fence since it was read."""
    linhas: Any = type(linha)._default_manager
    return linhas.filter(pk=linha.pk, cerca=linha.cerca)


def _sino(linha: Linha) -> sino.Fila:
    return "saida" if isinstance(linha, EventoPendente) else "entrada"


def _mudou() -> str:
    return _("Este item mudou enquanto você olhava. Confira e decida de novo.")


def _recusar(motivo: str) -> None:
    if motivo:
        raise ErroDeDominio(motivo)
