"""Pages, forms, pipelines and captured leads, as these tests need them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.utils import timezone

from conexoes.tenancy import na
from crm.models import EtapaFunil, Funil
from crm.services import funis
from meta.models import (
    ConexaoMeta,
    FormularioLeadAds,
    FormularioMeta,
    LeadCapturado,
    PaginaMeta,
)
from meta.services import formularios
from meta.services.formularios import Pedido

PERGUNTAS: list[dict[str, Any]] = [
    {"key": "full_name", "label": "Nome completo", "type": "FULL_NAME", "options": []},
    {"key": "email", "label": "E-mail", "type": "EMAIL", "options": []},
    {"key": "phone_number", "label": "Telefone", "type": "PHONE", "options": []},
    {
        "key": "qual_o_valor_do_imóvel?",
        "label": "Qual o valor do imóvel?",
        "type": "CUSTOM",
        "options": [
            {"key": "até_200_mil", "value": "Até 200 mil"},
            {"key": "acima", "value": "Acima de 200 mil"},
        ],
    },
]
CAMPOS = {
    "full_name": "nome",
    "email": "email",
    "phone_number": "telefone",
    "qual_o_valor_do_imóvel?": "valor",
}
RESPOSTAS: list[dict[str, Any]] = [
    {"name": "full_name", "values": ["João da Silva"]},
    {"name": "email", "values": ["Joao@Exemplo.com.br"]},
    {"name": "phone_number", "values": ["(11) 98765-4321"]},
    {"name": "qual_o_valor_do_imóvel?", "values": ["até_200_mil"]},
]


def nova_pagina(organizacao: Any, page_id: str = "103", **campos: Any) -> PaginaMeta:
    """A selected page of the organisation's one account."""
    with na(organizacao):
        conexao = ConexaoMeta.da(organizacao).first() or ConexaoMeta.objects.create(
            organizacao=organizacao,
            access_token="token-da-conta",
            meta_user_id="77",
            meta_user_name="Renove Marketing",
        )
        padrao = {"page_name": "Renove Consultoria", "ativo": True}
        return PaginaMeta.objects.create(
            organizacao=organizacao,
            conexao=conexao,
            page_id=page_id,
            page_access_token="token-da-pagina",
            **padrao | campos,
        )


def novo_formulario(
    pagina: PaginaMeta, form_id: str = "7001", **campos: Any
) -> FormularioMeta:
    padrao = {"nome": "Captação", "status": "ACTIVE", "perguntas": PERGUNTAS}
    with na(pagina.organizacao_id):
        return FormularioMeta.objects.create(
            organizacao_id=pagina.organizacao_id,
            pagina=pagina,
            form_id=form_id,
            lido_em=timezone.now(),
            **padrao | campos,
        )


def novo_lead(
    pagina: PaginaMeta, form_id: str = "7001", **campos: Any
) -> LeadCapturado:
    """A lead that waits for a mapping."""
    padrao = {
        "status": LeadCapturado.Status.SEM_MAPEAMENTO,
        "respostas": RESPOSTAS,
        "criado_na_meta_em": timezone.now(),
        "lido_em": timezone.now(),
    }
    with na(pagina.organizacao_id):
        return LeadCapturado.objects.create(
            organizacao_id=pagina.organizacao_id,
            pagina=pagina,
            page_id=pagina.page_id,
            form_id=form_id,
            leadgen_id=str(uuid4().int)[:16],
            **padrao | campos,
        )


def novo_funil(organizacao: Any, nome: str = "Inbound") -> tuple[Funil, EtapaFunil]:
    """Another pipeline than the default one, and its second stage."""
    with na(organizacao):
        funis.funil_padrao(organizacao)
        funil = Funil.objects.create(organizacao=organizacao, nome=nome, ordem=9)
        for ordem, etapa in enumerate(("Entrada", "MQL")):
            EtapaFunil.objects.create(
                organizacao=organizacao, funil=funil, nome=etapa, ordem=ordem
            )
        return funil, EtapaFunil.objects.get(funil=funil, nome="MQL")


def pedido(organizacao: Any, **campos: Any) -> Pedido:
    """Into the default pipeline's first stage, dealt out."""
    with na(organizacao):
        funil = funis.funil_padrao(organizacao)
        etapa = funis.etapas_do(funil).first()
    assert etapa
    return Pedido(
        **{"funil": funil, "etapa_destino": etapa, "mapeamento_campos": CAMPOS} | campos
    )


def mapear(
    pagina: PaginaMeta, form_id: str = "7001", *, autor: Any, **campos: Any
) -> FormularioLeadAds:
    """Map a form; leads that waited are handed over."""
    with na(pagina.organizacao_id):
        return formularios.mapear(
            pagina, form_id, pedido(pagina.organizacao_id, **campos), autor=autor
        )
