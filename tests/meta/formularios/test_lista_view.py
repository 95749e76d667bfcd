"""The list of a page's lead forms, and what is done from it."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conexoes.models import EventoPendente
from conexoes.tenancy import na, sistema
from crm.models import Usuario
from meta.models import FormularioLeadAds, FormularioMeta, PaginaMeta
from tests.meta.formularios.dominio import (
    PERGUNTAS,
    mapear,
    nova_pagina,
    novo_formulario,
    novo_lead,
)
from tests.meta.formularios.telas import (
    HTMX,
    LISTA,
    Entrar,
    de_editar,
    de_mapear,
    escrito,
    guardado,
    texto,
    visto,
)


def test_the_list_tells_each_form_and_where_it_goes(
    gente: SimpleNamespace, entrar: Entrar, mapeado: FormularioLeadAds
) -> None:
    novo_formulario(mapeado.pagina, "7002", nome="Ebook")
    novo_lead(mapeado.pagina, "7002")
    with na(gente.aurora):
        FormularioLeadAds.objects.update(
            total_leads_recebidos=1, ultimo_lead_recebido=timezone.now()
        )

    pagina = texto(entrar("ana").get(LISTA))

    assert "Captação" in pagina
    assert "1 lead recebido" in pagina
    assert "Último: hoje" in pagina
    assert "1 lead esperando" in pagina
    assert "Distribuição automática" in pagina
    assert "1 lead espera por um mapeamento." in pagina


def test_the_list_costs_the_same_for_many_forms(
    gente: SimpleNamespace, entrar: Entrar, mapeado: FormularioLeadAds
) -> None:
    navegador = entrar("ana")
    navegador.get(LISTA)
    with CaptureQueriesContext(connection) as de_um:
        navegador.get(LISTA)
    for n in range(12):
        novo_formulario(mapeado.pagina, str(n))
        mapear(mapeado.pagina, str(n), autor=gente.ana)

    with CaptureQueriesContext(connection) as de_treze:
        navegador.get(LISTA)

    assert len(de_treze) == len(de_um)


def test_without_a_page_it_says_what_to_do(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    assert "Nenhuma página escolhida" in texto(entrar("ana").get(LISTA))


def test_only_selected_pages_are_offered(
    gente: SimpleNamespace, entrar: Entrar, pagina: PaginaMeta
) -> None:
    fora = nova_pagina(gente.aurora, "104", page_name="Fora", ativo=False)
    novo_formulario(fora, "9", nome="Formulário de fora")

    resposta = texto(entrar("ana").get(LISTA, {"pagina": str(fora.pk)}))

    assert "Renove Consultoria" in resposta
    assert "de fora" not in resposta


@pytest.mark.parametrize(("apelido", "status"), [("bruno", 403), ("carla", 404)])
def test_who_may_not_gets_nothing(
    gente: SimpleNamespace,
    entrar: Entrar,
    mapeado: FormularioLeadAds,
    apelido: str,
    status: int,
) -> None:
    navegador = entrar(apelido)

    assert navegador.get(de_editar(mapeado)).status_code == status
    assert navegador.post(f"{de_editar(mapeado)}remover/").status_code == status
    assert guardado(gente.aurora).deletado_em is None


def test_a_member_who_was_let_may(
    gente: SimpleNamespace, entrar: Entrar, mapeado: FormularioLeadAds
) -> None:
    with sistema("comando"):
        Usuario.objects.filter(pk=gente.bruno.pk).update(
            permissoes_conexoes={"meta_lead_ads": True}
        )

    assert entrar("bruno").get(de_editar(mapeado)).status_code == 200


def test_a_question_that_came_later_is_pointed_out(
    gente: SimpleNamespace, entrar: Entrar, mapeado: FormularioLeadAds
) -> None:
    nova = {"key": "nova_ção", "label": "Qual sua renda?", "type": "CUSTOM"}
    with na(gente.aurora):
        FormularioMeta.objects.update(perguntas=[*PERGUNTAS, nova])
    navegador = entrar("ana")

    assert "ganhou 1 pergunta que ninguém mapeou" in texto(navegador.get(LISTA))
    assert "pergunta-nova" in texto(navegador.get(de_editar(mapeado)))
    assert texto(navegador.get(de_editar(mapeado))).count("data-foco") == 1
    aberta = visto(texto(navegador.get(de_editar(mapeado))))
    navegador.post(de_editar(mapeado), escrito(gente.aurora, visto=aberta))
    assert "ninguém mapeou" not in texto(navegador.get(LISTA))


def test_off_on_and_away(
    gente: SimpleNamespace, entrar: Entrar, mapeado: FormularioLeadAds
) -> None:
    navegador = entrar("ana")

    pagina = texto(navegador.post(f"{de_editar(mapeado)}desativar/", **HTMX))
    assert "Desativado" in pagina
    assert guardado(gente.aurora).ativo is False
    assert navegador.post(f"{de_editar(mapeado)}ativar/").status_code == 302
    assert guardado(gente.aurora).ativo is True
    navegador.post(f"{de_editar(mapeado)}remover/", **HTMX)
    assert guardado(gente.aurora).deletado_em is not None
    assert navegador.get(de_editar(mapeado)).status_code == 404


def test_labels_with_markup_are_only_text(
    gente: SimpleNamespace, entrar: Entrar, pagina: PaginaMeta
) -> None:
    mal = "<script>alert(1)</script>"
    formulario = novo_formulario(
        *(pagina, "7009"),
        nome=mal,
        perguntas=[{"key": mal, "label": mal, "type": "CUSTOM"}],
    )
    navegador = entrar("ana")

    for url in (LISTA, de_mapear(formulario)):
        pagina_inteira = texto(navegador.get(url))
        assert mal not in pagina_inteira
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pagina_inteira


def test_the_list_is_read_from_meta_once_however_often_it_is_asked(
    gente: SimpleNamespace, entrar: Entrar, pagina: PaginaMeta
) -> None:
    navegador = entrar("ana")
    url = f"{LISTA}paginas/{pagina.pk}/atualizar/"

    pedaco = texto(navegador.post(url, **HTMX))
    navegador.post(url)

    assert "Lendo a lista da Meta…" in pedaco
    with na(gente.aurora):
        pedido = EventoPendente.objects.get(destino="meta.formularios")
    assert pedido.payload == {"pagina_id": str(pagina.pk)}
    assert pedido.conexao_id == pagina.conexao_id


def test_a_read_that_waits_for_its_account_leads_there(
    gente: SimpleNamespace, entrar: Entrar, pagina: PaginaMeta
) -> None:
    navegador = entrar("ana")
    navegador.post(f"{LISTA}paginas/{pagina.pk}/atualizar/")
    with na(gente.aurora):
        EventoPendente.objects.filter(destino="meta.formularios").update(
            motivo="pausada", ultimo_erro="A senha do Facebook foi trocada."
        )

    visto = texto(navegador.get(LISTA))

    assert "Lendo a lista da Meta…" not in visto
    assert "A senha do Facebook foi trocada." in visto
    assert "Ver a página no Meta Ads" in visto


def test_leads_of_a_form_that_was_not_read_yet_are_seen(
    gente: SimpleNamespace, entrar: Entrar, pagina: PaginaMeta
) -> None:
    novo_lead(pagina, "7777")

    resposta = texto(entrar("ana").get(LISTA))

    assert "7777" in resposta
    assert "1 lead esperando" in resposta
    assert "Ainda não lido da Meta: atualize a lista" in resposta


def test_whoever_misses_a_lead_has_the_forms_read_back_at_once(
    gente: SimpleNamespace, entrar: Entrar, mapeado: FormularioLeadAds
) -> None:
    lido_agora = novo_formulario(mapeado.pagina, "7003")
    depois = timezone.now() + timedelta(hours=3)
    with na(gente.aurora):
        FormularioMeta.objects.update(proxima_conferencia_em=depois)
        FormularioMeta.objects.filter(pk=lido_agora.pk).update(
            conferido_em=timezone.now()
        )

    pagina = texto(entrar("ana").post(a_conferir(mapeado.pagina), **HTMX))

    assert 'id="formularios"' in pagina
    with na(gente.aurora):
        proximas = dict(
            FormularioMeta.objects.values_list("form_id", "proxima_conferencia_em")
        )
    assert proximas == {"7001": None, "7003": depois}


@pytest.mark.parametrize(
    ("como", "dito"),
    [
        ({"page_access_token": ""}, "conecte o Facebook de novo"),
        ({"sumiu_em": timezone.now()}, "não lista mais esta página"),
    ],
)
def test_a_page_that_cannot_be_read_is_not_promised_to_be(
    gente: SimpleNamespace,
    entrar: Entrar,
    mapeado: FormularioLeadAds,
    como: dict[str, Any],
    dito: str,
) -> None:
    depois = timezone.now() + timedelta(hours=3)
    with na(gente.aurora):
        FormularioMeta.objects.update(proxima_conferencia_em=depois)
        PaginaMeta.objects.update(**como)
    navegador = entrar("ana")

    resposta = navegador.post(a_conferir(mapeado.pagina), follow=True)

    assert dito in texto(resposta)
    with na(gente.aurora):
        assert FormularioMeta.objects.get().proxima_conferencia_em == depois


def test_leads_of_a_page_without_a_mapping_can_be_missed_too(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    pagina = nova_pagina(gente.aurora)
    novo_formulario(pagina, "7001")

    lista = texto(entrar("ana").get(LISTA))

    assert lista.count("Conferir leads agora") == 1
    assert a_conferir(pagina) in lista


def a_conferir(pagina: PaginaMeta) -> str:
    return f"{LISTA}paginas/{pagina.pk}/conferir/"
