"""Reading and filling in the pages of lead forms as a person does."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.test import Client

from conexoes.tenancy import na
from crm.services import funis
from meta.forms.mapeamento import nome_do_campo
from meta.models import FormularioLeadAds, FormularioMeta

LISTA = "/configuracoes/conexoes/meta/formularios/"
HTMX = {"HTTP_HX_REQUEST": "true"}
Entrar = Callable[[str], Client]


def texto(resposta: Any, status: int = 200) -> str:
    assert resposta.status_code == status
    return resposta.content.decode()


def de_mapear(formulario: FormularioMeta) -> str:
    return f"{LISTA}mapear/{formulario.pk}/"


def de_editar(mapeamento: FormularioLeadAds) -> str:
    return f"{LISTA}mapeamentos/{mapeamento.pk}/"


def escrito(organizacao: Any, **campos: Any) -> dict[str, Any]:
    """The form as a browser sends it: default pipeline, its first stage."""
    with na(organizacao):
        funil = funis.funil_padrao(organizacao)
        etapa = funis.etapas_do(funil).first()
    assert etapa
    destino = {"funil": str(funil.pk), "etapa_destino": str(etapa.pk), "owner": ""}
    return destino | {"tags": "", "criar_oportunidade": "on"} | campos


def visto(pagina: str) -> str:
    """What an open page sends along of the version that it shows."""
    return re.findall(r'name="visto" value="([^"]*)"', pagina)[0]


def por_cima(pagina: str) -> str:
    """What its button to save over another one's work sends along."""
    return re.findall(r'name="por_cima" value="([^"]+)"', pagina)[0]


def alvos(**por_chave: str) -> dict[str, str]:
    return {nome_do_campo(chave): alvo for chave, alvo in por_chave.items()}


def guardado(organizacao: Any) -> FormularioLeadAds:
    with na(organizacao):
        return FormularioLeadAds.objects.get()
