"""Pipelines and deals through the API: the rules of the pages."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from conexoes.tenancy import na, sistema
from crm.models import CampoPersonalizado, Contato, Oportunidade
from crm.services import funis
from tests.crm.funil import etapas, nova

pytestmark = pytest.mark.django_db

Token = Callable[[str], dict[str, str]]
BASE = "/api/v1/oportunidades"


def pedir(caminho: str, cabecalhos: dict[str, str], **corpo: Any) -> Any:
    return Client().post(
        caminho, corpo, content_type="application/json", headers=cabecalhos
    )


@pytest.fixture
def casa(rita: Contato, gente: SimpleNamespace) -> Oportunidade:
    return nova(rita, "Casa", "100", responsavel=gente.bruno)


def test_pipelines_come_with_their_stages(
    gente: SimpleNamespace, token: Token, django_assert_num_queries: Any
) -> None:
    cabecalhos = token("bruno")
    with na(gente.aurora):
        funis.funil_padrao(gente.aurora)
        funis.criar_funil(gente.aurora, nome="Locação", autor=gente.ana)

    linhas = Client().get("/api/v1/funis", headers=cabecalhos).json()["resultados"]

    assert [(f["nome"], f["padrao"], len(f["etapas"])) for f in linhas] == [
        ("Vendas", True, 5),
        ("Locação", False, 5),
    ]
    assert linhas[0]["etapas"][0]["nome"] == "Novo"


def test_a_deal_is_made_read_changed_and_listed(
    rita: Contato, gente: SimpleNamespace, token: Token
) -> None:
    cabecalhos = token("bruno")

    feita = pedir(BASE, cabecalhos, contato=str(rita.pk), titulo="Casa", valor="10.5")
    caminho = f"{BASE}/{feita.json()['id']}"
    mudada = Client().patch(
        caminho,
        {"valor": None, "responsavel": str(gente.ana.pk)},
        content_type="application/json",
        headers=cabecalhos,
    )

    assert feita.status_code == 201
    assert (feita.json()["valor"], feita.json()["origem"]) == ("10.50", "api")
    assert mudada.json()["titulo"] == "Casa"
    assert mudada.json()["valor"] is None
    assert mudada.json()["responsavel_id"] == str(gente.ana.pk)
    assert Client().get(caminho, headers=cabecalhos).json() == mudada.json()
    for filtro, quantas in (
        ({"contato": rita.pk, "status": "aberta"}, 1),
        ({"responsavel": gente.bruno.pk}, 0),
        ({"funil": feita.json()["funil_id"]}, 1),
    ):
        lista = Client().get(BASE, filtro, headers=cabecalhos).json()
        assert len(lista["resultados"]) == quantas


def test_pages_follow_each_other(rita: Contato, token: Token) -> None:
    for n in range(3):
        nova(rita, f"Casa {n}")
    cabecalhos, url, titulos = token("ana"), f"{BASE}?quantas=2", []
    while url:
        pagina = Client().get(url, headers=cabecalhos).json()
        titulos += [linha["titulo"] for linha in pagina["resultados"]]
        url = pagina["proxima"]

    assert titulos == ["Casa 2", "Casa 1", "Casa 0"]


def test_the_newest_deals_are_read_off_an_index(gente: SimpleNamespace) -> None:
    mais_novas = Oportunidade.da(gente.aurora).order_by("-criado_em", "-pk")
    with na(gente.aurora), connection.cursor() as cursor:
        # With few rows only: any other way is quicker.
        cursor.execute("SET LOCAL enable_sort = off; SET LOCAL enable_seqscan = off")
        plano = mais_novas[:51].explain()

    assert "oportunidades_mais_novas" in plano
    assert "Sort" not in plano


def test_a_deal_goes_its_way(
    casa: Oportunidade, gente: SimpleNamespace, token: Token
) -> None:
    cabecalhos, caminho = token("bruno"), f"{BASE}/{casa.pk}"
    contato = etapas(gente.aurora)[1]

    movida = pedir(f"{caminho}/mover", cabecalhos, etapa=str(contato.pk))
    ganha = pedir(f"{caminho}/ganhar", cabecalhos, valor="200")
    outra_vez = pedir(f"{caminho}/perder", cabecalhos, motivo="Preço")
    aberta = pedir(f"{caminho}/reabrir", cabecalhos)
    perdida = pedir(f"{caminho}/perder", cabecalhos, motivo="Preço")

    assert movida.json()["etapa_id"] == str(contato.pk)
    assert outra_vez.status_code == 409
    assert (ganha.json()["status"], ganha.json()["valor"]) == ("ganha", "200.00")
    assert aberta.json()["status"] == "aberta"
    assert perdida.json()["motivo_da_perda"] == "Preço"


def test_a_move_from_where_it_no_longer_is_is_refused(
    casa: Oportunidade, gente: SimpleNamespace, token: Token
) -> None:
    novo, contato, qualificado, *_ = etapas(gente.aurora)
    cabecalhos, caminho = token("bruno"), f"{BASE}/{casa.pk}/mover"
    pedir(caminho, cabecalhos, etapa=str(contato.pk), de=str(novo.pk))

    tarde = pedir(caminho, cabecalhos, etapa=str(qualificado.pk), de=str(novo.pk))

    assert tarde.status_code == 409
    with na(gente.aurora):
        casa.refresh_from_db()
    assert casa.etapa_id == contato.pk


def test_the_same_call_twice_wins_once(
    casa: Oportunidade, token: Token, gente: SimpleNamespace
) -> None:
    cabecalhos = token("bruno") | {"Idempotency-Key": "ganho-1"}

    respostas = [
        pedir(f"{BASE}/{casa.pk}/ganhar", cabecalhos, valor="5") for _ in range(2)
    ]

    assert [r.status_code for r in respostas] == [200, 200]
    assert respostas[0].json() == respostas[1].json()


def test_foreign_ids_are_none(
    casa: Oportunidade, tito: Contato, gente: SimpleNamespace, token: Token
) -> None:
    davi, bruno = token("davi"), token("bruno")
    alheia, caminho = etapas(gente.brisa)[0], f"{BASE}/{casa.pk}"
    da_rita = str(casa.contato_id)

    for resposta in (
        Client().get(caminho, headers=davi),
        pedir(f"{caminho}/ganhar", davi),
        pedir(f"{caminho}/mover", bruno, etapa=str(alheia.pk)),
        pedir(BASE, bruno, contato=str(tito.pk), titulo="C"),
        pedir(
            BASE, bruno, contato=str(casa.contato_id), titulo="C", etapa=str(alheia.pk)
        ),
        pedir(BASE, bruno, contato=da_rita, titulo="C", responsavel=str(gente.davi.pk)),
    ):
        assert resposta.status_code == 404
    with sistema("comando"):
        assert Oportunidade.objects.get().status == "aberta"


def test_a_key_reads_what_it_was_made_for_and_changes_nothing(
    casa: Oportunidade, chave: Any
) -> None:
    so_le = chave("bruno", "funis.ver")

    assert Client().get(BASE, headers=so_le).status_code == 200
    recusa = pedir(f"{BASE}/{casa.pk}/ganhar", so_le)
    assert (recusa.status_code, recusa.json()["erro"]["codigo"]) == (
        403,
        "fora_do_escopo",
    )


# --- contacts ------------------------------------------------------------------


def test_a_contact_takes_own_fields_and_tags(
    gente: SimpleNamespace, token: Token
) -> None:
    with na(gente.aurora):
        renda = CampoPersonalizado.objects.create(
            organizacao=gente.aurora, nome="Renda", tipo="dinheiro"
        )
    cabecalhos = token("bruno")
    campos = Client().get("/api/v1/campos", headers=cabecalhos).json()

    feito = pedir(
        "/api/v1/contatos",
        cabecalhos,
        nome="Rita",
        email="rita@x.test",
        documento="529.982.247-25",
        nascimento="1990-12-31",
        campos={campos["resultados"][0]["id"]: "R$ 5.000"},
        tags=["VIP", "vip", "Obra"],
        responsavel=str(gente.ana.pk),
    ).json()

    assert feito["tags"] == ["Obra", "VIP"]
    assert feito["campos"] == {str(renda.pk): "5000.00"}
    assert (feito["documento"], feito["nascimento"]) == ("52998224725", "1990-12-31")
    assert feito["responsavel_id"] == str(gente.ana.pk)


def test_a_contact_is_marked_as_a_lead_and_no_longer(
    rita: Contato, token: Token
) -> None:
    cabecalhos, caminho = token("bruno"), f"/api/v1/contatos/{rita.pk}/mql"

    marcado, repetido = (pedir(caminho, cabecalhos, mql=True).json() for _ in range(2))
    tirado = pedir(caminho, cabecalhos, mql=False).json()

    assert marcado["mql_em"] is not None
    assert repetido["mql_em"] == marcado["mql_em"]
    assert tirado["mql_em"] is None


def test_a_change_leaves_what_it_does_not_name(rita: Contato, token: Token) -> None:
    cabecalhos, caminho = token("bruno"), f"/api/v1/contatos/{rita.pk}"
    corpo = {"content_type": "application/json", "headers": cabecalhos}
    Client().patch(caminho, {"empresa": "Reis", "tags": ["VIP"]}, **corpo)

    depois = Client().patch(caminho, {"cargo": "Sócia"}, **corpo).json()

    assert (depois["empresa"], depois["cargo"]) == ("Reis", "Sócia")
    assert (depois["telefone"], depois["tags"]) == ("+5531988887777", ["VIP"])


@pytest.mark.parametrize(
    ("corpo", "campo"),
    [
        ({"campos": {"lixo": "x"}}, "campos"),
        ({"documento": "123"}, "documento"),
        ({"responsavel": "01900000-0000-7000-8000-000000000000"}, "responsavel"),
        ({"nascimento": "2999-01-01"}, "nascimento"),
    ],
)
def test_what_does_not_fit_a_contact_is_said(
    corpo: dict[str, Any], campo: str, rita: Contato, token: Token
) -> None:
    resposta = Client().patch(
        f"/api/v1/contatos/{rita.pk}",
        corpo,
        content_type="application/json",
        headers=token("bruno"),
    )

    assert resposta.status_code == 400
    assert campo in resposta.json()["erro"]["campos"]


def test_the_list_of_contacts_costs_the_same_with_tags(
    rita: Contato, gente: SimpleNamespace, token: Token, django_assert_num_queries: Any
) -> None:
    cabecalhos = token("bruno")
    for n in range(3):
        pedir(
            "/api/v1/contatos",
            cabecalhos,
            nome=f"C{n}",
            email=f"c{n}@x.test",
            tags=[f"tag {n}", "VIP"],
        )

    with django_assert_num_queries(11):
        Client().get("/api/v1/contatos", headers=cabecalhos)
