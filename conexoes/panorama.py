"""What an organisation's work stands at: the lists of its rows, and how many there are.

Every count is bounded and every list is a keyset page, so that looking costs the same
however much was done before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Self
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from conexoes import listas
from conexoes.arrendamento import Linha
from conexoes.models import EventoPendente, Motivo, Status, WebhookRecebido

POR_PAGINA: Final = 30
CONTAR_ATE: Final = 100
ABERTOS: Final = (Status.PENDENTE, Status.PROCESSANDO)
# The work of the house on other rows is told by its own banner.
EM_MASSA: Final = "conexoes.em_massa"

PERIODOS: Final[Mapping[str, tuple[str | Promise, timedelta | None]]] = {
    "": (_("Qualquer data"), None),
    "1h": (_("Última hora"), timedelta(hours=1)),
    "24h": (_("Últimas 24 horas"), timedelta(days=1)),
    "7d": (_("Últimos 7 dias"), timedelta(days=7)),
    "30d": (_("Últimos 30 dias"), timedelta(days=30)),
}


@dataclass(frozen=True)
class Situacao:
    """One list: its name, which rows are in it, and by which time they are sorted."""

    nome: str | Promise
    quais: Q
    campo: str = "criado_em"


_FALHOU: Final = Q(status=Status.FALHOU) & ~Q(motivo=Motivo.DESCARTADA)
_DESCARTADO: Final = Q(status=Status.FALHOU, motivo=Motivo.DESCARTADA)
# "Waiting" is what will go by itself; every row is in one list and no other. What is
# being tried stays in the list it was in.
DA_FILA: Final[Mapping[str, Situacao]] = {
    "esperando": Situacao(
        _("Esperando"),
        Q(
            status__in=ABERTOS,
            motivo__in=(Motivo.NENHUM, Motivo.RETRY, Motivo.CAUDA),
        ),
    ),
    "pausados": Situacao(_("Pausados"), Q(status__in=ABERTOS, motivo=Motivo.PAUSADA)),
    "em_duvida": Situacao(_("Em dúvida"), Q(status__in=ABERTOS, motivo=Motivo.INCERTA)),
    "falharam": Situacao(_("Falharam"), _FALHOU),
    "descartados": Situacao(_("Descartados"), _DESCARTADO),
    "concluidos": Situacao(
        _("Concluídos hoje"), Q(status=Status.CONCLUIDO), "concluida_em"
    ),
}
DOS_WEBHOOKS: Final[Mapping[str, Situacao]] = {
    "todos": Situacao(_("Todos"), Q()),
    "esperando": Situacao(_("Esperando"), Q(status__in=ABERTOS)),
    "falharam": Situacao(_("Falharam"), _FALHOU),
    "descartados": Situacao(_("Descartados"), _DESCARTADO),
}
_SITUACOES: Final[Mapping[type[Linha], Mapping[str, Situacao]]] = {
    EventoPendente: DA_FILA,
    WebhookRecebido: DOS_WEBHOOKS,
}


@dataclass(frozen=True)
class Filtro:
    """Which rows a person looks at, as the address of the page says it.

    ``tipo`` is a destino, ``conexao`` the id of a connection, ``periodo`` a key of
    ``PERIODOS``; "" leaves each of them open.
    """

    situacao: str
    tipo: str = ""
    conexao: str = ""
    periodo: str = ""

    @classmethod
    def ler(cls, parametros: Mapping[str, Any], modelo: type[Linha]) -> Self:
        """The filter an address asks for; what nobody here offers is left open."""
        situacoes = _SITUACOES[modelo]
        situacao = str(parametros.get("situacao", ""))
        periodo = str(parametros.get("periodo", ""))
        return cls(
            situacao=situacao if situacao in situacoes else next(iter(situacoes)),
            tipo=str(parametros.get("tipo", "")).replace("\x00", "")[:255],
            conexao=_uuid(parametros.get("conexao", "")),
            periodo=periodo if periodo in PERIODOS else "",
        )

    def com(self, **mudancas: str) -> Filtro:
        return replace(self, **mudancas)

    @property
    def consulta(self) -> str:
        """The query string that asks for it."""
        return urlencode({k: v for k, v in asdict(self).items() if v})


def linhas(
    modelo: type[Linha], organizacao: Any, filtro: Filtro, ate: datetime | None = None
) -> QuerySet[Any]:
    """The rows of ``organizacao`` that ``filtro`` asks for, unsorted.

    ``ate``: only those that were there by then.
    """
    todas: Any = modelo._default_manager
    achadas: QuerySet[Any] = todas.filter(
        _SITUACOES[modelo][filtro.situacao].quais, organizacao=organizacao
    )
    if modelo is EventoPendente:
        achadas = achadas.exclude(destino=EM_MASSA)
        if filtro.conexao:
            achadas = achadas.filter(conexao_id=filtro.conexao)
    else:
        achadas = achadas.defer("corpo")
    if filtro.situacao == "concluidos":
        achadas = achadas.filter(concluida_em__gte=_hoje())
    if filtro.tipo:
        achadas = achadas.filter(destino=filtro.tipo)
    desde = PERIODOS[filtro.periodo][1]
    if desde:
        # From the moment of the count on, so that a long run loses none of its rows.
        achadas = achadas.filter(criado_em__gte=(ate or timezone.now()) - desde)
    return achadas.filter(criado_em__lte=ate) if ate else achadas


def pagina(
    modelo: type[Linha], organizacao: Any, filtro: Filtro, parametros: Any
) -> listas.Pagina[Any]:
    """One page, newest first."""
    return listas.pagina(
        linhas(modelo, organizacao, filtro),
        campo=_SITUACOES[modelo][filtro.situacao].campo,
        decrescente=True,
        parametros=parametros,
        tamanho=POR_PAGINA,
    )


def contagens(
    modelo: type[Linha], organizacao: Any, filtro: Filtro
) -> list[dict[str, Any]]:
    """Each list with how many rows it has under the same filter: "100+" at most."""
    return [
        {
            "chave": chave,
            "nome": situacao.nome,
            "quantas": quantas(modelo, organizacao, filtro.com(situacao=chave))
            # "All" is whatever ever came: counting it would say nothing.
            if situacao.quais
            else "",
            "consulta": filtro.com(situacao=chave).consulta,
        }
        for chave, situacao in _SITUACOES[modelo].items()
    ]


def quantas(modelo: type[Linha], organizacao: Any, filtro: Filtro) -> str:
    """How many rows a list has: "37", or "100+"."""
    campo = _SITUACOES[modelo][filtro.situacao].campo
    achadas = linhas(modelo, organizacao, filtro).values_list("pk")
    # In the order of the list, whose index holds no other rows.
    total = len(achadas.order_by(f"-{campo}", "-pk")[: CONTAR_ATE + 1])
    return f"{CONTAR_ATE}+" if total > CONTAR_ATE else str(total)


def _hoje() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


def _uuid(texto: Any) -> str:
    try:
        return str(UUID(str(texto)))
    except ValueError:
        return ""
