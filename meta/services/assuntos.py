"""What Meta's rows of work are about, and its connections by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from conexoes.models import EventoPendente
from conexoes.provedores import Assunto, Ligacao
from meta.models import ConexaoMeta, PaginaMeta

Descrever = Callable[[Sequence[EventoPendente]], Mapping[UUID, Assunto]]


def da_conta(frase: str | Promise) -> Descrever:
    """Describe rows that name an account by the name it has at Facebook."""

    def descrever(eventos: Sequence[EventoPendente]) -> Mapping[UUID, Assunto]:
        contas = {str(c.pk): c for c in ConexaoMeta.da(eventos[0].organizacao_id)}
        return {
            evento.pk: Assunto(
                str(frase) % {"conta": contas[pk].meta_user_name or "Facebook"},
                url=reverse("meta:pagina"),
                objeto=f"meta:{pk}",
            )
            for evento in eventos
            if (pk := str(evento.payload.get("conexao_id", ""))) in contas
        }

    return descrever


def da_pagina(frase: str | Promise) -> Descrever:
    """Describe rows that name a page by its name."""

    def descrever(eventos: Sequence[EventoPendente]) -> Mapping[UUID, Assunto]:
        pks = {evento.payload.get("pagina_id", "") for evento in eventos}
        linhas = PaginaMeta.da(eventos[0].organizacao_id).filter(pk__in=pks - {""})
        paginas = {str(pagina.pk): pagina for pagina in linhas}
        return {
            evento.pk: Assunto(
                str(frase) % {"pagina": paginas[pk]},
                url=reverse("meta:pagina"),
                objeto=f"pagina:{pk}",
            )
            for evento in eventos
            if (pk := str(evento.payload.get("pagina_id", ""))) in paginas
        }

    return descrever


def ligacoes(organizacao: Any) -> list[Ligacao]:
    """The organisation's account, connected or not."""
    return [
        Ligacao(conexao.pk, _nome(conexao), reverse("meta:pagina"))
        for conexao in ConexaoMeta.da(organizacao).exclude(meta_user_id="")
    ]


def _nome(conexao: ConexaoMeta) -> str:
    return _("Facebook de %(nome)s") % {"nome": conexao.meta_user_name}
