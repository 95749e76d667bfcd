"""Forms, and the leads that came through them."""

import json
from typing import Any

from sandbox.graph import campos, leads
from sandbox.graph.amostras import ditas_no_teste
from sandbox.graph.direitos import exigir, pessoa, ver_leads, ver_pagina
from sandbox.graph.entregas import CARTEIRO
from sandbox.graph.erros import inexistente, invalido
from sandbox.graph.estado import ESTADO, Formulario, Lead, Pagina, Pergunta
from sandbox.graph.folhas import folha
from sandbox.graph.pedido import Pedido

PADRAO = "id,locale,name,status"


async def da_pagina(pedido: Pedido, no: Pagina) -> dict[str, Any]:
    ver_pagina(pedido, no)
    exigir(pedido, "pages_manage_ads")
    quais = campos.ler(pedido.campo("fields") or PADRAO)

    def escrever(formulario: Formulario) -> dict[str, Any]:
        return campos.projetar(valores(formulario), quais, "LeadgenForm")

    return folha(pedido, no.formularios, lambda f: f.id, escrever)


async def ver(pedido: Pedido, no: Formulario) -> dict[str, Any]:
    ver_pagina(pedido, no.pagina)
    exigir(pedido, "pages_manage_ads")
    quais = campos.ler(pedido.campo("fields") or PADRAO)
    return campos.projetar(valores(no), quais, "LeadgenForm")


async def ler_leads(pedido: Pedido, no: Formulario) -> dict[str, Any]:
    ver_leads(pedido, no.pagina, no.id)
    return leads.do_formulario(no, pedido, _escolhidos(pedido))


async def ler_lead(pedido: Pedido, no: Lead) -> dict[str, Any]:
    _alcancar(pedido, no)
    return leads.escrever(no, _escolhidos(pedido))


async def apagar_lead(pedido: Pedido, no: Lead) -> dict[str, Any]:
    _alcancar(pedido, no)
    leads.apagar(no)
    return {"success": True}


async def ler_testes(pedido: Pedido, no: Formulario) -> dict[str, Any]:
    ver_leads(pedido, no.pagina, no.id)
    quais = _escolhidos(pedido)
    achados = [lead for lead in no.leads if lead.teste]
    return folha(
        pedido, achados, lambda lead: lead.id, lambda lead: leads.escrever(lead, quais)
    )


async def criar_teste(pedido: Pedido, no: Formulario) -> dict[str, Any]:
    """One at a time: a second is refused until the first is deleted."""
    ver_leads(pedido, no.pagina, no.id)
    if leads.de_teste(no) is not None:
        raise invalido("Only one test lead can be created for each form")
    ditas = ditas_no_teste(no) | _ditas(pedido.campo("field_data"))
    criado = leads.nascer(no, ditas, teste=True)
    if (carta := CARTEIRO.avisar([criado])) is not None:
        CARTEIRO.postar(carta)
    return {"id": criado.id}


def _ditas(campo: str) -> dict[str, list[str]]:
    try:
        return {str(d["name"]): list(d["values"]) for d in json.loads(campo or "[]")}
    except (ValueError, KeyError, TypeError) as erro:
        raise invalido("Invalid parameter: field_data") from erro


def _escolhidos(pedido: Pedido) -> tuple[campos.Campo, ...]:
    """Ad fields are refused to whom the ads were, and to all if it is so ordered."""
    recusou = pessoa(pedido).permissoes.get("ads_management") == "declined"
    nega = recusou or ESTADO.app.nega_anuncios
    return leads.escolhidos(pedido, nega_anuncios=nega)


def _alcancar(pedido: Pedido, lead: Lead) -> None:
    ver_leads(pedido, lead.formulario.pagina, lead.id)
    if not lead.legivel:
        raise inexistente(lead.id, pedido.metodo)


def valores(formulario: Formulario) -> dict[str, Any]:
    contados = [lead for lead in formulario.leads if not lead.teste]
    velhos = sum(lead.velho for lead in contados)
    return {
        "id": formulario.id,
        "name": formulario.nome,
        "status": formulario.status,
        "locale": "PT_BR",
        "created_time": leads.iso(formulario.criado_em),
        "leads_count": len(contados) - velhos,
        "expired_leads_count": velhos,
        "organic_leads_count": sum(lead.anuncio is None for lead in contados),
        "page": {"name": formulario.pagina.nome, "id": formulario.pagina.id},
        "page_id": formulario.pagina.id,
        "questions": [_pergunta(p) for p in formulario.perguntas],
        "allow_organic_lead": True,
        "is_optimized_for_quality": False,
        "privacy_policy_url": "https://example.com/privacidade",
        "follow_up_action_url": "https://example.com/obrigado",
        "legal_content": _legais(formulario),
        "context_card": None,
        "thank_you_page": None,
        "tracking_parameters": None,
    }


def _pergunta(pergunta: Pergunta) -> dict[str, Any]:
    fatos: dict[str, Any] = {
        "key": pergunta.key,
        "label": pergunta.label,
        "type": pergunta.type,
        "id": pergunta.id,
    }
    if pergunta.opcoes:
        fatos["options"] = [{"key": o.key, "value": o.value} for o in pergunta.opcoes]
    return fatos


def _legais(formulario: Formulario) -> dict[str, Any] | None:
    if not formulario.consentimentos:
        return None
    caixas = [
        {
            "key": c.key,
            "text": c.texto,
            "is_required": c.obrigatorio,
            "is_checked_by_default": False,
        }
        for c in formulario.consentimentos
    ]
    aviso = {"title": "Consentimento", "checkboxes": caixas}
    return {"id": f"9{formulario.id}", "custom_disclaimer": aviso}
