"""Entering a state: what is written, announced and set going with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import aovivo, auditoria, repeticao
from crm.models import Usuario
from whatsapp.models import SessaoWhatsapp
from whatsapp.services import passos, periodos, recados

Status = SessaoWhatsapp.Status

# WAHA's clock and ours may differ.
FOLGA: Final = timedelta(minutes=2)


def mudar_status(sessao: SessaoWhatsapp, novo: str, *, motivo: str = "") -> None:
    """Enter a status: times, the period, and the drop that may begin with it.

    The session is locked. What is as it was is not announced.
    """
    antes, motivo = sessao.status, motivo[:300]
    if (novo, motivo) == (antes, sessao.motivo):
        return
    campos: dict[str, Any] = {"status": novo, "motivo": motivo}
    if novo != antes:
        campos |= _tempos(sessao, novo)
    gravar(sessao, **campos)
    periodos.registrar(sessao)
    avisar(sessao)


def entrar(sessao: SessaoWhatsapp, *, desde: datetime) -> None:
    """The session works: what waited goes out, what was missed is read back.

    ``desde`` is WAHA's clock; before the first connection nothing is imported.
    """
    if sessao.queda_em and sessao.avisado_em:
        recados.voltou(sessao)
    falta = sessao.historico_ate is not None
    sessao.historico_ate = sessao.historico_ate or desde
    sessao.numero_em_duvida = sessao.nome_em_duvida = ""
    esquecer_queda(sessao)
    esquecer_codigos(sessao)
    sessao.save()
    mudar_status(sessao, Status.CONNECTED)
    if falta:
        passos.pedir_historico(sessao)
    repeticao.retomar(sessao.organizacao_id, conexao_id=sessao.pk)


def por_em_quarentena(sessao: SessaoWhatsapp, motivo: str) -> None:
    """Stop trying: only its person can bring the session back, and is told how."""
    agora = timezone.now()
    gravar(sessao, quarentena_em=agora, avisado_em=agora, qr="", codigo="")
    mudar_status(sessao, Status.FAILED, motivo=motivo)
    recados.quarentena(sessao)
    auditar("whatsapp.quarentena", sessao, None)


def encerrar_qr(sessao: SessaoWhatsapp, motivo: str) -> None:
    """Nobody read the codes: no failure, and no more of them until somebody asks."""
    esquecer_codigos(sessao)
    sessao.ligada = False
    sessao.save()
    mudar_status(sessao, Status.DISCONNECTED, motivo=motivo)


def reler(sessao: SessaoWhatsapp) -> None:
    """What came since all was surely well may be missing here: read it back."""
    gravar(sessao, historico_ate=_ate_onde(sessao, timezone.now()))
    passos.pedir_historico(sessao)


def esquecer_queda(sessao: SessaoWhatsapp) -> None:
    """The drop is over, or somebody took it in hand; the caller saves."""
    sessao.queda_em = sessao.avisado_em = sessao.quarentena_em = None
    sessao.tentativas_de_volta = 0


def esquecer_codigos(sessao: SessaoWhatsapp) -> None:
    """What was there to scan or type is worth nothing now; the caller saves."""
    sessao.qr, sessao.qr_expira_em, sessao.qr_numero = "", None, 0
    sessao.codigo, sessao.codigo_expira_em = "", None


def motivo_do_login_perdido() -> str:
    """What to do about a number that WhatsApp let go."""
    return _(
        "Esta conexão se perdeu: o aparelho foi removido no celular, o servidor perdeu"
        " o acesso ou o WhatsApp restringiu o número. Se o WhatsApp funciona no"
        " celular, gere um novo QR Code e leia-o em Dispositivos conectados."
    )


def travar(sessao: SessaoWhatsapp) -> None:
    """Read the session anew under its lock: WAHA may have spoken meanwhile."""
    linhas = SessaoWhatsapp.da(sessao.organizacao_id).select_for_update()
    sessao.refresh_from_db(from_queryset=linhas)


def gravar(sessao: SessaoWhatsapp, **campos: Any) -> None:
    """Write some columns of the session."""
    for campo, valor in campos.items():
        setattr(sessao, campo, valor)
    sessao.save(update_fields=[*campos, "atualizado_em"])


def avisar(sessao: SessaoWhatsapp) -> None:
    """Let the organisation's open pages show the session anew."""
    aovivo.avisar(sessao.organizacao_id, "whatsapp")
    aovivo.avisar(sessao.organizacao_id, "conexoes")


def auditar(
    acao: str, sessao: SessaoWhatsapp, autor: Usuario | None, **detalhes: Any
) -> None:
    """One line of the audit trail about the session."""
    auditoria.registrar(
        acao,
        organizacao=sessao.organizacao_id,
        autor=autor,
        objeto=f"sessao:{sessao.pk}",
        **detalhes,
    )


def _tempos(sessao: SessaoWhatsapp, novo: str) -> dict[str, Any]:
    agora = timezone.now()
    if novo == Status.CONNECTED:
        return {"conectado_em": agora} if _e_nova(sessao) else {}
    campos: dict[str, Any] = {}
    caiu = sessao.status == Status.CONNECTED
    if novo in (Status.DISCONNECTED, Status.FAILED) and (caiu or sessao.queda_em):
        campos["desconectado_em"] = agora
    if caiu and sessao.ligada and not sessao.numero_em_duvida:
        campos |= {"queda_em": agora, "tentativas_de_volta": 0, "avisado_em": None}
        campos["historico_ate"] = _ate_onde(sessao, agora)
    return campos


def _e_nova(sessao: SessaoWhatsapp) -> bool:
    """Whether it connects anew; a line that flapped was connected all along."""
    desde, caiu = sessao.conectado_em, sessao.desconectado_em
    piscou = sessao.status == Status.CONNECTING and desde is not None
    return not piscou or (caiu is not None and caiu >= (desde or caiu))


def _ate_onde(sessao: SessaoWhatsapp, agora: datetime) -> datetime:
    """Up to when everything is here, as a session drops.

    The monitor saw it well at ``visto_em`` and it last spoke at ``ultimo_evento_em``;
    what came after may have been lost. A read-back still to be made keeps its start.
    """
    conhecido = sessao.historico_ate
    if conhecido and passos.ha_historico(sessao):
        return conhecido
    sinais = (agora, sessao.visto_em, sessao.ultimo_evento_em)
    bem = min(sinal for sinal in sinais if sinal) - FOLGA
    return max(bem, conhecido) if conhecido else bem
