"""The board, one deal and what is closed: what each shows, to whom, at what cost."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from conexoes.tenancy import na, sistema
from crm.models import Contato, Oportunidade
from crm.services import funis, oportunidades
from tests.crm.conftest import novo_contato
from tests.crm.funil import etapas, nova
from tests.telas import como_mostrado

pytestmark = pytest.mark.django_db

Entrar = Callable[[str], Client]
NO_QUADRO = {"HX-Request": "true", "HX-Target": "quadro"}
NO_DIALOGO = {"HX-Request": "true", "HX-Target": "modal"}


@pytest.fixture
def casa(rita: Contato, gente: SimpleNamespace) -> Oportunidade:
    return nova(rita, "Casa", "1234.50", responsavel=gente.bruno)


def lida(oportunidade: Oportunidade) -> Oportunidade:
    with na(oportunidade.organizacao_id):
        return Oportunidade.objects.select_related("etapa").get(pk=oportunidade.pk)


def texto(resposta: Any) -> str:
    return str(resposta.content.decode())


def aviso(resposta: Any) -> dict[str, Any]:
    avisado: dict[str, Any] = json.loads(resposta.headers["HX-Trigger"])["aviso"]
    return avisado


def url(oportunidade: Oportunidade, passo: str = "") -> str:
    return f"/oportunidades/{oportunidade.pk}/{passo}"


# --- the board ---------------------------------------------------------------


def test_the_board_shows_what_a_card_is_about(
    casa: Oportunidade, entrar: Entrar
) -> None:
    pagina = texto(entrar("bruno").get("/funil/"))

    for dito in ("Casa", "Rita Reis", "R$\u00a01.234,50", "Bruno Barros", "hoje"):
        assert dito in pagina
    assert "R$\u00a01.234,50</p>" in pagina
    assert "MQL</span>" not in pagina


def test_the_board_costs_the_same_however_full(
    casa: Oportunidade,
    rita: Contato,
    gente: SimpleNamespace,
    entrar: Entrar,
    django_assert_num_queries: Any,
) -> None:
    bruno = entrar("bruno")
    endereco = f"/funil/{casa.funil_id}/"
    with django_assert_num_queries(12):
        bruno.get(endereco, headers=NO_QUADRO)
    for n, etapa in enumerate(etapas(gente.aurora) * 5):
        nova(novo_contato(gente.aurora, f"C{n}"), etapa=etapa, responsavel=gente.ana)

    with django_assert_num_queries(12):
        bruno.get(endereco, headers=NO_QUADRO)


def test_a_long_column_goes_on_page_by_page(
    rita: Contato, gente: SimpleNamespace, entrar: Entrar
) -> None:
    novo = etapas(gente.aurora)[0]
    for n in range(45):
        nova(rita, f"Carta {n:02}")
    bruno = entrar("bruno")
    funil = f"/funil/{novo.funil_id}/"

    primeira = bruno.get(funil)
    coluna = primeira.context["colunas"][0]
    segunda = bruno.get(f"{funil}etapas/{novo.pk}/", {"depois": coluna.proxima})
    terceira = bruno.get(
        f"{funil}etapas/{novo.pk}/", {"depois": segunda.context["proxima"]}
    )

    assert coluna.quantas == 45
    paginas = [coluna.cartas, segunda.context["cartas"], terceira.context["cartas"]]
    assert [len(cartas) for cartas in paginas] == [20, 20, 5]
    vistas = [carta.titulo for cartas in paginas for carta in cartas]
    assert vistas == [f"Carta {n:02}" for n in reversed(range(45))]
    assert terceira.context["proxima"] == ""


def test_a_refreshed_board_is_as_long_as_it_was(
    rita: Contato, gente: SimpleNamespace, entrar: Entrar
) -> None:
    novo = etapas(gente.aurora)[0]
    for n in range(25):
        nova(rita, f"Carta {n:02}")

    for ate, quantas in ((f"{novo.pk}:40", 25), (f"{novo.pk}:x", 20), ("x:40", 20)):
        resposta = entrar("bruno").get(f"/funil/{novo.funil_id}/", {"ate": ate})
        assert len(resposta.context["colunas"][0].cartas) == quantas


def test_the_board_is_filtered_by_owner_and_words(
    casa: Oportunidade, rita: Contato, gente: SimpleNamespace, entrar: Entrar
) -> None:
    nova(rita, "Sítio São João", responsavel=gente.ana)
    nova(rita, "De ninguém")
    bruno = entrar("bruno")

    def titulos(**filtro: Any) -> list[str]:
        resposta = bruno.get("/funil/", filtro)
        return [c.titulo for c in resposta.context["colunas"][0].cartas]

    assert titulos(dono="minhas") == ["Casa"]
    assert titulos(dono=gente.ana.pk) == ["Sítio São João"]
    assert titulos(busca="sitio joao") == ["Sítio São João"]
    assert titulos(busca="rita", dono="minhas") == ["Casa"]
    assert titulos(busca="q\x00") == []
    assert len(titulos(dono="lixo")) == 3
    assert bruno.get("/funil/", {"dono": gente.davi.pk}).status_code == 404


def test_another_organisations_pipeline_is_none(
    casa: Oportunidade, gente: SimpleNamespace, entrar: Entrar
) -> None:
    davi = entrar("davi")
    for caminho in (
        f"/funil/{casa.funil_id}/",
        f"/funil/{casa.funil_id}/fechadas/",
        f"/funil/{etapas(gente.brisa)[0].funil_id}/etapas/{casa.etapa_id}/",
        url(casa),
    ):
        assert davi.get(caminho).status_code == 404


def test_a_super_admin_looks_and_moves_nothing(
    casa: Oportunidade, gente: SimpleNamespace, entrar: Entrar
) -> None:
    sofia = entrar("sofia")
    sofia.post("/organizacoes/trocar/", {"organizacao": gente.aurora.pk})

    pagina = texto(sofia.get("/funil/"))
    resposta = sofia.post(url(casa, "mover/"), {"etapa": etapas(gente.aurora)[1].pk})

    assert "Casa" in pagina
    assert "Nova oportunidade" not in pagina
    assert resposta.status_code == 403
    assert lida(casa).etapa.nome == "Novo"


# --- moving ------------------------------------------------------------------


def test_a_move_answers_the_board_and_the_way_back(
    casa: Oportunidade, gente: SimpleNamespace, entrar: Entrar
) -> None:
    novo, contato, *_ = etapas(gente.aurora)
    pedido = {"etapa": contato.pk, "de": novo.pk}

    resposta = entrar("bruno").post(
        url(casa, "mover/?dono=minhas"), pedido, headers=NO_QUADRO
    )

    assert resposta.context["colunas"][1].cartas == [casa]
    assert aviso(resposta) == {
        "texto": "“Casa” foi para Em contato.",
        "tom": "ok",
        "acao": {
            "rotulo": "Desfazer",
            "url": url(casa, "mover/?dono=minhas"),
            "alvo": "#quadro",
            "valores": {"etapa": str(novo.pk), "de": str(contato.pk)},
        },
    }


def test_a_card_that_somebody_moved_answers_the_board_as_it_is(
    casa: Oportunidade, gente: SimpleNamespace, entrar: Entrar
) -> None:
    novo, contato, qualificado, *_ = etapas(gente.aurora)
    with na(gente.aurora):
        oportunidades.mover(casa, contato, autor=gente.ana)

    resposta = entrar("bruno").post(
        url(casa, "mover/"),
        {"etapa": qualificado.pk, "de": novo.pk},
        headers=NO_QUADRO,
    )

    assert aviso(resposta)["tom"] == "erro"
    assert "Em contato" in aviso(resposta)["texto"]
    assert lida(casa).etapa == contato


def test_a_foreign_or_missing_stage_moves_nothing(
    casa: Oportunidade, gente: SimpleNamespace, entrar: Entrar
) -> None:
    bruno = entrar("bruno")
    for etapa in (etapas(gente.brisa)[0].pk, casa.pk, "", "lixo"):
        resposta = bruno.post(url(casa, "mover/"), {"etapa": etapa}, headers=NO_QUADRO)
        assert resposta.status_code == 404
    assert lida(casa).etapa.nome == "Novo"


def test_a_stage_of_another_pipeline_takes_the_deal_there(
    casa: Oportunidade, gente: SimpleNamespace, entrar: Entrar
) -> None:
    with na(gente.aurora):
        outro = funis.criar_funil(gente.aurora, nome="Locação", autor=gente.ana)
        destino = funis.etapas_do(outro)[0]

    resposta = entrar("bruno").post(
        url(casa, "mover/"), {"etapa": destino.pk}, headers=NO_QUADRO
    )

    assert lida(casa).funil_id == outro.pk
    # The board that asked is answered, without the card.
    assert resposta.context["funil"].pk == casa.funil_id
    assert resposta.context["vazio"]


def test_without_htmx_a_move_leads_to_the_deal(
    casa: Oportunidade, gente: SimpleNamespace, entrar: Entrar
) -> None:
    etapa = etapas(gente.aurora)[2]

    resposta = entrar("bruno").post(url(casa, "mover/"), {"etapa": etapa.pk})

    assert (resposta.status_code, resposta.headers["Location"]) == (302, url(casa))
    assert "De Novo para Qualificado" in texto(entrar("ana").get(url(casa)))


# --- closing -----------------------------------------------------------------


def test_a_win_is_asked_for_its_value(casa: Oportunidade, entrar: Entrar) -> None:
    bruno = entrar("bruno")
    pergunta = texto(bruno.get(url(casa, "ganhar/"), headers=NO_DIALOGO))
    recusada = bruno.post(url(casa, "ganhar/"), {"valor": "mil"}, headers=NO_QUADRO)
    feita = bruno.post(url(casa, "ganhar/"), {"valor": "2.000,1"}, headers=NO_QUADRO)

    assert 'value="1.234,50"' in pergunta
    assert recusada.status_code == 422
    assert recusada.headers["HX-Retarget"] == "#modal"
    assert recusada.headers["HX-Reswap"] == "innerHTML"
    assert aviso(feita)["acao"]["url"] == url(casa, "reabrir/")
    assert (lida(casa).status, str(lida(casa).valor)) == ("ganha", "2000.10")


def test_a_loss_is_asked_for_its_reason_and_offers_earlier_ones(
    casa: Oportunidade, rita: Contato, gente: SimpleNamespace, entrar: Entrar
) -> None:
    with na(gente.aurora):
        outra = nova(rita, "Sítio")
        oportunidades.perder(outra, motivo="Preço <alto>", autor=gente.ana)
    bruno = entrar("bruno")

    pergunta = texto(bruno.get(url(casa, "perder/"), headers=NO_DIALOGO))
    bruno.post(url(casa, "perder/"), {"motivo": "Sumiu"}, headers=NO_QUADRO)

    assert 'value="Preço &lt;alto&gt;"' in pergunta
    assert (lida(casa).status, lida(casa).motivo_da_perda) == ("perdida", "Sumiu")


def test_closed_deals_are_listed_and_reopened(
    casa: Oportunidade, rita: Contato, gente: SimpleNamespace, entrar: Entrar
) -> None:
    with na(gente.aurora):
        perdida = nova(rita, "Sítio")
        oportunidades.perder(perdida, motivo="Sumiu", autor=gente.ana)
        oportunidades.ganhar(casa, autor=gente.ana)
    bruno = entrar("bruno")
    fechadas = f"/funil/{casa.funil_id}/fechadas/"

    ganhas = bruno.get(fechadas)
    perdidas = bruno.get(fechadas, {"status": "perdida"})
    bruno.post(url(casa, "reabrir/"))

    assert ganhas.context["oportunidades"] == [casa]
    assert perdidas.context["oportunidades"] == [perdida]
    assert "Sumiu" in texto(perdidas)
    assert lida(casa).status == "aberta"
    assert bruno.get(fechadas).context["oportunidades"] == []


def test_closing_twice_says_so(casa: Oportunidade, entrar: Entrar) -> None:
    bruno = entrar("bruno")
    bruno.post(url(casa, "ganhar/"), {"valor": ""}, headers=NO_QUADRO)

    resposta = bruno.post(url(casa, "perder/"), {"motivo": ""}, headers=NO_QUADRO)

    assert "já foi fechada" in aviso(resposta)["texto"]
    assert lida(casa).status == "ganha"


# --- making and changing -------------------------------------------------------


def test_a_deal_is_made_in_the_stage_one_chose(
    rita: Contato, gente: SimpleNamespace, entrar: Entrar
) -> None:
    etapa = etapas(gente.aurora)[1]
    pedido = {
        "contato": rita.pk,
        "titulo": "Casa",
        "valor": "1.000",
        "etapa": etapa.pk,
        "responsavel": gente.ana.pk,
    }

    resposta = entrar("bruno").post("/oportunidades/nova/", pedido)

    with na(gente.aurora):
        feita = Oportunidade.objects.get()
    assert resposta.headers["Location"] == url(feita)
    assert (feita.etapa_id, feita.valor, feita.origem) == (etapa.pk, 1000, "manual")
    assert feita.responsavel_id == gente.ana.pk


@pytest.mark.parametrize(
    ("mudado", "situacao"),
    [
        ({"contato": ""}, 422),
        ({"titulo": " "}, 422),
        ({"valor": "-1"}, 422),
        ({"etapa": "de-brisa"}, 422),
        ({"responsavel": "davi"}, 422),
        ({"contato": "tito"}, 404),
    ],
)
def test_a_deal_that_is_not_right_is_not_made(
    mudado: dict[str, Any],
    situacao: int,
    rita: Contato,
    tito: Contato,
    gente: SimpleNamespace,
    entrar: Entrar,
) -> None:
    estranhos = {
        "de-brisa": etapas(gente.brisa)[0].pk,
        "davi": gente.davi.pk,
        "tito": tito.pk,
    }
    certo = {"contato": rita.pk, "titulo": "C", "etapa": etapas(gente.aurora)[0].pk}
    pedido = certo | {k: estranhos.get(v, v) for k, v in mudado.items()}

    resposta = entrar("bruno").post("/oportunidades/nova/", pedido)

    assert resposta.status_code == situacao
    with sistema("comando"):
        assert Oportunidade.objects.count() == 0


def test_contacts_are_looked_for_among_ones_own(
    rita: Contato, tito: Contato, entrar: Entrar
) -> None:
    resposta = entrar("bruno").get("/oportunidades/contatos/", {"busca": "8888"})

    assert resposta.context["candidatos"] == [rita]
    assert "checked" in texto(resposta)


def test_a_change_keeps_who_left(
    casa: Oportunidade, gente: SimpleNamespace, entrar: Entrar
) -> None:
    ana = entrar("ana")
    with sistema("comando"):
        type(gente.bruno).objects.filter(pk=gente.bruno.pk).update(is_active=False)

    resposta = ana.post(
        url(casa, "editar/"),
        {"titulo": "Casa nova", "valor": "", "responsavel": gente.bruno.pk},
    )

    assert resposta.status_code == 302
    mudada = lida(casa)
    assert (mudada.titulo, mudada.valor) == ("Casa nova", None)
    assert mudada.responsavel_id == gente.bruno.pk


@pytest.mark.parametrize("onde", [{}, NO_DIALOGO])
def test_what_a_colleague_changed_while_the_form_was_open_stays(
    casa: Oportunidade, gente: SimpleNamespace, entrar: Entrar, onde: dict[str, str]
) -> None:
    bruno = entrar("bruno")
    visto = como_mostrado(bruno.get(url(casa, "editar/"), headers=onde).content)
    with na(gente.aurora):
        oportunidades.alterar(
            lida(casa), valor=Decimal(900000), responsavel=gente.ana, autor=gente.ana
        )

    recusada = bruno.post(url(casa, "editar/"), visto | {"titulo": " "}, headers=onde)
    # What the form showed first is remembered by the one that asks again.
    visto = como_mostrado(recusada.content)
    bruno.post(url(casa, "editar/"), visto | {"titulo": "Casa nova"}, headers=onde)

    agora = lida(casa)
    assert (agora.titulo, agora.valor) == ("Casa nova", Decimal(900000))
    assert agora.responsavel_id == gente.ana.pk


def test_what_is_emptied_or_said_last_is_what_counts(
    casa: Oportunidade, gente: SimpleNamespace, entrar: Entrar
) -> None:
    bruno = entrar("bruno")
    visto = como_mostrado(bruno.get(url(casa, "editar/")).content)
    with na(gente.aurora):
        oportunidades.alterar(lida(casa), titulo="Casa da Ana", autor=gente.ana)

    escrito = {"titulo": "Casa do Bruno", "valor": "", "responsavel": ""}
    bruno.post(url(casa, "editar/"), visto | escrito)

    agora = lida(casa)
    assert (agora.titulo, agora.valor) == ("Casa do Bruno", None)
    assert agora.responsavel_id is None


def test_the_page_of_a_deal_costs_the_same_however_long_its_story(
    casa: Oportunidade,
    gente: SimpleNamespace,
    entrar: Entrar,
    django_assert_num_queries: Any,
) -> None:
    bruno, (novo, contato, *_) = entrar("bruno"), etapas(gente.aurora)
    alvo = {"HX-Request": "true", "HX-Target": "oportunidade"}
    with django_assert_num_queries(12):
        bruno.get(url(casa), headers=alvo)
    with na(gente.aurora):
        for etapa in (contato, novo, contato, novo):
            oportunidades.mover(casa, etapa, autor=gente.ana)

    with django_assert_num_queries(12):
        bruno.get(url(casa), headers=alvo)
