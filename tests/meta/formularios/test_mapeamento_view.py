"""Mapping a form on its page and in the dialog."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.utils import timezone

from conexoes.tenancy import na, sistema
from crm.models import EtapaFunil, Usuario
from meta.models import FormularioLeadAds, FormularioMeta, PaginaMeta
from tests.meta.formularios.dominio import (
    RESPOSTAS,
    novo_formulario,
    novo_funil,
    novo_lead,
)
from tests.meta.formularios.telas import (
    HTMX,
    LISTA,
    Entrar,
    alvos,
    de_editar,
    de_mapear,
    escrito,
    guardado,
    texto,
    visto,
)


def test_a_new_mapping_comes_with_what_is_sure(
    gente: SimpleNamespace, entrar: Entrar, formulario: FormularioMeta
) -> None:
    pagina = texto(entrar("ana").get(de_mapear(formulario)))

    assert '<option value="telefone" selected>Telefone</option>' in pagina
    assert "Sugestão: Telefone" in pagina
    assert "Confiança alta" in pagina


def test_saved_it_is_as_chosen(
    gente: SimpleNamespace, entrar: Entrar, formulario: FormularioMeta
) -> None:
    funil, etapa = novo_funil(gente.aurora)
    dados = escrito(
        gente.aurora,
        funil=str(funil.pk),
        etapa_destino=str(etapa.pk),
        owner=str(gente.bruno.pk),
        tags="Ebook, Quente",
        **alvos(full_name="nome", email="email"),
    )

    resposta = entrar("ana").post(de_mapear(formulario), dados)

    assert resposta.status_code == 302
    assert resposta["Location"] == f"{LISTA}?pagina={formulario.pagina_id}"
    feito = guardado(gente.aurora)
    assert (feito.funil_id, feito.etapa_destino_id) == (funil.pk, etapa.pk)
    assert (feito.owner_id, feito.tags_automaticas) == (
        gente.bruno.pk,
        ["Ebook", "Quente"],
    )
    assert feito.mapeamento_campos == {"full_name": "nome", "email": "email"}
    assert (feito.criar_oportunidade, feito.notificar_owner) == (True, False)


def test_in_the_dialog_it_closes_and_says_so(
    gente: SimpleNamespace, entrar: Entrar, formulario: FormularioMeta
) -> None:
    resposta = entrar("ana").post(de_mapear(formulario), escrito(gente.aurora), **HTMX)

    assert resposta.status_code == 204
    assert "fechar-ja" in resposta["HX-Trigger"]
    assert "Mapeamento salvo." in resposta["HX-Trigger"].encode().decode(
        "unicode_escape"
    )


def test_a_stage_of_another_pipeline_is_refused_beside_its_field(
    gente: SimpleNamespace, entrar: Entrar, formulario: FormularioMeta
) -> None:
    _funil, etapa = novo_funil(gente.aurora)
    dados = escrito(gente.aurora, etapa_destino=str(etapa.pk))

    pagina = texto(entrar("ana").post(de_mapear(formulario), dados), 422)

    assert 'id="id_etapa_destino_error"' in pagina
    with na(gente.aurora):
        assert not FormularioLeadAds.objects.exists()


def test_an_archived_stage_and_somebody_who_left_are_no_choice(
    gente: SimpleNamespace, entrar: Entrar, formulario: FormularioMeta
) -> None:
    dados = escrito(gente.aurora, owner=str(gente.bruno.pk))
    with na(gente.aurora):
        EtapaFunil.objects.filter(pk=dados["etapa_destino"]).update(
            arquivada_em=timezone.now()
        )
    with sistema("comando"):
        Usuario.objects.filter(pk=gente.bruno.pk).update(is_active=False)

    pagina = texto(entrar("ana").post(de_mapear(formulario), dados), 422)

    assert 'id="id_etapa_destino_error"' in pagina
    assert 'id="id_owner_error"' in pagina


def test_asked_to_map_a_mapped_form_one_edits_it(
    gente: SimpleNamespace, entrar: Entrar, mapeado: FormularioLeadAds
) -> None:
    with na(gente.aurora):
        formulario = FormularioMeta.objects.get()

    assert entrar("ana").get(de_mapear(formulario))["Location"] == de_editar(mapeado)


def test_the_suggestions_fill_what_is_empty_and_save_nothing(
    gente: SimpleNamespace, entrar: Entrar, pagina: PaginaMeta
) -> None:
    perguntas = [
        {"key": "a", "label": "Profissão", "type": "CUSTOM"},
        {"key": "b", "label": "E-mail", "type": "EMAIL"},
    ]
    formulario = novo_formulario(pagina, "7005", perguntas=perguntas)
    dados = escrito(gente.aurora, sugestoes="1", **alvos(b="empresa"))

    resposta = texto(entrar("ana").post(de_mapear(formulario), dados))

    assert '<option value="cargo" selected>' in resposta
    assert '<option value="empresa" selected>' in resposta
    assert '<option value="email" selected>' not in resposta
    with na(gente.aurora):
        assert not FormularioLeadAds.objects.exists()


def test_the_default_of_a_page(
    gente: SimpleNamespace, entrar: Entrar, formulario: FormularioMeta
) -> None:
    url = f"{LISTA}paginas/{formulario.pagina_id}/padrao/"
    navegador = entrar("ana")

    assert "Telefone" in texto(navegador.get(url))
    navegador.post(url, escrito(gente.aurora, **alvos(email="email")))

    feito = guardado(gente.aurora)
    assert (feito.padrao, feito.form_id) == (True, "todos:103")
    assert feito.mapeamento_campos == {"email": "email"}
    assert navegador.get(url)["Location"] == de_editar(feito)


def test_the_default_of_a_page_asks_what_meta_asks_of_itself(
    entrar: Entrar, pagina: PaginaMeta
) -> None:
    resposta = entrar("ana").get(f"{LISTA}paginas/{pagina.pk}/padrao/")

    escolhidos = resposta.context["form"].mapeamento()
    assert escolhidos == {
        "full_name": "nome",
        "email": "email",
        "phone_number": "telefone",
    }


def test_each_form_behind_the_default_may_ask_for_the_phone_in_its_own_way(
    entrar: Entrar, pagina: PaginaMeta
) -> None:
    whats = [{"key": "qual_seu_whats?", "label": "Qual seu whats?", "type": "CUSTOM"}]
    novo_formulario(pagina, "7002", perguntas=whats)

    resposta = entrar("ana").get(f"{LISTA}paginas/{pagina.pk}/padrao/")

    escolhidos = resposta.context["form"].mapeamento()
    assert escolhidos["qual_seu_whats?"] == escolhidos["phone_number"] == "telefone"
    assert resposta.context["repetidos"] == []


def test_the_default_is_tried_on_a_lead_that_it_would_serve(
    entrar: Entrar, mapeado: FormularioLeadAds
) -> None:
    pagina = mapeado.pagina
    novo_lead(pagina, "7002", respostas=[{"name": "email", "values": ["a@b.com.br"]}])
    novo_lead(pagina, "7001", respostas=RESPOSTAS)

    resposta = entrar("ana").get(f"{LISTA}paginas/{pagina.pk}/padrao/")

    assert "a@b.com.br" in texto(resposta)
    assert "João da Silva" not in texto(resposta)


def test_an_edit_keeps_what_it_does_not_touch(
    gente: SimpleNamespace, entrar: Entrar, mapeado: FormularioLeadAds
) -> None:
    navegador = entrar("ana")
    aberta = visto(texto(navegador.get(de_editar(mapeado))))
    campos = alvos(email="email")
    dados = escrito(gente.aurora, tags="Nova", visto=aberta, **campos)

    navegador.post(de_editar(mapeado), dados)

    feito = guardado(gente.aurora)
    assert feito.pk == mapeado.pk
    assert feito.mapeamento_campos == {"email": "email"}
    assert feito.perguntas_vistas == mapeado.perguntas_vistas


def test_the_stages_follow_the_pipeline(
    gente: SimpleNamespace, entrar: Entrar, formulario: FormularioMeta
) -> None:
    funil, _etapa = novo_funil(gente.aurora)

    pedaco = texto(entrar("ana").get(f"{LISTA}etapas/", {"funil": str(funil.pk)}))

    assert "MQL" in pedaco
    assert "Qualificado" not in pedaco


@pytest.mark.parametrize("funil", ["", "nada", "0190c0de-0000-7000-8000-000000000001"])
def test_no_pipeline_is_the_default_one(
    gente: SimpleNamespace, entrar: Entrar, funil: str
) -> None:
    assert "Qualificado" in texto(
        entrar("ana").get(f"{LISTA}etapas/", {"funil": funil})
    )


def test_a_form_of_sixty_questions_and_one_of_none(
    gente: SimpleNamespace, entrar: Entrar, pagina: PaginaMeta
) -> None:
    muitas = [{"key": f"q{n}", "label": f"P {n}", "type": "CUSTOM"} for n in range(60)]
    cheio = novo_formulario(pagina, "60", perguntas=muitas)
    vazio = novo_formulario(pagina, "0", perguntas=[])
    navegador = entrar("ana")

    assert texto(navegador.get(de_mapear(cheio))).count('class="pergunta ') == 60
    assert "não tem perguntas" in texto(navegador.get(de_mapear(vazio)))
    assert navegador.post(de_mapear(vazio), escrito(gente.aurora)).status_code == 302
