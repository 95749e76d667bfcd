"""What the connections page shows: one card an integration, counted and filtered."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import Any

from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import idioma, panorama, provedores, recursos
from conexoes.acesso import pode
from conexoes.erros import CredencialInvalida
from conexoes.models import EventoPendente, Motivo, Status, WebhookRecebido


def contexto(organizacao: Any, usuario: Any, filtro: str) -> dict[str, Any]:
    """The hub's template context; texts are for people."""
    inclusos = recursos.ativos(organizacao)
    cartoes = [
        _cartao(provedor, organizacao, usuario)
        if provedor.recurso is None or provedor.recurso.slug in inclusos
        else _fora_do_plano(provedor, organizacao, usuario)
        for provedor in provedores.todos()
    ]
    por_filtro = {
        "todas": cartoes,
        "conectadas": [c for c in cartoes if c["tom_estado"] == "ok"],
        "atencao": [c for c in cartoes if c["tom_estado"] in ("alerta", "erro")],
    }
    return {
        "cartoes": por_filtro[filtro],
        "filtro": filtro,
        "contagens": {nome: len(lista) for nome, lista in por_filtro.items()},
        "resumo": _resumo(organizacao, por_filtro),
        "faixas": provedores.faixas_de(organizacao, partial(pode, usuario)),
        "recusadas": _recusadas(organizacao, usuario),
        "fila": _fila(organizacao) if pode(usuario, "fila.ver") else None,
    }


def _fila(organizacao: Any) -> dict[str, str]:
    """What the queue's page would show: waiting, and failed of the last day."""
    ontem = panorama.Filtro("falharam", periodo="24h")
    return {
        "na_fila": panorama.quantas(
            EventoPendente, organizacao, panorama.Filtro("esperando")
        ),
        "falhas": panorama.quantas(EventoPendente, organizacao, ontem),
        "consulta_das_falhas": ontem.consulta,
    }


def _recusadas(organizacao: Any, usuario: Any) -> list[dict[str, Any]]:
    """Providers that refuse the installation's own key, told by the work that waits.

    No organisation can mend it, and none may read the credential itself: its admins
    learn that they need do nothing, and only the super admin reads what was said.
    """
    if not pode(usuario, "conexoes.ver_equipe"):
        return []
    with idioma.guardando():
        recusas = {str(c.padrao) for c in CredencialInvalida.__subclasses__()}
    paradas = EventoPendente.da(organizacao).filter(
        status=Status.PENDENTE, motivo=Motivo.PAUSADA, ultimo_erro__in=recusas
    )
    achadas = []
    for provedor in provedores.todos():
        da_vez = paradas.filter(destino__startswith=f"{provedor.slug}.")
        contas = da_vez.aggregate(quantas=Count("id"), motivo=Max("ultimo_erro"))
        if contas["quantas"]:
            achadas.append(
                {
                    "nome": provedor.nome,
                    "quantas": contas["quantas"],
                    "motivo": contas["motivo"] if usuario.is_superuser else "",
                }
            )
    return achadas


def _cartao(
    provedor: provedores.Provedor, organizacao: Any, usuario: Any
) -> dict[str, Any]:
    permitido = pode(usuario, provedor.acao_permitida)
    return {
        **asdict(provedor.cartao(organizacao, usuario)),
        "slug": provedor.slug,
        "nome": _(provedor.nome),
        "descricao": _(provedor.descricao),
        "icone": provedor.icone,
        "tom": provedor.tom,
        "url": reverse(provedor.url),
        "pode": permitido,
        "motivo": "" if permitido else _sem_permissao(usuario),
    }


def _sem_permissao(usuario: Any) -> str:
    if usuario.is_superuser:
        return _("Quem cuida desta conexão é a própria organização.")
    return _("Quem administra a organização cuida desta conexão.")


def _fora_do_plano(
    provedor: provedores.Provedor, organizacao: Any, usuario: Any
) -> dict[str, Any]:
    """A card that vanished would look like a fault: this one says whom to ask."""
    return _cartao(provedor, organizacao, usuario) | {
        "estado": _("Não incluído"),
        "tom_estado": "neutro",
        "metricas": (),
        "desde": None,
        "pode": False,
        "sair": recursos.ainda_conectado(usuario, provedor),
        "motivo": _(
            "Sua organização não tem este recurso. O que já está conectado continua"
            " funcionando. Para incluir, fale com o administrador do sistema."
        ),
    }


def _resumo(organizacao: Any, por_filtro: dict[str, list[Any]]) -> dict[str, Any]:
    desde = timezone.now() - timedelta(hours=24)
    recebidos = WebhookRecebido.objects.filter(
        organizacao=organizacao, criado_em__gt=desde
    ).count()
    saidas = EventoPendente.da(organizacao).filter(criado_em__gt=desde)
    contas = saidas.aggregate(
        todas=Count("id"),
        certas=Count("id", filter=Q(status=Status.CONCLUIDO)),
        falhas=Count("id", filter=Q(status=Status.FALHOU)),
    )
    decididas = contas["certas"] + contas["falhas"]
    return {
        "ativas": len(por_filtro["conectadas"]),
        "total": len(por_filtro["todas"]),
        "atencao": len(por_filtro["atencao"]),
        "eventos_24h": recebidos + contas["todas"],
        "sucesso_pct": 100 * contas["certas"] / decididas if decididas else None,
    }
