"""Leads: born from answers, kept in order, read by page."""

import bisect
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sandbox.graph import campos
from sandbox.graph.erros import ErroGraph, invalido
from sandbox.graph.estado import ESTADO, Anuncio, Formulario, Lead, agora
from sandbox.graph.folhas import cursor, limite, montar
from sandbox.graph.pedido import Pedido

SEM_DEPOIS = (2**62, 2**62)
PADROES = campos.ler("id,created_time,field_data")
DE_ANUNCIO = {
    *("ad_id", "ad_name", "adset_id", "adset_name", "campaign_id", "campaign_name"),
}
CAMPOS = DE_ANUNCIO | {
    *("id", "created_time", "field_data", "form_id", "is_organic", "platform"),
    *("partner_name", "custom_disclaimer_responses", "home_listing", "vehicle"),
    *("post", "retailer_item_id"),
}
VAZIO = dict.fromkeys(CAMPOS)
OPERADORES: dict[str, Callable[[int, int], bool]] = {
    "GREATER_THAN": lambda quando, limite: quando > limite,
    "GREATER_THAN_OR_EQUAL": lambda quando, limite: quando >= limite,
    "LESS_THAN": lambda quando, limite: quando < limite,
    "LESS_THAN_OR_EQUAL": lambda quando, limite: quando <= limite,
}
FILTRAVEIS = {"time_created": int}
Respostas = Mapping[str, Sequence[str]]


def iso(segundos: int) -> str:
    return f"{datetime.fromtimestamp(segundos, UTC):%Y-%m-%dT%H:%M:%S}+0000"


def nascer(
    formulario: Formulario,
    respostas: Respostas,
    *,
    id_: str = "",
    criado_em: int = 0,
    anuncio: Anuncio | None = None,
    plataforma: str = "fb",
    consentiu: Mapping[str, bool] | None = None,
    teste: bool = False,
    legivel_em: float = 0.0,
) -> Lead:
    """Somebody pressed send. Nobody is told yet."""
    lead = Lead(
        id=id_ or ESTADO.novo_lead(),
        formulario=formulario,
        criado_em=criado_em or agora(),
        corpo={},
        anuncio=anuncio,
        teste=teste,
        legivel_em=legivel_em,
    )
    dados = [{"name": nome, "values": list(v)} for nome, v in respostas.items()]
    lead.corpo = _corpo(lead, plataforma) | {"field_data": dados}
    if formulario.consentimentos:
        lead.corpo["custom_disclaimer_responses"] = _aceites(formulario, consentiu)
    ESTADO.leads[lead.id] = lead
    bisect.insort(formulario.leads, lead, key=lambda outro: outro.ordem)
    return lead


def apagar(lead: Lead) -> None:
    ESTADO.leads.pop(lead.id, None)
    lead.formulario.leads.remove(lead)


def escrever(lead: Lead, escolhidos: tuple[campos.Campo, ...]) -> dict[str, Any]:
    return campos.projetar(lead.corpo, escolhidos, "LeadGenData")


def escolhidos(pedido: Pedido, *, nega_anuncios: bool) -> tuple[campos.Campo, ...]:
    """The fields asked for. Those of ads may be refused, and then the whole call is."""
    dito = pedido.campo("fields")
    achados = campos.ler(dito) if dito else PADROES
    if nega_anuncios and any(campo.nome in DE_ANUNCIO for campo in achados):
        mensagem = "(#200) Requires ads_management permission to manage the object"
        raise ErroGraph(200, mensagem, status=403)
    return achados


def do_formulario(
    formulario: Formulario, pedido: Pedido, quais: tuple[campos.Campo, ...]
) -> dict[str, Any]:
    """Newest first. The cursor is a lead, so new ones shift nothing."""
    aceita = _filtro(pedido.campo("filtering"))
    depois = cursor(pedido)
    fim = _marca(depois) if depois else SEM_DEPOIS
    posicao = bisect.bisect_left(formulario.leads, fim, key=lambda lead: lead.ordem)
    achados: list[Lead] = []
    quantos = limite(pedido)
    while posicao and len(achados) <= quantos:
        posicao -= 1
        lead = formulario.leads[posicao]
        if not lead.teste and lead.legivel and aceita(lead.criado_em):
            achados.append(lead)
    escritos = [escrever(lead, quais) for lead in achados[:quantos]]
    marcas = [f"{lead.criado_em}:{lead.id}" for lead in achados[:quantos]]
    return montar(pedido, escritos, marcas, len(achados) > quantos)


def de_teste(formulario: Formulario) -> Lead | None:
    return next((lead for lead in formulario.leads if lead.teste), None)


def _marca(depois: str) -> tuple[int, int]:
    quando, _, id_ = depois.partition(":")
    if not (quando.isdigit() and id_.isdigit()):
        raise invalido("Invalid cursor")
    return int(quando), int(id_)


def _filtro(dito: str) -> Callable[[int], bool]:
    try:
        regras = [
            (OPERADORES[regra["operator"]], FILTRAVEIS[regra["field"]](regra["value"]))
            for regra in json.loads(dito or "[]")
        ]
    except (ValueError, KeyError, TypeError) as erro:
        raise invalido("Invalid parameter: filtering") from erro
    return lambda quando: all(vale(quando, limite) for vale, limite in regras)


def _corpo(lead: Lead, plataforma: str) -> dict[str, Any]:
    """An organic lead has none of the ad's fields."""
    anuncio = lead.anuncio
    corpo: dict[str, Any] = {
        **VAZIO,
        "id": lead.id,
        "created_time": iso(lead.criado_em),
        "form_id": lead.formulario.id,
        "platform": plataforma,
        "is_organic": anuncio is None,
    }
    if anuncio is not None:
        corpo |= {"ad_id": anuncio.id, "ad_name": anuncio.nome}
        corpo |= {"adset_id": anuncio.conjunto_id, "adset_name": anuncio.conjunto}
        corpo |= {"campaign_id": anuncio.campanha_id, "campaign_name": anuncio.campanha}
    return corpo


def _aceites(
    formulario: Formulario, consentiu: Mapping[str, bool] | None
) -> list[dict[str, str]]:
    ditos = consentiu or {}
    return [
        {"checkbox_key": c.key, "is_checked": "1" if ditos.get(c.key, True) else ""}
        for c in formulario.consentimentos
    ]
