from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from conexoes.erros import WebhookInvalido
from meta import payloads
from meta.payloads import AvisoDeLead, Negocio, Opcao, Pergunta, Pessoa, Resposta
from tests.meta.conftest import APP_ID, ler

PAGINA = "103000000000001"


@pytest.mark.parametrize(
    ("valor", "lido"),
    [
        ("103000000000001", "103000000000001"),
        (9007199254740993, "9007199254740993"),
        (0, "0"),
        ("", ""),
        (None, ""),
        (True, ""),
        (-1, ""),
        (1.03e14, ""),
        ("1/../2", ""),
        ("1?x=1", ""),
        ("9" * 51, ""),
        (10**50, ""),
        ({}, ""),
    ],
)
def test_ids_are_texts(valor: Any, lido: str) -> None:
    assert payloads.id_de(valor) == lido


@pytest.mark.parametrize(
    ("valor", "lido"),
    [
        (1767225590, datetime(2025, 12, 31, 23, 59, 50, tzinfo=UTC)),
        ("1767225590", datetime(2025, 12, 31, 23, 59, 50, tzinfo=UTC)),
        ("2026-01-01T00:00:01+0000", datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC)),
        ("2026-01-01T00:00:01", datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC)),
        (0, None),
        (-1, None),
        (True, None),
        (10**30, None),
        ("ontem", None),
        (None, None),
        ([], None),
    ],
)
def test_times(valor: Any, lido: datetime | None) -> None:
    assert payloads.momento(valor) == lido


@pytest.mark.parametrize(
    ("nome", "segundos"),
    [("token__longo", 5183944), ("token__curto", 5183), ("token__sem_fim", None)],
)
def test_token(nome: str, segundos: int | None) -> None:
    lido = payloads.ler_token(ler(nome))

    assert lido is not None
    assert lido.expira_em_s == segundos
    assert lido.valor not in repr(lido)


@pytest.mark.parametrize(
    ("vida", "segundos"),
    [(0, None), (-5, None), ("3600", 3600), (10**12, None), (True, None), (1.5, None)],
)
def test_odd_life_of_a_token_is_none(vida: Any, segundos: int | None) -> None:
    lido = payloads.ler_token({"access_token": "t", "expires_in": vida})

    assert lido is not None
    assert lido.expira_em_s == segundos


@pytest.mark.parametrize("bruto", [None, [], {}, {"access_token": ""}])
def test_no_token(bruto: Any) -> None:
    assert payloads.ler_token(bruto) is None


def test_inspection_of_a_token() -> None:
    lida = payloads.ler_inspecao(ler("inspecao__valida"))

    assert lida is not None
    assert (lida.valido, lida.app_id, lida.user_id) == (True, APP_ID, "122000000000001")
    assert lida.expira_em == datetime(2026, 3, 1, tzinfo=UTC)
    assert lida.dados_ate == datetime(2026, 3, 31, tzinfo=UTC)
    assert lida.permite("leads_retrieval", PAGINA)
    assert not lida.permite("leads_retrieval", "103000000000002")
    assert lida.permite("business_management", "103000000000002")
    assert not lida.permite("pages_messaging", PAGINA)


def test_inspection_without_an_end() -> None:
    lida = payloads.ler_inspecao(ler("inspecao__sem_fim"))

    assert lida is not None
    assert (lida.expira_em, lida.dados_ate) == (None, None)


def test_inspection_of_a_dead_token() -> None:
    lida = payloads.ler_inspecao(ler("inspecao__vencida"))

    assert lida is not None
    assert (lida.valido, lida.codigo, lida.subcodigo) == (False, 190, 463)


@pytest.mark.parametrize("bruto", [None, {}, {"data": []}, {"data": {"is_valid": 1}}])
def test_no_inspection(bruto: Any) -> None:
    assert payloads.ler_inspecao(bruto) is None


@pytest.mark.parametrize(
    ("nome", "email"),
    [("eu__completo", "ana@exemplo.com.br"), ("eu__sem_email", "")],
)
def test_person(nome: str, email: str) -> None:
    pessoa = Pessoa("122000000000001", "Ana Souza", email)

    assert payloads.ler_pessoa(ler(nome)) == pessoa
    assert payloads.ler_pessoa({"name": "Ana"}) is None


def test_permissions() -> None:
    lidas = payloads.ler_permissoes([*ler("permissoes__sem_leads")["data"], 3, {}])

    assert len(lidas) == 9
    assert lidas["leads_retrieval"] == "declined"
    assert lidas["pages_manage_ads"] == "expired"
    assert lidas["ads_read"] == "granted"


def test_pages() -> None:
    primeira = payloads.ler_pagina(ler("paginas__primeira")["data"][0])
    ultima = payloads.ler_pagina(ler("paginas__ultima")["data"][0])
    sem_token = payloads.ler_pagina(ler("paginas__do_negocio")["data"][1])

    assert primeira is not None
    assert ultima is not None
    assert sem_token is not None
    assert (primeira.id, primeira.nome) == (PAGINA, "Aurora Imóveis")
    assert "MANAGE" in primeira.tarefas
    assert primeira.token == "EAABpagina1"
    assert "EAAB" not in repr(primeira)
    assert (ultima.id, ultima.tarefas) == ("103000000000002", ("ANALYZE",))
    assert (sem_token.token, sem_token.tarefas) == ("", ())
    assert payloads.ler_pagina({"name": "sem id"}) is None


def test_portfolio() -> None:
    lido = payloads.ler_negocio(ler("negocios__um")["data"][0])

    assert lido == Negocio("555000000000001", "Grupo Aurora")


@pytest.mark.parametrize(
    ("nome", "campos"),
    [
        ("inscricao__leadgen", ("messages", "leadgen")),
        ("inscricao__so_mensagens", ("messages",)),
        ("inscricao__nenhuma", ()),
    ],
)
def test_subscription_is_our_apps(nome: str, campos: tuple[str, ...]) -> None:
    assert payloads.ler_inscricao(ler(nome)["data"], APP_ID) == campos


def test_health_in_metas_own_words() -> None:
    boa = payloads.ler_saude(ler("saude__boa"))
    ruim = payloads.ler_saude(ler("saude__gerenciador"))

    assert boa is not None
    assert ruim is not None
    assert (boa.pode_ler, boa.motivo, boa.solucao) == (True, "", "")
    assert ruim.pode_ler is False
    assert ruim.motivo == (
        "O acesso do CRM foi revogado no Gerenciador de Acesso a Leads."
    )
    assert ruim.solucao.startswith("Peça a um administrador da página")
    assert ruim.crua["enabled_lead_access_manager"] is True
    assert payloads.ler_saude({"id": PAGINA}) is None


def test_form_keeps_the_keys_of_its_questions() -> None:
    primeiro, segundo = map(payloads.ler_formulario, ler("formularios__dois")["data"])

    assert primeiro is not None
    assert segundo is not None
    assert (primeiro.id, primeiro.status, primeiro.leads) == (
        "7001001001",
        "ACTIVE",
        42,
    )
    assert primeiro.perguntas[0] == Pergunta("full_name", "Nome completo", "FULL_NAME")
    assert primeiro.perguntas[3] == Pergunta(
        "qual_o_valor_do_imóvel?",
        "Qual o valor do imóvel?",
        "CUSTOM",
        (Opcao("até_200_mil", "Até 200 mil"), Opcao("acima", "Acima")),
    )
    assert (segundo.id, segundo.status, segundo.leads) == (
        "7001001002",
        "ARCHIVED",
        None,
    )


def test_key_in_another_unicode_form_is_not_normalised() -> None:
    decomposta = "imo\u0301vel"
    lido = payloads.ler_formulario({"id": "1", "questions": [{"key": decomposta}]})
    lead = payloads.ler_lead(
        {"id": "2", "field_data": [{"name": decomposta, "values": ["x"]}]}
    )

    assert lido is not None
    assert lead is not None
    assert lido.perguntas == (Pergunta(decomposta, decomposta, "CUSTOM"),)
    assert lead.respostas == (Resposta(decomposta, ("x",)),)


def test_lead() -> None:
    bruto = ler("lead__completo")

    lead = payloads.ler_lead(bruto)

    assert lead is not None
    assert (lead.id, lead.form_id, lead.platform) == ("9002001", "7001001001", "ig")
    assert lead.criado_em == datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert lead.respostas[3:] == (
        Resposta("qual_o_valor_do_imóvel?", ("até_200_mil", "acima")),
        Resposta("observações", ()),
    )
    assert lead.crus == bruto["field_data"]
    assert lead.consentimentos == bruto["custom_disclaimer_responses"]
    assert (lead.ad_id, lead.adset_name, lead.campaign_name) == (
        "120001",
        "Público SP",
        "Janeiro",
    )
    assert lead.is_organic is False
    assert "João" not in repr(lead)


def test_organic_lead_has_no_ad() -> None:
    lead = payloads.ler_lead(ler("lead__organico"))

    assert lead is not None
    assert (lead.id, lead.ad_id, lead.campaign_id) == ("9002002", "", "")
    assert lead.is_organic is True


def test_what_the_database_cannot_hold_is_mended() -> None:
    bruto = {"id": "1", "field_data": [{"name": "a\x00b", "values": ["\ud800c", 3]}]}

    lead = payloads.ler_lead(bruto)

    assert lead is not None
    assert lead.respostas == (Resposta("ab", ("?c",)),)
    assert lead.crus == [{"name": "ab", "values": ["?c", 3]}]


@pytest.mark.parametrize("bruto", [None, [], {}, {"id": None}, "9002001"])
def test_no_lead(bruto: Any) -> None:
    assert payloads.ler_lead(bruto) is None


def avisos(nome: str) -> list[AvisoDeLead]:
    return payloads.ler_avisos(json.dumps(ler(nome)).encode())


def test_delivery_tells_of_a_lead() -> None:
    assert avisos("aviso__um") == [
        AvisoDeLead(
            "9002001",
            PAGINA,
            "7001001001",
            "120001",
            datetime(2025, 12, 31, 23, 59, 50, tzinfo=UTC),
        )
    ]


def test_broken_change_loses_none_of_its_neighbours() -> None:
    lidos = avisos("aviso__varios")

    assert [(a.leadgen_id, a.page_id, a.ad_id) for a in lidos] == [
        ("9002001", PAGINA, "120001"),
        ("9002002", PAGINA, ""),
        ("9002010", "103000000000002", ""),
    ]
    # Without a time of its own, the entry's.
    assert lidos[1].criado_em == datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC)


def test_test_button_of_the_dashboard_is_known() -> None:
    assert [a.do_painel for a in avisos("aviso__painel")] == [True]
    assert [a.do_painel for a in avisos("aviso__um")] == [False]


def test_delivery_of_another_object_tells_of_none() -> None:
    corpo = json.dumps({**ler("aviso__um"), "object": "instagram"}).encode()

    assert payloads.ler_avisos(corpo) == []


@pytest.mark.parametrize("corpo", [b"", b"[]", b"{}", b'{"entry": {}}', b"\xff"])
def test_no_delivery_at_all(corpo: bytes) -> None:
    with pytest.raises(WebhookInvalido) as erro:
        payloads.ler_avisos(corpo)

    assert erro.value.status == 400
