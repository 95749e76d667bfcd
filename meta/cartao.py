"""Meta's two cards on the hub: the account with its leads, and its pages."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conexoes.provedores import Cartao
from meta.models import ConexaoMeta, FormularioLeadAds, PaginaMeta
from meta.services.conta.situacao import TONS, Situacao, situacao

_RESOLVER: Final = (
    *(Situacao.RECONECTAR, Situacao.REMOVIDA, Situacao.SEM_PERMISSAO),
    *(Situacao.CONFIRMAR, Situacao.COM_PROBLEMA),
)


def cartao(organizacao: Any, usuario: Any) -> Cartao:
    """The organisation's account; its pages and what came from their forms."""
    conexao, ativas = _conta_e_paginas(organizacao)
    recebidos = sum(
        FormularioLeadAds.da(organizacao).values_list(
            "total_leads_recebidos", flat=True
        )
    )
    metricas = (
        _quantas(ativas),
        {"valor": str(recebidos), "rotulo": ngettext("lead", "leads", recebidos)},
    )
    return _cartao(conexao, ativas, metricas)


def cartao_das_paginas(organizacao: Any, usuario: Any) -> Cartao:
    """The same account, seen from its pages."""
    conexao, ativas = _conta_e_paginas(organizacao)
    return _cartao(conexao, ativas, (_quantas(ativas),))


def _conta_e_paginas(
    organizacao: Any,
) -> tuple[ConexaoMeta | None, list[PaginaMeta]]:
    conexao = ConexaoMeta.da(organizacao).first()
    ativas = PaginaMeta.da(organizacao).filter(ativo=True).order_by("page_name")
    return conexao, list(ativas)


def _cartao(
    conexao: ConexaoMeta | None, ativas: list[PaginaMeta], metricas: Any
) -> Cartao:
    agora = situacao(conexao, ativas)
    if conexao is None or agora == Situacao.DESCONECTADA:
        return Cartao(str(agora.label), TONS[agora], acao=_("Conectar"))
    conta = conexao.conta_pendente.get("nome") or conexao.meta_user_name
    com_problema = next((p.problema for p in ativas if p.problema), "")
    detalhe = {
        Situacao.CONFIRMAR: conta,
        Situacao.COM_PROBLEMA: com_problema,
        Situacao.RECONECTAR: conexao.ultimo_erro,
        Situacao.REMOVIDA: conexao.ultimo_erro,
    }.get(agora, _resumo(conta, ativas))
    return Cartao(
        estado=str(agora.label),
        tom_estado=TONS[agora],
        detalhe=detalhe,
        desde=conexao.conectada_em if agora == Situacao.CONECTADA else None,
        metricas=metricas,
        acao=_("Resolver") if agora in _RESOLVER else _("Configurar"),
    )


def _quantas(ativas: list[PaginaMeta]) -> dict[str, str]:
    n = len(ativas)
    return {"valor": str(n), "rotulo": ngettext("página", "páginas", n)}


def _resumo(conta: str, ativas: list[PaginaMeta]) -> str:
    if len(ativas) == 1:
        return f"{conta} · {ativas[0]}"
    quantas = ngettext("%(n)d página", "%(n)d páginas", len(ativas)) % {
        "n": len(ativas)
    }
    return f"{conta} · {quantas}"
