"""Captured leads as somebody looks for them: filters, counts, a summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Self
from urllib.parse import urlencode

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from conexoes.panorama import PERIODOS
from crm.telefones import termos_de_busca
from meta.models import FormularioMeta, LeadCapturado, PaginaMeta

Status = LeadCapturado.Status
POR_PAGINA: Final = 30

TONS: Final[Mapping[str, str]] = {
    Status.A_LER: "info",
    Status.SEM_MAPEAMENTO: "alerta",
    Status.PROCESSADO: "ok",
    Status.SEM_ACESSO: "erro",
    Status.INDISPONIVEL: "neutro",
    Status.FALHOU: "erro",
}
SITUACOES: Final[Mapping[str, str | Promise]] = {
    "": _("Todos"),
    Status.A_LER: _("Aguardando leitura"),
    Status.SEM_MAPEAMENTO: _("Aguardando mapeamento"),
    Status.SEM_ACESSO: _("Sem acesso"),
    Status.FALHOU: _("Falharam"),
    Status.INDISPONIVEL: _("Não existem mais"),
    Status.PROCESSADO: _("Processados"),
}
VIAS: Final[Mapping[str, str | Promise]] = {
    LeadCapturado.Via.WEBHOOK: _("Avisados pela Meta"),
    LeadCapturado.Via.CONFERENCIA: _("Encontrados pela conferência"),
    LeadCapturado.Via.IMPORTACAO: _("Importados"),
}
TESTES: Final[Mapping[str, str | Promise]] = {
    "sem": _("Sem os de teste"),
    "so": _("Só os de teste"),
}
# What a person has taken through its way again, all at once: whatever is not done.
REPETIVEIS: Final = tuple(s for s in SITUACOES if s not in ("", Status.PROCESSADO))


@dataclass(frozen=True)
class Filtro:
    """Which leads, as the address of the page says it; "" leaves each part open.

    ``formulario`` is a form's id at Meta; ``busca`` looks for the contact.
    """

    situacao: str = ""
    formulario: str = ""
    via: str = ""
    teste: str = ""
    periodo: str = ""
    busca: str = ""

    @classmethod
    def ler(cls, parametros: Mapping[str, Any]) -> Self:
        """The filter an address asks for; what nobody here offers is left open."""

        def um_de(nome: str, opcoes: Any) -> str:
            escrito = str(parametros.get(nome, ""))
            return escrito if escrito in opcoes else ""

        def texto(nome: str, maximo: int) -> str:
            escrito = str(parametros.get(nome, "")).replace("\x00", "")
            return escrito.strip()[:maximo]

        return cls(
            situacao=um_de("situacao", SITUACOES),
            formulario=texto("formulario", 60),
            via=um_de("via", VIAS),
            teste=um_de("teste", TESTES),
            periodo=um_de("periodo", PERIODOS),
            busca=texto("busca", 100),
        )

    def com(self, **mudancas: str) -> Filtro:
        return replace(self, **mudancas)

    @property
    def consulta(self) -> str:
        """The query string that asks for it."""
        return urlencode({k: v for k, v in asdict(self).items() if v})


@dataclass(frozen=True)
class Resumo:
    """What came in, and what asks for somebody; ``recuperados`` within seven days."""

    hoje: int
    em_7_dias: int
    recuperados: int
    esperando: int
    sem_acesso: int
    falharam: int
    ultimo_em: datetime | None
    conferidos: int
    esperados: int
    conferido_em: datetime | None


def linhas(
    organizacao: Any, filtro: Filtro, *, ate: datetime | None = None
) -> QuerySet[LeadCapturado]:
    """The leads that ``filtro`` asks for, unsorted; ``ate``: known by then."""
    achadas = LeadCapturado.da(organizacao)
    if filtro.situacao:
        achadas = achadas.filter(status=filtro.situacao)
    if filtro.formulario:
        achadas = achadas.filter(form_id=filtro.formulario)
    if filtro.via:
        achadas = achadas.filter(via=filtro.via)
    if filtro.teste:
        achadas = achadas.filter(teste=filtro.teste == "so")
    desde = PERIODOS[filtro.periodo][1]
    if desde:
        achadas = achadas.filter(criado_em__gte=(ate or timezone.now()) - desde)
    for termo in termos_de_busca(filtro.busca):
        achadas = achadas.filter(contato__busca__contains=termo)
    return achadas.filter(criado_em__lte=ate) if ate else achadas


def contagens(organizacao: Any, filtro: Filtro) -> list[dict[str, Any]]:
    """Each list with how many leads it has under the same filter, in one query."""
    por_status = dict(
        linhas(organizacao, filtro.com(situacao=""))
        .values_list("status")
        .annotate(n=Count("pk"))
        .order_by()
    )
    return [
        {
            "chave": chave,
            "nome": nome,
            "quantas": por_status.get(chave, 0) if chave else sum(por_status.values()),
            "tom": TONS.get(chave, ""),
            "consulta": filtro.com(situacao=chave).consulta,
        }
        for chave, nome in SITUACOES.items()
    ]


def resumo(organizacao: Any) -> Resumo:
    """In two queries, for the integration's page; test leads are not counted."""
    agora = timezone.localtime()
    meia_noite = agora.replace(hour=0, minute=0, second=0, microsecond=0)
    semana = Q(criado_em__gte=agora - timedelta(days=7))
    leads = LeadCapturado.da(organizacao).filter(teste=False)
    contados = leads.aggregate(
        hoje=Count("pk", filter=Q(criado_em__gte=meia_noite)),
        em_7_dias=Count("pk", filter=semana),
        recuperados=Count("pk", filter=semana & Q(recuperado=True, avisado_em=None)),
        esperando=Count("pk", filter=Q(status=Status.SEM_MAPEAMENTO)),
        sem_acesso=Count("pk", filter=Q(status=Status.SEM_ACESSO)),
        falharam=Count("pk", filter=Q(status=Status.FALHOU)),
        ultimo_em=Max("criado_na_meta_em"),
    )
    conferidos = FormularioMeta.da(organizacao).filter(pagina__ativo=True)
    somas = conferidos.aggregate(
        conferidos=Sum("conferidos", default=0),
        esperados=Sum("esperados", default=0),
        conferido_em=Max("conferido_em"),
    )
    return Resumo(**contados, **somas)


def ha_paginas(organizacao: Any) -> bool:
    """Whether any page tells of its leads."""
    return PaginaMeta.da(organizacao).filter(ativo=True).exists()


def formularios(organizacao: Any) -> list[tuple[str, str]]:
    """Forms to choose from: id at Meta, and name."""
    todos = FormularioMeta.da(organizacao).order_by("nome", "pk")
    return [(um.form_id, str(um)) for um in todos]
