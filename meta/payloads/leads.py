"""Leads: the word that one exists, and the lead itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from conexoes.erros import WebhookInvalido
from conexoes.leitura import ler_json, texto
from meta.payloads.valores import (
    NOME_MAXIMO,
    anuncio_de,
    cru,
    id_de,
    momento,
    objetos,
    textos,
)

# What the "Test" button of Meta's dashboard sends: no lead is behind it.
_DO_PAINEL: Final = "444444444444"


@dataclass(frozen=True)
class AvisoDeLead:
    """A delivery's word that a lead exists; ``ad_id`` is "" for an organic one."""

    leadgen_id: str
    page_id: str
    form_id: str
    ad_id: str
    criado_em: datetime | None

    @property
    def do_painel(self) -> bool:
        """Whether somebody pressed "Test" in Meta's dashboard: there is no lead."""
        return self.leadgen_id == _DO_PAINEL or self.page_id in ("", "0")


@dataclass(frozen=True)
class Resposta:
    """One answer: none, one or several values; ``nome`` is the question's key."""

    nome: str
    valores: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class Lead:
    """A lead; ``crus`` is ``field_data`` and ``consentimentos`` the consent boxes
    (``custom_disclaimer_responses``), both verbatim.
    """

    id: str
    criado_em: datetime | None
    form_id: str
    respostas: tuple[Resposta, ...]
    crus: list[Any] = field(repr=False)
    consentimentos: list[Any] = field(repr=False)
    ad_id: str
    ad_name: str
    adset_id: str
    adset_name: str
    campaign_id: str
    campaign_name: str
    platform: str
    is_organic: bool | None
    partner_name: str


def ler_avisos(corpo: bytes) -> list[AvisoDeLead]:
    """The leads a delivery tells of, in its order; what else it holds is passed over.

    Raises ``WebhookInvalido`` (400) when it is no delivery of pages at all. A broken
    change loses none of its neighbours.
    """
    lido = ler_json(corpo)
    if not isinstance(lido, dict) or not isinstance(lido.get("entry"), list):
        raise WebhookInvalido(detalhe="no entry", status=400)
    if lido.get("object") != "page":
        return []
    achados = (
        aviso_de(mudanca["value"], entrada)
        for entrada in objetos(lido["entry"])
        for mudanca in objetos(entrada.get("changes"))
        if mudanca.get("field") == "leadgen" and isinstance(mudanca.get("value"), dict)
    )
    return [aviso for aviso in achados if aviso is not None]


def aviso_de(valor: dict[str, Any], entrada: dict[str, Any]) -> AvisoDeLead | None:
    leadgen_id = id_de(valor.get("leadgen_id"))
    if not leadgen_id:
        return None
    # ``adgroup_id`` repeats the ad: an ad set has no word here.
    return AvisoDeLead(
        leadgen_id,
        id_de(valor.get("page_id")) or id_de(entrada.get("id")),
        id_de(valor.get("form_id")),
        anuncio_de(valor.get("ad_id")),
        momento(valor.get("created_time")) or momento(entrada.get("time")),
    )


def ler_lead(bruto: Any) -> Lead | None:
    """One lead; None without an id."""
    bruto = bruto if isinstance(bruto, dict) else {}
    id_ = id_de(bruto.get("id"))
    if not id_:
        return None
    crus, consentimentos = (
        cru(valor) if isinstance(valor, list) else []
        for valor in (
            bruto.get("field_data"),
            bruto.get("custom_disclaimer_responses"),
        )
    )
    organico = bruto.get("is_organic")
    return Lead(
        id=id_,
        criado_em=momento(bruto.get("created_time")),
        form_id=id_de(bruto.get("form_id")),
        respostas=tuple(
            Resposta(item["name"], textos(item.get("values")))
            for item in objetos(crus)
            if isinstance(item.get("name"), str)
        ),
        crus=crus,
        consentimentos=consentimentos,
        ad_id=anuncio_de(bruto.get("ad_id")),
        ad_name=texto(bruto.get("ad_name"), maximo=NOME_MAXIMO),
        adset_id=anuncio_de(bruto.get("adset_id")),
        adset_name=texto(bruto.get("adset_name"), maximo=NOME_MAXIMO),
        campaign_id=anuncio_de(bruto.get("campaign_id")),
        campaign_name=texto(bruto.get("campaign_name"), maximo=NOME_MAXIMO),
        platform=texto(bruto.get("platform"), maximo=20),
        is_organic=organico if isinstance(organico, bool) else None,
        partner_name=texto(bruto.get("partner_name"), maximo=NOME_MAXIMO),
    )
