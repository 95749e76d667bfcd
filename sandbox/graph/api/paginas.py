"""A page: its fields, its token, its subscription, its forms."""

from collections.abc import Mapping
from typing import Any

from sandbox.graph import campos
from sandbox.graph.campos import Campo
from sandbox.graph.direitos import (
    alcanca,
    exigir,
    pessoa,
    quem,
    tem_acesso,
    token_da_pagina,
    ver_pagina,
)
from sandbox.graph.erros import ErroGraph, invalido
from sandbox.graph.estado import ESTADO, TAREFAS_DE_LEADS, Pagina
from sandbox.graph.pedido import Pedido
from sandbox.graph.tokens import CHAVEIRO

CAMPOS_DA_PAGINA = {
    *(
        "leadgen",
        "leadgen_update",
        "leadgen_fat",
        "feed",
        "mention",
        "name",
        "messages",
    ),
    *("messaging_postbacks", "messaging_optins", "message_deliveries", "message_reads"),
    *("message_echoes", "message_reactions", "messaging_referrals", "standby"),
    *("messaging_handovers", "ratings", "videos", "live_videos", "picture"),
}
# reason -> what Meta says, and what it advises; in English and as `locale=pt_BR`
TRANCADA = (
    (
        "The app does not have leads access permission for this Page in Leads Access "
        "Manager. CRM access has been revoked from Lead Access Manager.",
        "Go to Business settings > Integrations > Leads access, choose the Page and "
        "assign the app under CRMs.",
    ),
    (
        "O aplicativo não tem acesso aos leads desta Página no Gerenciador de acesso "
        "a leads.",
        "Acesse Configurações do negócio > Integrações > Acesso a leads, escolha a "
        "Página e adicione o aplicativo em CRMs.",
    ),
)
SEM_TAREFA = (
    (
        "The user does not have leads access permission for this Page.",
        "Ask an admin of the Page to give you the Ads task.",
    ),
    (
        "Você não tem acesso aos leads desta Página.",
        "Peça a quem administra a Página a tarefa de anúncios.",
    ),
)


async def ver(pedido: Pedido, no: Pagina) -> dict[str, Any]:
    """With no more than a role on it, its name and its token."""
    quais = campos.ler(pedido.campo("fields") or "id,name")
    if not alcanca(pessoa(pedido), no):
        ver_pagina(pedido, no)
    return campos.projetar(valores(pedido, no), quais, "Page")


def valores(pedido: Pedido, pagina: Pagina) -> Mapping[str, Any]:
    dona = pessoa(pedido)

    def token(_campo: Campo) -> str | None:
        origem = quem(pedido)
        if origem.tipo == "PAGE":
            return origem.valor if origem.pagina is pagina else None
        if not dona.deu("pages_show_list"):
            return None
        return CHAVEIRO.da_pagina(origem, pagina).valor

    return {
        "id": pagina.id,
        "name": pagina.nome,
        "category": pagina.categoria,
        "category_list": [{"id": "2256", "name": pagina.categoria}],
        "tasks": list(pagina.papeis.get(dona.id, ())),
        "access_token": token,
        "link": f"https://www.facebook.com/{pagina.id}",
        "username": None,
        "picture": None,
        "instagram_business_account": None,
        "leadgen_tos_accepted": True,
        "has_lead_access": lambda campo: _acesso(pedido, pagina, campo),
    }


async def inscritos(pedido: Pedido, no: Pagina) -> dict[str, Any]:
    token_da_pagina(pedido, no)
    if not no.inscritos:
        return {"data": []}
    app = {
        "link": "https://www.facebook.com/games/?app_id=" + ESTADO.app.id,
        "name": ESTADO.app.nome,
        "id": ESTADO.app.id,
        "subscribed_fields": list(no.inscritos),
    }
    return {"data": [app]}


async def inscrever(pedido: Pedido, no: Pagina) -> dict[str, Any]:
    """The list sent replaces the one there was."""
    token_da_pagina(pedido, no)
    exigir(pedido, "pages_manage_metadata")
    pedido.exigir("subscribed_fields")
    ditos = _lista(pedido.campo("subscribed_fields"))
    for ordem, dito in enumerate(ditos):
        if dito not in CAMPOS_DA_PAGINA:
            validos = ", ".join(sorted(CAMPOS_DA_PAGINA))
            raise invalido(
                f"Param subscribed_fields[{ordem}] must be one of {{{validos}}}"
            )
    if "leadgen" in ditos and not pessoa(pedido).deu("leads_retrieval"):
        mensagem = (
            "(#200) To subscribe to the leadgen field, one of these permissions is "
            "needed: leads_retrieval"
        )
        raise ErroGraph(200, mensagem, status=403)
    no.inscritos = ditos
    return {"success": True}


async def desinscrever(pedido: Pedido, no: Pagina) -> dict[str, Any]:
    if quem(pedido).tipo != "APP":
        token_da_pagina(pedido, no)
        exigir(pedido, "pages_manage_metadata")
    no.inscritos = []
    return {"success": True}


def _lista(dito: str) -> list[str]:
    """`a,b` or `["a","b"]`."""
    limpo = dito.strip("[]").replace('"', "")
    return [parte.strip() for parte in limpo.split(",") if parte.strip()]


def _acesso(pedido: Pedido, pagina: Pagina, campo: Campo) -> dict[str, Any]:
    dona = ESTADO.pessoas.get(campo.argumento("user_id")) or pessoa(pedido)
    pode = tem_acesso(dona, pagina)
    tarefas = set(pagina.papeis.get(dona.id, ()))
    fatos: dict[str, Any] = {
        "app_has_leads_permission": not pagina.trancada,
        "can_access_lead": pode,
        "enabled_lead_access_manager": pagina.trancada,
        "is_page_admin": "MANAGE" in tarefas,
        "page_id": pagina.id,
        "user_has_leads_permission": bool(tarefas & TAREFAS_DE_LEADS),
        "user_id": dona.id,
    }
    if not pode:
        em_portugues = pedido.campo("locale") == "pt_BR"
        motivos = TRANCADA if pagina.trancada else SEM_TAREFA
        fatos["failure_reason"], fatos["failure_resolution"] = motivos[em_portugues]
    return fatos
