"""A page's forms read from Meta, and a lead to look at."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from conexoes.models import EventoPendente, Notificacao, Status
from conexoes.tenancy import na, sistema
from meta.models import (
    ConexaoMeta,
    FormularioLeadAds,
    FormularioMeta,
    LeadCapturado,
    PaginaMeta,
)
from meta.services.formularios import amostras, sincronizacao
from tests.meta.conftest import ler
from tests.meta.formularios.dominio import (
    RESPOSTAS,
    mapear,
    nova_pagina,
    novo_formulario,
    novo_lead,
)
from tests.servidor import Servidor
from tests.trabalho import drenar_saida

pytestmark = pytest.mark.usefixtures("credencial")
UM: dict[str, Any] = {
    "id": "7001",
    "name": "Captação nova",
    "status": "ACTIVE",
    "locale": "PT_BR",
    "leads_count": 42,
    "questions": [
        {"key": "email", "label": "E-mail", "type": "EMAIL", "id": "1"},
        {
            "key": "qual_o_valor_do_imóvel?",
            "label": "Qual o valor do imóvel?",
            "type": "CUSTOM",
            "options": [{"key": "até_200_mil", "value": "Até 200 mil"}],
        },
    ],
}


def responder(graph: Servidor, *formularios: dict[str, Any]) -> None:
    graph.respostas.append((200, {"data": list(formularios), "paging": {}}))


def ler_lista(pagina: PaginaMeta) -> EventoPendente:
    with na(pagina.organizacao_id):
        pedido = sincronizacao.pedir_lista(pagina)
    drenar_saida()
    with na(pagina.organizacao_id):
        pedido.refresh_from_db()
    return pedido


def todos(organizacao: Any) -> dict[str, FormularioMeta]:
    with na(organizacao):
        return {um.form_id: um for um in FormularioMeta.objects.all()}


def test_the_forms_are_written_as_meta_has_them(
    gente: SimpleNamespace, pagina: PaginaMeta, graph: Servidor
) -> None:
    responder(graph, UM)

    pedido = ler_lista(pagina)

    assert pedido.status == Status.CONCLUIDO
    um = todos(gente.aurora)["7001"]
    assert (um.nome, um.status, um.locale) == ("Captação nova", "ACTIVE", "PT_BR")
    assert (um.leads_na_meta, um.pagina_id) == (42, pagina.pk)
    assert um.perguntas == [
        {"key": "email", "label": "E-mail", "type": "EMAIL", "options": []},
        {
            "key": "qual_o_valor_do_imóvel?",
            "label": "Qual o valor do imóvel?",
            "type": "CUSTOM",
            "options": [{"key": "até_200_mil", "value": "Até 200 mil"}],
        },
    ]
    metodo, caminho, _corpo = graph.pedidos[0]
    assert (metodo, caminho.split("?")[0]) == ("GET", "/v25.0/103/leadgen_forms")
    assert graph.cabecalhos[0]["Authorization"] == "Bearer token-da-pagina"


def test_read_again_a_form_keeps_its_row_and_a_lost_one_is_gone(
    gente: SimpleNamespace, pagina: PaginaMeta, graph: Servidor
) -> None:
    antigo = novo_formulario(pagina, "7001")
    novo_formulario(pagina, "7002")
    responder(graph, UM)

    ler_lista(pagina)

    agora = todos(gente.aurora)
    assert (agora["7001"].pk, agora["7001"].nome) == (antigo.pk, "Captação nova")
    assert agora["7001"].criado_em == antigo.criado_em
    assert agora["7002"].status == "DELETED"


def test_a_question_that_a_mapped_form_gained_is_told_once(
    gente: SimpleNamespace, mapeado: FormularioLeadAds, graph: Servidor
) -> None:
    nova = {"key": "renda", "label": "Qual sua renda?", "type": "CUSTOM"}
    for _ in range(2):
        responder(graph, UM | {"questions": [*UM["questions"], nova]})
        ler_lista(mapeado.pagina)

    with na(gente.aurora):
        aviso = Notificacao.objects.get()
        renomeado = FormularioLeadAds.objects.get()
    assert aviso.usuario_id == gente.ana.pk
    assert aviso.titulo == "Um formulário ganhou uma pergunta sem destino"
    assert aviso.texto == "Captação nova: Qual sua renda?"
    assert aviso.url.endswith(f"/mapeamentos/{mapeado.pk}/")
    assert renomeado.form_name == "Captação nova"


def test_another_new_question_is_told_too(
    gente: SimpleNamespace, mapeado: FormularioLeadAds, graph: Servidor
) -> None:
    perguntas = list(UM["questions"])
    for chave in ("renda", "prazo"):
        perguntas.append({"key": chave, "label": chave, "type": "CUSTOM"})
        responder(graph, UM | {"questions": list(perguntas)})
        ler_lista(mapeado.pagina)

    with na(gente.aurora):
        titulos = [um.titulo for um in Notificacao.objects.order_by("pk")]
    assert titulos == [
        "Um formulário ganhou uma pergunta sem destino",
        "Um formulário ganhou perguntas sem destino",
    ]


def test_an_error_keeps_the_list_and_is_told_to_the_page(
    gente: SimpleNamespace, pagina: PaginaMeta, graph: Servidor
) -> None:
    novo_formulario(pagina, "7001")
    graph.respostas.append((400, ler("erro__limite")))

    pedido = ler_lista(pagina)

    assert pedido.status == Status.PENDENTE
    assert pedido.ultimo_erro
    assert todos(gente.aurora)["7001"].status == "ACTIVE"


def test_the_same_form_in_two_organisations_is_two_rows(
    gente: SimpleNamespace, pagina: PaginaMeta, graph: Servidor
) -> None:
    outra = nova_pagina(gente.brisa)
    for uma in (pagina, outra):
        responder(graph, UM)
        ler_lista(uma)

    assert todos(gente.aurora)["7001"].pk != todos(gente.brisa)["7001"].pk


def test_a_page_that_is_gone_is_nothing_to_read(
    gente: SimpleNamespace, pagina: PaginaMeta, graph: Servidor
) -> None:
    with na(gente.aurora):
        pedido = sincronizacao.pedir_lista(pagina)
        pagina.delete()

    drenar_saida()

    with na(gente.aurora):
        pedido.refresh_from_db()
    assert (pedido.status, graph.pedidos) == (Status.CONCLUIDO, [])


def test_a_sample_is_looked_at_and_not_captured(
    gente: SimpleNamespace, formulario: FormularioMeta, graph: Servidor
) -> None:
    lead = {
        "id": "9001",
        "created_time": "2026-01-01T00:00:01+0000",
        "form_id": "7001",
        "field_data": RESPOSTAS,
    }
    graph.respostas.append((200, {"data": [lead], "paging": {}}))
    with na(gente.aurora):
        amostras.pedir_amostra(formulario)

    drenar_saida()

    with na(gente.aurora):
        achadas = amostras.ultimas(gente.aurora, formulario.pagina, "7001")
        assert not LeadCapturado.objects.exists()
    assert [(uma.respostas, uma.da_meta) for uma in achadas] == [(RESPOSTAS, True)]
    guardada = cache.get(f"meta:amostra:{gente.aurora.pk}:7001")
    assert "98765" not in guardada
    with na(gente.brisa):
        assert amostras.ultimas(gente.brisa, formulario.pagina, "7001") == []


def test_a_captured_lead_is_a_better_sample_and_a_test_one_is_none(
    gente: SimpleNamespace, formulario: FormularioMeta
) -> None:
    novo_lead(formulario.pagina, teste=True)
    velho = novo_lead(formulario.pagina)
    novo = novo_lead(formulario.pagina, respostas=RESPOSTAS[:1])
    novo_lead(formulario.pagina, "7002")

    with na(gente.aurora):
        achadas = amostras.ultimas(gente.aurora, formulario.pagina, "7001")

    assert [uma.respostas for uma in achadas] == [novo.respostas, velho.respostas]


def test_mapping_again_after_a_new_question_forgets_the_warning(
    gente: SimpleNamespace, pagina: PaginaMeta, graph: Servidor
) -> None:
    responder(graph, UM)
    ler_lista(pagina)
    mapear(pagina, autor=gente.ana, mapeamento_campos={})
    responder(graph, UM)

    ler_lista(pagina)

    with na(gente.aurora):
        assert not Notificacao.objects.exists()


def test_the_clock_has_selected_pages_of_living_accounts_read(
    gente: SimpleNamespace, pagina: PaginaMeta
) -> None:
    nova_pagina(gente.aurora, "104", ativo=False)
    nova_pagina(gente.aurora, "105", sumiu_em=timezone.now())
    morta = nova_pagina(gente.brisa)
    with na(gente.brisa):
        morta.conexao.status = ConexaoMeta.Status.REVOKED
        morta.conexao.save()

    for _ in range(2):
        sincronizacao.pedir_todas()

    with sistema("comando"):
        pedidos = EventoPendente.objects.filter(destino="meta.formularios")
        assert [um.payload for um in pedidos] == [{"pagina_id": str(pagina.pk)}]
