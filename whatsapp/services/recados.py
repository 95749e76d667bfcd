"""What the owner of a number is told when something happens to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes.notificacoes import NomeDoTipo, Tom, notificar
from crm.models import Usuario
from crm.telefones import legivel
from whatsapp.models import SessaoWhatsapp


def caiu(sessao: SessaoWhatsapp) -> None:
    """It is down for minutes; told once per drop."""
    _contar(
        sessao,
        "caiu",
        sessao.queda_em,
        tom="alerta",
        titulo=_("Seu WhatsApp está desconectado"),
        texto=_(
            "A conexão do número %(numero)s caiu e ainda não voltou. Continuamos"
            " tentando; as mensagens esperam na fila. Confira se o celular está ligado"
            " e com internet."
        )
        % {"numero": _numero(sessao)},
    )


def voltou(sessao: SessaoWhatsapp) -> None:
    """It is back by itself, after its owner was told that it was down."""
    _contar(
        sessao,
        "voltou",
        sessao.queda_em,
        tom="ok",
        tipo="conexao",
        titulo=_("Seu WhatsApp voltou"),
        texto=_(
            "O número %(numero)s está conectado de novo. O que chegou nesse meio tempo"
            " está sendo trazido para as conversas, e o que esperava na fila vai sair."
        )
        % {"numero": _numero(sessao)},
    )


def quarentena(sessao: SessaoWhatsapp) -> None:
    """It does not come back by itself: somebody has to do something."""
    _contar(
        sessao,
        "quarentena",
        sessao.quarentena_em,
        tom="erro",
        titulo=_("Seu WhatsApp precisa ser conectado de novo"),
        texto=sessao.motivo,
    )


def numero_em_duvida(sessao: SessaoWhatsapp) -> None:
    """Another number was scanned than the one that the conversations belong to."""
    texto = _(
        "Esta conexão era do número %(antigo)s e foi ligada agora ao %(novo)s. Nada"
        " entra nem sai até você dizer se o número novo está certo."
    ) % {
        "antigo": _numero(sessao),
        "novo": legivel(sessao.numero_em_duvida),
    }
    _contar(
        sessao,
        "numero",
        sessao.conectado_em,
        tom="alerta",
        titulo=_("Seu WhatsApp foi conectado com outro número"),
        texto=texto,
    )


def mesmo_numero(sessao: SessaoWhatsapp, outras: Iterable[SessaoWhatsapp]) -> None:
    """Two people of the organisation are connected with one number."""
    for uma, outra in [par for o in outras for par in ((sessao, o), (o, sessao))]:
        texto = _(
            "%(nome)s também está com o número %(numero)s conectado. Cada mensagem"
            " aparece duas vezes no CRM. Uma das duas conexões deve ser desligada."
        ) % {"nome": outra.usuario.nome, "numero": _numero(uma)}
        _contar(
            uma,
            f"repetido:{outra.pk}",
            sessao.conectado_em,
            tom="alerta",
            tipo="conexao",
            titulo=_("O mesmo número está conectado duas vezes"),
            texto=texto,
        )


def servidor_fora(pessoas: Iterable[Usuario], desde: datetime) -> None:
    """The WAHA server does not answer; told once per outage."""
    notificar(
        pessoas,
        titulo=_("O servidor do WhatsApp não responde"),
        texto=_(
            "Desde as %(hora)s o servidor do WhatsApp não responde. As mensagens"
            " enviadas esperam na fila e saem quando ele voltar; o que os clientes"
            " escreverem chega depois. Não é preciso ler um novo QR Code."
        )
        % {"hora": _hora(desde)},
        url=reverse("whatsapp:pagina"),
        tom="erro",
        chave=f"whatsapp.servidor_fora:{_marca(desde)}",
        por_email=True,
    )


def servidor_voltou(pessoas: Iterable[Usuario], desde: datetime) -> None:
    """It answers again, and people had been told that it did not."""
    notificar(
        pessoas,
        titulo=_("O servidor do WhatsApp voltou"),
        texto=_("O servidor do WhatsApp voltou a responder."),
        url=reverse("whatsapp:pagina"),
        tom="ok",
        chave=f"whatsapp.servidor_voltou:{_marca(desde)}",
    )


def _contar(
    sessao: SessaoWhatsapp,
    assunto: str,
    momento: datetime | None,
    *,
    titulo: str,
    texto: str,
    tom: Tom,
    tipo: NomeDoTipo = "queda",
) -> None:
    notificar(
        sessao.usuario,
        titulo=titulo,
        texto=texto,
        url=reverse("whatsapp:pagina"),
        tom=tom,
        tipo=tipo,
        chave=f"whatsapp.{assunto}:{sessao.pk}:{_marca(momento)}",
        por_email=True,
    )


def _numero(sessao: SessaoWhatsapp) -> str:
    return legivel(sessao.phone_number or "")


def _marca(momento: datetime | None) -> int:
    return int(momento.timestamp()) if momento else 0


def _hora(momento: datetime) -> str:
    return timezone.localtime(momento).strftime("%H:%M")
