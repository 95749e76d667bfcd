"""Pipelines and stages: made, named, ordered, taken out of use."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from conexoes.erros import ErroDeDominio
from conexoes.models import RegistroAuditoria
from conexoes.tenancy import na
from crm.models import (
    Contato,
    EtapaFunil,
    Funil,
    MovimentoDaOportunidade,
    Oportunidade,
)
from crm.services import funis
from tests.paralelo import ao_mesmo_tempo

pytestmark = pytest.mark.django_db


@pytest.fixture
def funil(gente: SimpleNamespace) -> Funil:
    with na(gente.aurora):
        return funis.funil_padrao(gente.aurora)


def etapas(funil: Funil) -> list[EtapaFunil]:
    with na(funil.organizacao_id):
        return list(funis.etapas_do(funil))


def nomes(funil: Funil) -> list[str]:
    return [etapa.nome for etapa in etapas(funil)]


def nova_oportunidade(contato: Contato, etapa: EtapaFunil, **campos: Any) -> Any:
    with na(contato.organizacao_id):
        return Oportunidade.objects.create(
            organizacao_id=contato.organizacao_id,
            contato=contato,
            funil_id=etapa.funil_id,
            etapa=etapa,
            titulo="Apartamento",
            **campos,
        )


def test_an_organisation_always_has_a_pipeline(gente: SimpleNamespace) -> None:
    with na(gente.aurora):
        funil = funis.funil_padrao(gente.aurora)

        assert funis.funil_padrao(gente.aurora) == funil
        assert (funil.nome, funil.padrao) == ("Vendas", True)
    assert nomes(funil) == [
        "Novo",
        "Em contato",
        "Qualificado",
        "Proposta",
        "Negociação",
    ]


def test_another_pipeline_may_become_the_default(
    funil: Funil, gente: SimpleNamespace
) -> None:
    with na(gente.aurora):
        outro = funis.criar_funil(gente.aurora, nome="Locação", autor=gente.ana)
        assert not outro.padrao

        funis.tornar_padrao(outro, autor=gente.ana)

        assert funis.funil_padrao(gente.aurora) == outro
        assert Funil.objects.filter(padrao=True).count() == 1


def test_a_default_that_lost_its_mark_is_found_again(
    funil: Funil, gente: SimpleNamespace
) -> None:
    with na(gente.aurora):
        Funil.objects.update(padrao=False)

        assert funis.funil_padrao(gente.aurora) == funil
        assert Funil.objects.get().padrao


@pytest.mark.parametrize("nome", ["Vendas", "  Vendas ", "", "\x00"])
def test_a_pipeline_needs_a_name_of_its_own(
    nome: str, funil: Funil, gente: SimpleNamespace
) -> None:
    with na(gente.aurora), pytest.raises(ErroDeDominio):
        funis.criar_funil(gente.aurora, nome=nome, autor=gente.ana)

    with na(gente.aurora):
        assert Funil.objects.count() == 1


def test_pipelines_stand_as_they_were_ordered(
    funil: Funil, gente: SimpleNamespace
) -> None:
    with na(gente.aurora):
        outro = funis.criar_funil(gente.aurora, nome="Locação", autor=gente.ana)
        funis.renomear_funil(outro, "Aluguel", autor=gente.ana)
        funis.ordenar_funis(gente.aurora, [outro.pk], autor=gente.ana)

        em_ordem = [f.nome for f in funis.funis_da(gente.aurora)]
    assert em_ordem == ["Aluguel", "Vendas"]


def test_the_default_pipeline_is_not_archived(
    funil: Funil, gente: SimpleNamespace
) -> None:
    with na(gente.aurora), pytest.raises(ErroDeDominio, match="padrão"):
        funis.arquivar_funil(funil, autor=gente.ana)


def test_a_pipeline_with_open_deals_is_not_archived(
    funil: Funil, gente: SimpleNamespace, rita: Contato
) -> None:
    with na(gente.aurora):
        outro = funis.criar_funil(gente.aurora, nome="Locação", autor=gente.ana)
    oportunidade = nova_oportunidade(rita, etapas(outro)[0])

    with na(gente.aurora), pytest.raises(ErroDeDominio, match="abertas"):
        funis.arquivar_funil(outro, autor=gente.ana)

    with na(gente.aurora):
        Oportunidade.objects.filter(pk=oportunidade.pk).update(status="ganha")
        funis.arquivar_funil(outro, autor=gente.ana)
        assert list(funis.funis_da(gente.aurora)) == [funil]
        # Its name is free again.
        funis.criar_funil(gente.aurora, nome="Locação", autor=gente.ana)
    assert nomes(outro) == []


def test_stages_are_made_named_and_ordered(
    funil: Funil, gente: SimpleNamespace
) -> None:
    with na(gente.aurora):
        visita = funis.criar_etapa(funil, " Visita ", autor=gente.ana)
        funis.renomear_etapa(visita, "Visita marcada", autor=gente.ana)
        funis.ordenar_etapas(funil, [visita.pk], autor=gente.ana)
        with pytest.raises(ErroDeDominio, match="Novo"):
            funis.criar_etapa(funil, "Novo", autor=gente.ana)

    assert nomes(funil)[:2] == ["Visita marcada", "Novo"]
    assert len(nomes(funil)) == 6


def test_an_empty_stage_is_archived_at_once(
    funil: Funil, gente: SimpleNamespace
) -> None:
    with na(gente.aurora):
        movidas = funis.arquivar_etapa(etapas(funil)[0], destino=None, autor=gente.ana)

    assert movidas == 0
    assert nomes(funil)[0] == "Em contato"


def test_open_deals_of_an_archived_stage_go_where_one_says(
    funil: Funil, gente: SimpleNamespace, rita: Contato
) -> None:
    novo, contato, *_ = etapas(funil)
    aberta = nova_oportunidade(rita, novo)
    ganha = nova_oportunidade(rita, novo, status="ganha")

    with na(gente.aurora), pytest.raises(ErroDeDominio, match="para onde"):
        funis.arquivar_etapa(novo, destino=None, autor=gente.ana)
    with na(gente.aurora):
        assert funis.arquivar_etapa(novo, destino=contato, autor=gente.ana) == 1

        aberta.refresh_from_db()
        ganha.refresh_from_db()
        assert (aberta.etapa_id, ganha.etapa_id) == (contato.pk, novo.pk)
        movimento = MovimentoDaOportunidade.objects.get()
        assert (movimento.de_etapa_id, movimento.para_etapa_id) == (
            novo.pk,
            contato.pk,
        )
        linha = RegistroAuditoria.objects.get(acao="etapa.arquivada")
        assert linha.detalhes == {"etapa": str(novo.pk), "movidas": 1}


def test_deals_do_not_go_to_another_pipelines_stage(
    funil: Funil, gente: SimpleNamespace, rita: Contato
) -> None:
    novo = etapas(funil)[0]
    nova_oportunidade(rita, novo)
    with na(gente.aurora):
        outro = funis.criar_funil(gente.aurora, nome="Locação", autor=gente.ana)

    for destino in (novo, etapas(outro)[0]):
        with na(gente.aurora), pytest.raises(ErroDeDominio, match="mesmo funil"):
            funis.arquivar_etapa(novo, destino=destino, autor=gente.ana)
    assert nomes(funil)[0] == "Novo"


def test_the_last_stage_stays(gente: SimpleNamespace) -> None:
    with na(gente.aurora):
        funil = funis.criar_funil(
            gente.aurora, nome="Curto", etapas=["Só"], autor=gente.ana
        )
        with pytest.raises(ErroDeDominio, match="ao menos uma"):
            funis.arquivar_etapa(etapas(funil)[0], destino=None, autor=gente.ana)

    assert nomes(funil) == ["Só"]


def test_archiving_moves_many_deals_at_the_same_cost(
    funil: Funil,
    gente: SimpleNamespace,
    rita: Contato,
    django_assert_num_queries: Any,
) -> None:
    novo, contato, *_ = etapas(funil)
    for _n in range(8):
        nova_oportunidade(rita, novo)

    with na(gente.aurora), django_assert_num_queries(8):
        assert funis.arquivar_etapa(novo, destino=contato, autor=gente.ana) == 8


def test_a_stage_that_is_locked_to_be_filled_must_be_in_use(
    funil: Funil, gente: SimpleNamespace
) -> None:
    novo = etapas(funil)[0]
    with na(gente.brisa), pytest.raises(ErroDeDominio):
        funis.travar_etapa(gente.brisa, novo.pk)
    with na(gente.aurora):
        assert funis.travar_etapa(gente.aurora, novo.pk) == novo
        funis.arquivar_etapa(novo, destino=None, autor=gente.ana)
        with pytest.raises(ErroDeDominio):
            funis.travar_etapa(gente.aurora, novo.pk)


def test_a_new_name_undoes_nothing_that_somebody_did_meanwhile(
    funil: Funil, gente: SimpleNamespace
) -> None:
    with na(gente.aurora):
        outro = funis.criar_funil(gente.aurora, nome="Locação", autor=gente.ana)
        visto = Funil.objects.get(pk=outro.pk)
        funis.arquivar_funil(outro, autor=gente.ana)
        funis.renomear_funil(visto, "Aluguel", autor=gente.bruno)

        agora = Funil.objects.get(pk=outro.pk)
    assert (agora.nome, agora.arquivado_em is None) == ("Aluguel", False)


def test_an_archived_pipeline_gets_no_stage_and_is_no_default(
    funil: Funil, gente: SimpleNamespace
) -> None:
    with na(gente.aurora):
        outro = funis.criar_funil(gente.aurora, nome="Locação", autor=gente.ana)
        visto = Funil.objects.get(pk=outro.pk)
        funis.arquivar_funil(outro, autor=gente.ana)
        for verbo in (
            lambda: funis.criar_etapa(visto, "Visita", autor=gente.bruno),
            lambda: funis.tornar_padrao(visto, autor=gente.bruno),
        ):
            with pytest.raises(ErroDeDominio, match="arquivado"):
                verbo()

        assert not funis.etapas_do(outro).exists()
        assert funis.funil_padrao(gente.aurora) == funil


@pytest.mark.django_db(transaction=True)
def test_two_who_choose_a_default_at_once_leave_one(gente: SimpleNamespace) -> None:
    with na(gente.aurora):
        feitos = [
            funis.criar_funil(gente.aurora, nome=nome, autor=gente.ana)
            for nome in ("A", "B", "C")
        ]

    def escolher(funil: Funil) -> None:
        with na(gente.aurora):
            funis.tornar_padrao(funil, autor=gente.ana)

    ao_mesmo_tempo(*(partial(escolher, funil) for funil in feitos))

    with na(gente.aurora):
        assert Funil.objects.filter(padrao=True).count() == 1
