"""Mapping lead forms by program (PRD 2.5)."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from conexoes.tenancy import na
from crm.models import CampoPersonalizado
from meta.models import FormularioLeadAds, FormularioMeta, PaginaMeta
from tests.meta.formularios.dominio import novo_formulario, novo_funil, novo_lead

URL = "/api/v1/conexoes/meta/formularios"
NENHUM = "0190c0de-0000-7000-8000-000000000001"
Token = Callable[[str], dict[str, str]]


class Api:
    """The API with one person's token."""

    def __init__(self, cabecalhos: dict[str, str]) -> None:
        self.navegador, self.cabecalhos = Client(), cabecalhos

    def __call__(self, metodo: str, caminho: str = "", dados: Any = None) -> Any:
        return self.navegador.generic(
            *(metodo, f"{URL}{caminho}"),
            "" if dados is None else json.dumps(dados),
            content_type="application/json",
            headers=self.cabecalhos,
        )


@pytest.fixture
def api(token: Token) -> Api:
    return Api(token("ana"))


def mapear(api: Api, **campos: Any) -> Any:
    return api("POST", dados={"page_id": "103", "form_id": "7001"} | campos)


def test_the_forms_of_a_page_with_what_is_suggested(
    api: Api, formulario: FormularioMeta
) -> None:
    novo_lead(formulario.pagina)

    resposta = api("GET", "/103").json()

    um = resposta["resultados"][0]
    assert resposta["padrao_id"] is None
    assert (um["form_id"], um["nome"], um["status"]) == ("7001", "Captação", "ACTIVE")
    assert um["leads_esperando"] == 1
    assert um["mapeamento_id"] is None
    assert um["perguntas"][3] == {
        "chave": "qual_o_valor_do_imóvel?",
        "rotulo": "Qual o valor do imóvel?",
        "tipo": "CUSTOM",
        "opcoes": {"até_200_mil": "Até 200 mil", "acima": "Acima de 200 mil"},
        "sugestao": "valor",
        "confianca": "alta",
    }


def test_a_mapping_as_the_prd_writes_it(
    gente: SimpleNamespace, api: Api, formulario: FormularioMeta
) -> None:
    funil, etapa = novo_funil(gente.aurora)
    with na(gente.aurora):
        campo = CampoPersonalizado.objects.create(
            organizacao=gente.aurora, nome="Origem do lead"
        )
    campos = {"full_name": "nome", "custom_question_1": str(campo.pk)}

    resposta = mapear(
        api,
        funil_id=str(funil.pk),
        etapa_destino_id=str(etapa.pk),
        owner_id=str(gente.bruno.pk),
        mapeamento_campos=campos,
        tags_automaticas=["Ebook"],
        notificar_owner=False,
    )

    assert resposta.status_code == 201
    feito = resposta.json()
    assert feito["mapeamento_campos"] == {
        "full_name": "nome",
        "custom_question_1": f"campo:{campo.pk}",
    }
    assert (feito["funil_id"], feito["etapa_destino_id"]) == (
        str(funil.pk),
        str(etapa.pk),
    )
    assert (feito["owner_id"], feito["notificar_owner"]) == (str(gente.bruno.pk), False)
    assert (feito["tags_automaticas"], feito["ativo"]) == (["Ebook"], True)
    assert api("GET", f"/{feito['id']}").json() == feito


def test_without_a_destination_it_is_the_default_one(
    api: Api, formulario: FormularioMeta, gente: SimpleNamespace
) -> None:
    mapear(api)

    with na(gente.aurora):
        feito = FormularioLeadAds.objects.select_related("funil", "etapa_destino").get()
        assert (str(feito.funil), str(feito.etapa_destino)) == ("Vendas", "Novo")
        assert feito.owner_id is None


def test_every_other_form_of_the_page(api: Api, formulario: FormularioMeta) -> None:
    feito = mapear(api, form_id="todos").json()

    assert (feito["padrao"], feito["form_id"]) == (True, "todos:103")
    assert api("GET", "/103").json()["padrao_id"] == feito["id"]


def test_a_second_mapping_is_a_conflict(api: Api, formulario: FormularioMeta) -> None:
    mapear(api)

    resposta = mapear(api)

    assert resposta.status_code == 409
    assert resposta.json()["erro"]["mensagem"] == (
        "Este formulário já tem um mapeamento. Edite o que existe."
    )


def test_only_what_is_said_changes(
    gente: SimpleNamespace, api: Api, formulario: FormularioMeta
) -> None:
    feito = mapear(
        api, mapeamento_campos={"email": "email"}, owner_id=str(gente.bruno.pk)
    ).json()

    mudado = api("PATCH", f"/{feito['id']}", {"tags_automaticas": ["Nova"]}).json()
    sem_dono = api("PATCH", f"/{feito['id']}", {"owner_id": None}).json()

    assert mudado["tags_automaticas"] == ["Nova"]
    assert mudado["mapeamento_campos"] == {"email": "email"}
    assert mudado["owner_id"] == str(gente.bruno.pk)
    assert sem_dono["owner_id"] is None


def test_another_pipeline_begins_at_its_first_stage(
    gente: SimpleNamespace, api: Api, formulario: FormularioMeta
) -> None:
    funil, _etapa = novo_funil(gente.aurora)
    feito = mapear(api).json()

    mudado = api("PATCH", f"/{feito['id']}", {"funil_id": str(funil.pk)}).json()

    with na(gente.aurora):
        primeira = funil.etapas.get(nome="Entrada")
    assert mudado["etapa_destino_id"] == str(primeira.pk)


def test_off_and_on(api: Api, formulario: FormularioMeta) -> None:
    feito = mapear(api, ativo=False).json()

    ligado = api("PATCH", f"/{feito['id']}", {"ativo": True}).json()

    assert (feito["ativo"], ligado["ativo"]) == (False, True)
    assert api("PATCH", f"/{feito['id']}", {"ativo": False}).json()["ativo"] is False


def test_removed_it_is_gone(api: Api, formulario: FormularioMeta) -> None:
    feito = mapear(api).json()

    assert api("DELETE", f"/{feito['id']}").status_code == 204
    assert api("GET", f"/{feito['id']}").status_code == 404
    assert api("GET", "/103").json()["resultados"][0]["mapeamento_id"] is None


@pytest.mark.parametrize(
    ("campo", "valor"),
    [
        ("funil_id", NENHUM),
        ("funil_id", "nada"),
        ("etapa_destino_id", NENHUM),
        ("owner_id", NENHUM),
        ("mapeamento_campos", {"email": "senha"}),
        ("mapeamento_campos", ["email"]),
        ("tags_automaticas", ["x" * 51]),
        ("page_id", "999"),
    ],
)
def test_what_is_none_here_is_refused_by_name(
    gente: SimpleNamespace,
    api: Api,
    formulario: FormularioMeta,
    campo: str,
    valor: Any,
) -> None:
    resposta = mapear(api, **{campo: valor})

    assert resposta.status_code == 400
    assert list(resposta.json()["erro"]["campos"]) == [campo]
    with na(gente.aurora):
        assert not FormularioLeadAds.objects.exists()


def test_a_stage_of_another_pipeline_is_refused(
    gente: SimpleNamespace, api: Api, formulario: FormularioMeta
) -> None:
    _funil, etapa = novo_funil(gente.aurora)

    resposta = mapear(api, etapa_destino_id=str(etapa.pk))

    assert resposta.status_code == 400
    assert resposta.json()["erro"]["campos"] == {
        "etapa_destino_id": ["Esta etapa é de outro funil."]
    }


def test_another_organisations_people_and_pipelines_are_none(
    gente: SimpleNamespace, api: Api, formulario: FormularioMeta
) -> None:
    funil, _etapa = novo_funil(gente.brisa, "Da Brisa")

    assert mapear(api, funil_id=str(funil.pk)).status_code == 400
    assert mapear(api, owner_id=str(gente.davi.pk)).status_code == 400


@pytest.mark.parametrize(("apelido", "status"), [("bruno", 403), ("carla", 404)])
def test_who_may_not_gets_nothing(
    token: Token, mapeado: FormularioLeadAds, apelido: str, status: int
) -> None:
    api = Api(token(apelido))

    assert api("GET", "/103").status_code == status
    for metodo, dados in (("GET", None), ("PATCH", {}), ("DELETE", None)):
        assert api(metodo, f"/{mapeado.pk}", dados).status_code == status


def test_a_page_that_is_not_selected_is_none(
    gente: SimpleNamespace, api: Api, pagina: PaginaMeta
) -> None:
    novo_formulario(pagina)
    with na(gente.aurora):
        PaginaMeta.objects.update(ativo=False)

    assert api("GET", "/103").status_code == 404
    assert mapear(api).status_code == 400


def test_a_key_needs_the_scope(
    chave: Callable[..., dict[str, str]], formulario: FormularioMeta
) -> None:
    com, sem = chave("ana", "meta_lead_ads.gerenciar"), chave("ana", "contatos.ver")

    assert Api(com)("GET", "/103").status_code == 200
    assert Api(sem)("GET", "/103").status_code == 403
