"""The health of every organisation at once, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import redis
from django.apps import apps
from django.db import connection
from django.db.models import Count, Min, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import disjuntor, nao_atribuidos, provedores
from conexoes.models import (
    CredencialGlobal,
    EventoPendente,
    Motivo,
    Status,
    WebhookRecebido,
)

# Organisations on the page: those that need somebody come first.
NA_PAGINA: Final = 100
_DIA: Final = timedelta(hours=24)
_ABERTAS: Final = [Status.PENDENTE, Status.PROCESSANDO]
_CONTAS: Final = {
    "esperando": Count("pk", filter=~Q(motivo__in=[Motivo.PAUSADA, Motivo.INCERTA])),
    "pausadas": Count("pk", filter=Q(motivo=Motivo.PAUSADA)),
    "incertas": Count("pk", filter=Q(motivo=Motivo.INCERTA)),
    "mais_antiga": Min("criado_em"),
}


@dataclass
class Saude:
    """One organisation; without ``pk``, what belongs to none."""

    pk: UUID | None
    nome: str
    conexoes: list[provedores.Conexoes] = field(default_factory=list)
    esperando: int = 0
    pausadas: int = 0
    incertas: int = 0
    mortas: int = 0
    mais_antiga: datetime | None = None
    webhooks_24h: int = 0
    ouvida_em: datetime | None = None
    sucesso_pct: float | None = None

    @property
    def precisa_de_alguem(self) -> bool:
        quebradas = any(c.tom in ("alerta", "erro") for c in self.conexoes)
        return bool(quebradas or self.pausadas or self.incertas or self.mortas)


def contexto() -> dict[str, Any]:
    """What the first page of the super admin's site shows; needs ``sistema``."""
    todas = _organizacoes()
    _contar_filas(todas)
    for conexoes in _conexoes():
        if conexoes.organizacao_id in todas:
            todas[conexoes.organizacao_id].conexoes.append(conexoes)
    ordenadas = sorted(
        (saude for saude in todas.values() if saude.pk),
        key=lambda saude: (not saude.precisa_de_alguem, saude.nome.casefold()),
    )
    na_pagina = ordenadas[:NA_PAGINA]
    _contar_o_dia(na_pagina)
    abertos, redis_responde = _disjuntores()
    credenciais = _credenciais()
    return {
        "organizacoes": na_pagina,
        "outras": len(ordenadas) - len(na_pagina),
        "sem_organizacao": todas.get(None),
        "credenciais": credenciais,
        "disjuntores": abertos,
        "redis_responde": redis_responde,
        "totais": {
            "organizacoes": len(ordenadas),
            "esperando": sum(s.esperando for s in todas.values()),
            "pausadas": sum(s.pausadas for s in todas.values()),
            "incertas": sum(s.incertas for s in todas.values()),
            "mortas": sum(s.mortas for s in todas.values()),
            "nao_atribuidos": nao_atribuidos.lidos().count(),
            "credenciais": sum(c["tom"] in ("alerta", "erro") for c in credenciais),
        },
    }


def _organizacoes() -> dict[UUID | None, Saude]:
    pares = apps.get_model("crm", "Organizacao").objects.values_list("pk", "nome")
    return {pk: Saude(pk, nome) for pk, nome in pares}


def _contar_filas(todas: dict[UUID | None, Saude]) -> None:
    modelos: tuple[Any, ...] = (EventoPendente, WebhookRecebido)
    for modelo in modelos:
        por_organizacao = modelo.objects.values("organizacao_id").order_by()
        abertas = por_organizacao.filter(status__in=_ABERTAS).annotate(**_CONTAS)
        mortas = por_organizacao.filter(status=Status.FALHOU).exclude(
            motivo=Motivo.DESCARTADA
        )
        for linha in abertas:
            saude = _de(todas, linha["organizacao_id"])
            saude.esperando += linha["esperando"]
            saude.pausadas += linha["pausadas"]
            saude.incertas += linha["incertas"]
            antigas = [saude.mais_antiga, linha["mais_antiga"]]
            saude.mais_antiga = min(quando for quando in antigas if quando)
        if modelo is WebhookRecebido:
            mortas = mortas.exclude(pk__in=nao_atribuidos.lidos().values("pk"))
        for linha in mortas.annotate(quantas=Count("pk")):
            _de(todas, linha["organizacao_id"]).mortas += linha["quantas"]


def _de(todas: dict[UUID | None, Saude], pk: UUID | None) -> Saude:
    return todas.setdefault(pk, Saude(pk, _("Sem organização")))


def _conexoes() -> Iterable[provedores.Conexoes]:
    for provedor in provedores.todos():
        if provedor.conexoes:
            nome = _(provedor.nome)
            yield from (replace(uma, provedor=nome) for uma in provedor.conexoes())


def _contar_o_dia(saudes: list[Saude]) -> None:
    """Fill in what costs a look into each organisation's own rows."""
    por_pk = {saude.pk: saude for saude in saudes if saude.pk}
    ultima = WebhookRecebido.objects.filter(organizacao=OuterRef("pk"))
    ouvidas = apps.get_model("crm", "Organizacao").objects.filter(pk__in=por_pk)
    for pk, quando in ouvidas.annotate(
        ouvida=Subquery(ultima.order_by("-criado_em").values("criado_em")[:1])
    ).values_list("pk", "ouvida"):
        por_pk[pk].ouvida_em = quando
    recebidos = WebhookRecebido.objects.filter(
        organizacao__in=por_pk, criado_em__gt=timezone.now() - _DIA
    )
    for linha in recebidos.values("organizacao_id").annotate(n=Count("pk")).order_by():
        por_pk[linha["organizacao_id"]].webhooks_24h = linha["n"]
    for pk, certas, falhas in _integracao_health(list(por_pk)):
        if decididas := certas + falhas:
            por_pk[pk].sucesso_pct = 100 * float(certas) / float(decididas)


def _integracao_health(pks: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT organizacao_id, sum(sucesso), sum(falhas_permanentes)"
            " FROM integracao_health WHERE organizacao_id = ANY(%s) GROUP BY 1",
            [pks],
        )
        return list(cursor.fetchall())


def _credenciais() -> list[dict[str, Any]]:
    """Each credential that an integration works with, also those nobody set yet."""
    guardadas = {c.provedor: c for c in CredencialGlobal.objects.all()}
    nomes: dict[str, list[str]] = defaultdict(list)
    for provedor in provedores.todos():
        if provedor.credencial:
            nomes[provedor.credencial].append(provedor.nome)
    return [_credencial(slug, de, guardadas.get(slug)) for slug, de in nomes.items()]


def _credencial(
    slug: str, nomes: list[str], guardada: CredencialGlobal | None
) -> dict[str, Any]:
    if guardada is None or not (guardada.url or guardada.identificador):
        estado, tom = _("Ainda não configurada"), "alerta"
    elif guardada.problema:
        estado, tom = guardada.problema, "erro"
    elif guardada.testada_em:
        estado, tom = _("Funcionando"), "ok"
    else:
        estado, tom = _("Nunca testada"), "info"
    return {
        "slug": slug,
        "nome": ", ".join(nomes),
        "estado": estado,
        "tom": tom,
        "guardada": guardada,
    }


def _disjuntores() -> tuple[list[dict[str, Any]], bool]:
    try:
        abertos = disjuntor.abertos()
    except redis.RedisError:
        return [], False
    return [
        {
            "grupo": aberto.grupo,
            "servidor": aberto.chave,
            "reabre_em": datetime.fromtimestamp(aberto.reabre_em, UTC),
        }
        for aberto in abertos
    ], True
