"""WhatsApp's card on the hub: the person's own number, and how the team stands."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from conexoes.models import EventoPendente, Motivo
from conexoes.provedores import Cartao
from crm.telefones import legivel
from whatsapp.models import SessaoWhatsapp
from whatsapp.services import servidor_fora
from whatsapp.services.situacao import Situacao, situacao

Status = SessaoWhatsapp.Status

TONS: Final = {
    Situacao.CONECTADO: "ok",
    Situacao.CONECTANDO: "info",
    Situacao.AGUARDANDO_QR: "info",
    Situacao.PASSKEY: "alerta",
    Situacao.NUMERO_EM_DUVIDA: "alerta",
    Situacao.QUARENTENA: "erro",
    Situacao.FALHA: "erro",
    Situacao.DESCONECTADO: "neutro",
    Situacao.DESCONHECIDO: "alerta",
}
# Connected as far as we know, and the server that knows does not answer.
INSTAVEL: Final = gettext_lazy("Instável")


def cartao(organizacao: Any, usuario: Any) -> Cartao:
    """The person's own number; an admin also learns how the team stands."""
    todas = list(SessaoWhatsapp.da(organizacao))
    minha = next((s for s in todas if s.usuario_id == usuario.pk), None)
    if minha is None or minha.status == Status.DISCONNECTED:
        return _desconectado(todas)
    agora = situacao(minha)
    return _parado(organizacao, minha) or _instavel(agora) or _numero(minha, agora)


def _parado(organizacao: Any, minha: SessaoWhatsapp) -> Cartao | None:
    """Connected, and yet nothing goes out: the page must not look well."""
    if minha.status != Status.CONNECTED:
        return None
    espera = (
        EventoPendente.da(organizacao)
        .filter(conexao_id=minha.pk, motivo=Motivo.PAUSADA)
        .first()
    )
    if espera is None:
        return None
    return Cartao(
        estado=_("Pausado"),
        tom_estado="alerta",
        detalhe=espera.ultimo_erro,
        desde=espera.criado_em,
        acao=_("Configurar"),
    )


def _instavel(agora: Situacao) -> Cartao | None:
    if agora != Situacao.CONECTADO or not (desde := servidor_fora.desde_quando()):
        return None
    return Cartao(
        estado=str(INSTAVEL),
        tom_estado="alerta",
        detalhe=_("O servidor do WhatsApp não responde. Nada se perde."),
        desde=desde,
        acao=_("Configurar"),
    )


def _numero(minha: SessaoWhatsapp, agora: Situacao) -> Cartao:
    numero_e_nome = (legivel(minha.phone_number or ""), minha.phone_name)
    pede_atencao = TONS[agora] in ("alerta", "erro")
    return Cartao(
        estado=str(agora.label),
        tom_estado=TONS[agora],
        detalhe=" · ".join(filter(None, numero_e_nome)),
        desde=minha.conectado_em if minha.status == Status.CONNECTED else None,
        metricas=(
            {
                "valor": str(minha.total_mensagens_recebidas),
                "rotulo": _("recebidas"),
            },
            {"valor": str(minha.total_mensagens_enviadas), "rotulo": _("enviadas")},
        ),
        acao=_("Resolver") if pede_atencao else _("Configurar"),
    )


def _desconectado(todas: list[SessaoWhatsapp]) -> Cartao:
    ligadas = sum(s.status == Status.CONNECTED for s in todas)
    detalhe = (
        ngettext(
            "%(n)d número da equipe conectado",
            "%(n)d números da equipe conectados",
            ligadas,
        )
        % {"n": ligadas}
        if ligadas
        else ""
    )
    return Cartao(
        estado=_("Desconectado"),
        tom_estado="neutro",
        detalhe=detalhe,
        acao=_("Conectar"),
    )
