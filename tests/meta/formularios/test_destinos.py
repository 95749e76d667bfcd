"""Where leads go when what was chosen is gone: somewhere, and it is said."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.utils import timezone

from conexoes.erros import ErroDeDominio
from conexoes.tenancy import na, sistema
from crm.models import EtapaFunil, Funil, Usuario
from meta.models import FormularioLeadAds, FormularioMeta, PaginaMeta
from meta.services import formularios
from tests.meta.formularios.dominio import mapear, novo_funil


@pytest.fixture
def escolhido(
    gente: SimpleNamespace, pagina: PaginaMeta, formulario: FormularioMeta
) -> FormularioLeadAds:
    """Into the second stage of another pipeline, to bruno."""
    funil, etapa = novo_funil(gente.aurora)
    return mapear(
        pagina, autor=gente.ana, funil=funil, etapa_destino=etapa, owner=gente.bruno
    )


def avisos(gente: SimpleNamespace) -> list[str]:
    with na(gente.aurora):
        return formularios.avisos_do_destino(FormularioLeadAds.objects.get())


def test_what_was_chosen_holds(
    gente: SimpleNamespace, escolhido: FormularioLeadAds
) -> None:
    assert avisos(gente) == []


def test_an_archived_stage_gives_way_to_the_first(
    gente: SimpleNamespace, escolhido: FormularioLeadAds
) -> None:
    with na(gente.aurora):
        EtapaFunil.objects.filter(nome="MQL").update(arquivada_em=timezone.now())

    assert avisos(gente) == [
        "A etapa escolhida não está mais em uso: os leads vão para “Entrada”."
    ]


def test_a_deleted_stage_too(
    gente: SimpleNamespace, escolhido: FormularioLeadAds
) -> None:
    with na(gente.aurora):
        EtapaFunil.objects.filter(nome="MQL").delete()

    assert avisos(gente) == [
        "A etapa escolhida não está mais em uso: os leads vão para “Entrada”."
    ]


@pytest.mark.parametrize("apagado", [True, False])
def test_a_pipeline_that_is_gone_gives_way_to_the_default_one(
    gente: SimpleNamespace, escolhido: FormularioLeadAds, apagado: bool
) -> None:
    with na(gente.aurora):
        inbound = Funil.objects.filter(nome="Inbound")
        inbound.delete() if apagado else inbound.update(arquivado_em=timezone.now())

    assert avisos(gente) == [
        "O funil escolhido não está mais em uso: os leads vão para “Vendas”."
    ]


def test_somebody_who_left_gives_way_to_dealing_out(
    gente: SimpleNamespace, escolhido: FormularioLeadAds
) -> None:
    with sistema("comando"):
        Usuario.objects.filter(pk=gente.bruno.pk).update(is_active=False)

    assert avisos(gente) == [
        "Bruno Barros não está mais na equipe: os leads são distribuídos."
    ]


def test_a_choice_that_cannot_hold_is_refused(
    gente: SimpleNamespace, pagina: PaginaMeta, formulario: FormularioMeta
) -> None:
    funil, etapa = novo_funil(gente.aurora)
    outro, de_outro = novo_funil(gente.aurora, "Outro")
    arquivado = Funil(
        pk=funil.pk, organizacao=gente.aurora, arquivado_em=timezone.now()
    )
    gente.bruno.is_active = False

    conferir = formularios.conferir_destino
    assert conferir(funil, etapa, gente.ana) == {}
    assert conferir(funil, de_outro, None) == {
        "etapa_destino": "Esta etapa é de outro funil."
    }
    assert conferir(arquivado, etapa, None) == {
        "funil": "Este funil está arquivado. Escolha outro."
    }
    assert conferir(outro, de_outro, gente.bruno) == {
        "owner": "Esta pessoa não está mais ativa. Escolha outra."
    }
    assert "owner" in conferir(outro, de_outro, gente.carla)


def test_the_verb_refuses_it_too(
    gente: SimpleNamespace, pagina: PaginaMeta, formulario: FormularioMeta
) -> None:
    funil, _etapa = novo_funil(gente.aurora)

    with pytest.raises(ErroDeDominio, match="é de outro funil"):
        mapear(pagina, autor=gente.ana, funil=funil)

    with na(gente.aurora):
        assert not FormularioLeadAds.objects.exists()
