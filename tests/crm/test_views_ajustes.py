"""Pipelines, own fields and tags as admins arrange them; contacts that use them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from conexoes.tenancy import na
from crm.models import (
    CampoPersonalizado,
    Contato,
    EtapaFunil,
    Funil,
    Tag,
    TagDoContato,
    VezNoFunil,
)
from crm.services import funis, tags
from tests.crm.funil import etapas, nova

pytestmark = pytest.mark.django_db

Entrar = Callable[[str], Client]
FUNIS, CAMPOS = "/configuracoes/funis/", "/configuracoes/campos/"


@pytest.fixture
def funil(gente: SimpleNamespace) -> Funil:
    with na(gente.aurora):
        return funis.funil_padrao(gente.aurora)


@pytest.fixture
def renda(gente: SimpleNamespace) -> CampoPersonalizado:
    with na(gente.aurora):
        return CampoPersonalizado.objects.create(
            organizacao=gente.aurora, nome="Renda", tipo="dinheiro"
        )


def nomes(funil: Funil) -> list[str]:
    with na(funil.organizacao_id):
        return [etapa.nome for etapa in funis.etapas_do(funil)]


def lido(contato: Contato) -> Contato:
    with na(contato.organizacao_id):
        return Contato.objects.get(pk=contato.pk)


def dito(resposta: Any) -> str:
    return str(resposta.content.decode())


# --- pipelines -----------------------------------------------------------------


def test_members_arrange_nothing(
    funil: Funil, renda: CampoPersonalizado, entrar: Entrar
) -> None:
    bruno = entrar("bruno")

    for caminho in (FUNIS, f"{FUNIS}{funil.pk}/", CAMPOS, f"{CAMPOS}{renda.pk}/"):
        assert bruno.get(caminho).status_code == 403
    assert bruno.post(FUNIS, {"nome": "Meu"}).status_code == 403
    with na(funil.organizacao_id):
        assert Funil.objects.count() == 1


def test_a_pipeline_is_made_made_default_and_archived(
    funil: Funil, gente: SimpleNamespace, entrar: Entrar
) -> None:
    ana = entrar("ana")

    feita = ana.post(FUNIS, {"nome": "Locação"})
    with na(gente.aurora):
        outro = Funil.objects.get(nome="Locação")
    assert feita.headers["Location"] == f"{FUNIS}{outro.pk}/"
    ana.post(f"{FUNIS}{outro.pk}/padrao/")
    ana.post(f"{FUNIS}{funil.pk}/arquivar/")

    pagina = dito(ana.get(FUNIS))
    assert "“Vendas” foi arquivado." in pagina
    with na(gente.aurora):
        assert list(funis.funis_da(gente.aurora)) == [outro]


def test_what_cannot_be_is_said(funil: Funil, entrar: Entrar) -> None:
    ana = entrar("ana")

    for caminho, pedido, recusa in (
        (FUNIS, {"nome": "Vendas"}, "Já existe um funil chamado"),
        (f"{FUNIS}{funil.pk}/arquivar/", {}, "Escolha outro funil como padrão"),
        (f"{FUNIS}{funil.pk}/etapas/", {"nome": "Novo"}, "Já existe uma etapa"),
    ):
        assert recusa in dito(ana.post(caminho, pedido, follow=True))


def test_stages_go_up_down_and_in_whole_orders(funil: Funil, entrar: Entrar) -> None:
    ana, ordem = entrar("ana"), f"{FUNIS}{funil.pk}/etapas/ordem/"
    with na(funil.organizacao_id):
        ids = [etapa.pk for etapa in funis.etapas_do(funil)]

    ana.post(ordem, {"subir": ids[1]})
    assert nomes(funil)[:2] == ["Em contato", "Novo"]
    ana.post(ordem, {"descer": ids[4]})
    assert nomes(funil)[4] == "Negociação"
    ana.post(ordem, {"ordem": [ids[3], ids[0], "lixo"]})
    assert nomes(funil) == [
        "Proposta",
        "Novo",
        "Em contato",
        "Qualificado",
        "Negociação",
    ]


def test_a_stage_is_renamed_and_archived_with_its_deals(
    funil: Funil, rita: Contato, gente: SimpleNamespace, entrar: Entrar
) -> None:
    ana, (novo, contato, *_) = entrar("ana"), etapas(gente.aurora)
    casa = nova(rita, "Casa")
    ana.post(f"/configuracoes/etapas/{contato.pk}/", {"nome": "Conversando"})
    arquivar = f"/configuracoes/etapas/{novo.pk}/arquivar/"

    pergunta = dito(ana.get(arquivar))
    recusada = dito(ana.post(arquivar, follow=True))
    feita = dito(ana.post(arquivar, {"destino": contato.pk}, follow=True))

    assert "1 oportunidade aberta está nesta etapa" in pergunta
    assert "Escolha para onde elas vão" in recusada
    assert "1 oportunidade mudou de etapa." in feita
    assert nomes(funil)[0] == "Conversando"
    with na(gente.aurora):
        casa.refresh_from_db()
    assert casa.etapa_id == contato.pk


def test_leads_are_dealt_to_who_is_ticked(
    funil: Funil, gente: SimpleNamespace, entrar: Entrar
) -> None:
    ana, caminho = entrar("ana"), f"{FUNIS}{funil.pk}/distribuicao/"

    ana.post(caminho, {"participa": [gente.ana.pk]})
    ana.post(caminho, {"participa": [gente.davi.pk]})

    with na(gente.aurora):
        vezes = {v.usuario_id: v.participa for v in VezNoFunil.objects.all()}
    assert vezes == {gente.ana.pk: True, gente.bruno.pk: False}


def test_another_organisations_pipeline_is_none(
    funil: Funil, gente: SimpleNamespace, entrar: Entrar
) -> None:
    carla, novo = entrar("carla"), etapas(gente.aurora)[0]

    for caminho in (
        f"{FUNIS}{funil.pk}/",
        f"{FUNIS}{funil.pk}/padrao/",
        f"{FUNIS}{funil.pk}/etapas/",
        f"/configuracoes/etapas/{novo.pk}/",
        f"/configuracoes/etapas/{novo.pk}/arquivar/",
    ):
        assert carla.post(caminho, {"nome": "Meu"}).status_code == 404
    with na(gente.aurora):
        assert EtapaFunil.objects.filter(nome="Meu").count() == 0


# --- own fields and tags ---------------------------------------------------------


def test_a_field_is_made_changed_and_archived(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    ana = entrar("ana")
    pedido = {"nome": "Imóvel", "tipo": "escolha", "opcoes": "Casa\r\nApto\r\n"}

    assert ana.post(f"{CAMPOS}novo/", pedido | {"opcoes": ""}).status_code == 422
    ana.post(f"{CAMPOS}novo/", pedido)
    with na(gente.aurora):
        campo = CampoPersonalizado.objects.get()
    assert campo.opcoes == ["Casa", "Apto"]
    ana.post(f"{CAMPOS}{campo.pk}/", {"nome": "Tipo", "opcoes": "Casa"})
    with na(gente.aurora):
        campo.refresh_from_db()
    assert (campo.nome, campo.tipo, campo.opcoes) == ("Tipo", "escolha", ["Casa"])
    ana.post(f"{CAMPOS}{campo.pk}/arquivar/")

    assert "Nenhum campo ainda" in dito(ana.get(CAMPOS))


def test_tags_are_renamed_and_deleted(
    rita: Contato, gente: SimpleNamespace, entrar: Entrar
) -> None:
    ana = entrar("ana")
    with na(gente.aurora):
        vip, obra = tags.definir(rita, ["VIP", "Obra"])[::-1]

    assert "1 contato" in dito(ana.get(CAMPOS))
    ana.post(f"/configuracoes/tags/{vip.pk}/", {"nome": "Ouro"})
    ana.post(f"/configuracoes/tags/{obra.pk}/apagar/")

    with na(gente.aurora):
        assert [tag.nome for tag in Tag.objects.all()] == ["Ouro"]
        assert TagDoContato.objects.count() == 1


# --- contacts --------------------------------------------------------------------


def test_a_contact_says_all_that_is_known_of_it(
    rita: Contato, renda: CampoPersonalizado, gente: SimpleNamespace, entrar: Entrar
) -> None:
    nova(rita, "Casa", 10)
    pedido = {
        "nome": "Rita Reis",
        "telefone": "(31) 98888-7777",
        "empresa": "Reis Ltda.",
        "cargo": "Sócia",
        "documento": "529.982.247-25",
        "nascimento": "31/12/1990",
        "cidade": "Betim",
        "estado": "MG",
        "cep": "32600-000",
        "responsavel": gente.ana.pk,
        f"campo_{renda.pk}": "R$ 5.000",
    }
    bruno = entrar("bruno")

    resposta = bruno.post(f"/contatos/{rita.pk}/editar/", pedido)
    pagina = dito(bruno.get(resposta.headers["Location"]))

    depois = lido(rita)
    assert (depois.documento, depois.nascimento) == ("52998224725", date(1990, 12, 31))
    assert depois.campos == {str(renda.pk): "5000.00"}
    assert depois.responsavel_id == gente.ana.pk
    for visto in ("Sócia · Reis Ltda.", "529.982.247-25", "Betim, MG", "Casa", "Renda"):
        assert visto in pagina
    assert "R$\u00a05.000,00" in pagina


@pytest.mark.parametrize(
    ("campo", "escrito"),
    [
        ("documento", "529.982.247-24"),
        ("nascimento", "31/02/1990"),
        ("nascimento", "01/01/2999"),
        ("cep", "3260"),
        ("responsavel", "de-brisa"),
        ("renda", "muito"),
    ],
)
def test_what_does_not_fit_is_refused(
    campo: str,
    escrito: str,
    rita: Contato,
    renda: CampoPersonalizado,
    gente: SimpleNamespace,
    entrar: Entrar,
) -> None:
    nome = f"campo_{renda.pk}" if campo == "renda" else campo
    valor = gente.davi.pk if escrito == "de-brisa" else escrito
    pedido = {"nome": "Outra", "telefone": "(31) 98888-7777", nome: valor}

    resposta = entrar("bruno").post(f"/contatos/{rita.pk}/editar/", pedido)

    assert resposta.status_code == 422
    assert nome in resposta.context["form"].errors
    assert lido(rita).nome == "Rita Reis"


def test_what_stands_in_an_archived_field_stays(
    rita: Contato, renda: CampoPersonalizado, gente: SimpleNamespace, entrar: Entrar
) -> None:
    with na(gente.aurora):
        rita.campos = {str(renda.pk): "5000.00", "0": "velho"}
        rita.save()
    pedido = {"nome": "Rita", "email": "rita@x.test", f"campo_{renda.pk}": ""}

    entrar("bruno").post(f"/contatos/{rita.pk}/editar/", pedido)

    assert lido(rita).campos == {"0": "velho"}


def test_tags_are_put_and_taken_off_where_the_contact_is(
    rita: Contato, gente: SimpleNamespace, entrar: Entrar
) -> None:
    bruno, caminho = entrar("bruno"), f"/contatos/{rita.pk}/tags/"
    htmx = {"HX-Request": "true"}

    dito(bruno.post(caminho, {"nome": "VIP, Obra"}, headers=htmx))
    with na(gente.aurora):
        vip = Tag.objects.get(nome="VIP")
    fragmento = dito(bruno.post(caminho, {"retirar": vip.pk}, headers=htmx))

    assert "Obra" in fragmento
    assert "Tirar a tag VIP" not in fragmento
    lista = bruno.get("/contatos/", {"tag": vip.pk})
    assert "Rita Reis" not in dito(lista)
    assert bruno.get("/contatos/", {"tag": "lixo"}).status_code == 404


def test_a_contact_becomes_a_qualified_lead_and_no_longer(
    rita: Contato, entrar: Entrar
) -> None:
    bruno, caminho = entrar("bruno"), f"/contatos/{rita.pk}/mql/"

    assert bruno.post(caminho).status_code == 302
    assert lido(rita).mql_em is not None
    assert "Tirar MQL" in dito(bruno.get(f"/contatos/{rita.pk}/"))
    bruno.post(caminho, {"tirar": "1"})
    assert lido(rita).mql_em is None
