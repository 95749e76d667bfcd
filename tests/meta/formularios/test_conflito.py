"""Two windows decide about one form: the second is told, and has a way on."""

from __future__ import annotations

from types import SimpleNamespace

import time_machine

from conexoes.tenancy import na, sistema
from meta.models import FormularioLeadAds, FormularioMeta
from tests.meta.formularios.telas import (
    HTMX,
    Entrar,
    alvos,
    de_editar,
    de_mapear,
    escrito,
    guardado,
    por_cima,
    texto,
    visto,
)


@time_machine.travel("2026-11-28 15:30:00Z", tick=False)
def test_a_form_that_somebody_mapped_meanwhile_says_who_and_when(
    gente: SimpleNamespace, entrar: Entrar, formulario: FormularioMeta
) -> None:
    with sistema("comando"):
        gente.bruno.permissoes_conexoes = {"meta_lead_ads": True}
        gente.bruno.save()
    ana, bruno = entrar("ana"), entrar("bruno")
    aberta = visto(texto(ana.get(de_mapear(formulario))))
    bruno.post(
        de_mapear(formulario), escrito(gente.aurora, visto="", **alvos(email="email"))
    )

    dados = escrito(gente.aurora, visto=aberta, **alvos(email="empresa"))
    pagina = texto(ana.post(de_mapear(formulario), dados, **HTMX), 422)

    assert "Bruno Barros salvou este mapeamento enquanto você o editava" in pagina
    assert "28/11/2026, 12:30" in pagina
    assert f'href="{de_editar(guardado(gente.aurora))}"' in pagina
    assert "Ver a versão atual" in pagina
    assert '<option value="empresa" selected>' in pagina
    assert guardado(gente.aurora).mapeamento_campos == {"email": "email"}


def test_saved_over_it_is_as_the_second_one_chose(
    gente: SimpleNamespace, entrar: Entrar, mapeado: FormularioLeadAds
) -> None:
    with na(gente.aurora):
        formulario = FormularioMeta.objects.get()
    ana, campos = entrar("ana"), alvos(email="empresa")
    dados = escrito(gente.aurora, visto="", **campos)
    pagina = texto(ana.post(de_mapear(formulario), dados), 422)
    assert "Salvar por cima mesmo assim" in pagina
    assert "Você salvou este mapeamento em outra janela" in pagina

    resposta = ana.post(de_mapear(formulario), dados | {"por_cima": por_cima(pagina)})

    assert resposta.status_code == 302
    feito = guardado(gente.aurora)
    assert (feito.pk, feito.mapeamento_campos) == (mapeado.pk, {"email": "empresa"})


def test_two_who_edit_one_mapping_are_told_too(
    gente: SimpleNamespace, entrar: Entrar, mapeado: FormularioLeadAds
) -> None:
    ana, url = entrar("ana"), de_editar(mapeado)
    aberta = visto(texto(ana.get(url)))
    primeira = escrito(gente.aurora, visto=aberta, **alvos(email="email"))
    assert ana.post(url, primeira).status_code == 302

    segunda = escrito(gente.aurora, visto=aberta, **alvos(email="empresa"))
    pagina = texto(ana.post(url, segunda), 422)

    assert "Você salvou este mapeamento em outra janela" in pagina
    assert guardado(gente.aurora).mapeamento_campos == {"email": "email"}


def test_what_a_third_one_saves_meanwhile_is_not_overwritten_unseen(
    gente: SimpleNamespace, entrar: Entrar, mapeado: FormularioLeadAds
) -> None:
    ana, url = entrar("ana"), de_editar(mapeado)
    velho = escrito(gente.aurora, visto="velho", **alvos(email="empresa"))
    pagina = texto(ana.post(url, velho), 422)
    terceira = escrito(gente.aurora, visto=visto(texto(ana.get(url))))
    assert ana.post(url, terceira).status_code == 302

    de_novo = texto(ana.post(url, velho | {"por_cima": por_cima(pagina)}), 422)

    assert por_cima(de_novo) != por_cima(pagina)
    assert guardado(gente.aurora).mapeamento_campos == {}


def test_the_suggestions_do_not_hide_the_conflict(
    gente: SimpleNamespace, entrar: Entrar, mapeado: FormularioLeadAds
) -> None:
    dados = escrito(gente.aurora, visto="velho", sugestoes="1")

    pagina = texto(entrar("ana").post(de_editar(mapeado), dados))

    assert "Ver a versão atual" in pagina
    assert visto(pagina) == "velho"


def test_who_saved_it_may_be_unknown(
    gente: SimpleNamespace, entrar: Entrar, mapeado: FormularioLeadAds
) -> None:
    with na(gente.aurora):
        sem_historia = FormularioLeadAds.objects.create(
            organizacao=gente.aurora, pagina=mapeado.pagina, form_id="7009"
        )

    dados = escrito(gente.aurora, visto="")
    pagina = texto(entrar("ana").post(de_editar(sem_historia), dados), 422)

    assert "Este mapeamento foi salvo enquanto você o editava." in pagina
