"""The story of one row of work, as far as it is known: what happened, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conexoes.models import EventoPendente, RegistroAuditoria, Status
from conexoes.retrato import Retrato

_LINHAS: Final = 50
# What the audit trail calls it, told to people; the rest is told by its own name.
_ACOES: Final = {
    "fila.repetida": gettext_lazy("%(quem)s mandou tentar de novo"),
    "fila.descartada": gettext_lazy("%(quem)s descartou"),
    "mensagem.reenviada": gettext_lazy("%(quem)s mandou a mensagem de novo"),
    "mensagem.confirmada": gettext_lazy("%(quem)s viu no celular que chegou"),
    "webhook.corpo_visto": gettext_lazy("%(quem)s viu o conteúdo"),
    "webhook.corpo_baixado": gettext_lazy("%(quem)s baixou o conteúdo"),
}


@dataclass(frozen=True)
class Passo:
    """One thing that happened, or is to happen when ``futuro``."""

    em: datetime
    texto: str
    tom: str = "neutro"
    detalhe: str = ""
    futuro: bool = False


def contar(retrato: Retrato) -> list[Passo]:
    """The steps of a row in their order, the newest last."""
    linha = retrato.linha
    passos = [_comeco(linha), *_auditados(retrato), *_estado(retrato)]
    if getattr(linha, "chamada_iniciada_em", None):
        passos.append(
            Passo(linha.chamada_iniciada_em, _("A chamada ao provedor começou"), "info")
        )
    return sorted(passos, key=lambda passo: passo.em)


def _comeco(linha: Any) -> Passo:
    if isinstance(linha, EventoPendente):
        return Passo(linha.criado_em, _("Entrou na fila"))
    return Passo(linha.criado_em, _("Recebido do provedor, com a assinatura conferida"))


def _auditados(retrato: Retrato) -> list[Passo]:
    linha = retrato.linha
    objetos = {f"{linha.destino}:{linha.pk}", retrato.assunto.objeto} - {""}
    registros = RegistroAuditoria.objects.filter(
        organizacao=linha.organizacao_id, objeto__in=objetos
    ).order_by("-pk")[:_LINHAS]
    return [
        Passo(
            registro.em,
            str(_ACOES.get(registro.acao, "%(quem)s: " + registro.acao))
            % {"quem": registro.autor_nome or _("O sistema")},
            "info",
        )
        for registro in registros
    ]


def _estado(retrato: Retrato) -> list[Passo]:
    linha = retrato.linha
    vez = {"n": linha.tentativas, "total": linha.max_tentativas}
    if linha.status == Status.CONCLUIDO:
        fim = linha.concluida_em or linha.atualizado_em
        return [Passo(fim, _("Concluído na tentativa %(n)d") % vez, "ok")]
    if linha.status == Status.PROCESSANDO:
        texto = _("Tentativa %(n)d de %(total)d em andamento") % vez
        return [Passo(linha.atualizado_em, texto, "info")]
    passos = []
    if linha.status == Status.FALHOU or linha.tentativas or retrato.porque:
        passos.append(
            Passo(linha.atualizado_em, retrato.estado, retrato.tom, retrato.porque)
        )
    proxima = linha.proxima_tentativa
    if linha.status == Status.PENDENTE and proxima and proxima > timezone.now():
        confere = retrato.incerta
        texto = _("Próxima conferência") if confere else _("Próxima tentativa")
        passos.append(Passo(proxima, texto, futuro=True))
    return passos
