"""Deals: made, moved, won, lost and reopened, each step told once."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from conexoes import provedores
from conexoes.erros import ErroDeDominio
from conexoes.models import Notificacao, RegistroAuditoria
from conexoes.tenancy import na
from crm.models import (
    Contato,
    EtapaFunil,
    MovimentoDaOportunidade,
    Oportunidade,
    Usuario,
)
from crm.services import funis, oportunidades, unioes
from tests.crm.conftest import novo_contato
from tests.crm.funil import colega, contados, etapas, nova, ouvir
from tests.paralelo import ao_mesmo_tempo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _ouvinte(monkeypatch: pytest.MonkeyPatch) -> None:
    ouvir(monkeypatch)


@pytest.fixture
def casa(rita: Contato, gente: SimpleNamespace) -> Oportunidade:
    """Rita's deal with bruno, in the first stage."""
    return nova(rita, "Casa", 100, responsavel=gente.bruno)


def mover(o: Oportunidade, etapa: EtapaFunil, autor: Usuario, **opcoes: Any) -> Any:
    with na(o.organizacao_id):
        return oportunidades.mover(o, etapa, autor=autor, **opcoes)


def lida(o: Oportunidade) -> Oportunidade:
    with na(o.organizacao_id):
        return Oportunidade.objects.select_related("etapa").get(pk=o.pk)


def passos(o: Oportunidade) -> list[tuple[str, str]]:
    with na(o.organizacao_id):
        movimentos = MovimentoDaOportunidade.objects.filter(oportunidade=o)
        return [
            (m.para_etapa.nome if m.para_etapa else "", m.para_status)
            for m in movimentos.select_related("para_etapa").order_by("pk")
        ]


# --- made ------------------------------------------------------------------


def test_a_deal_begins_in_the_first_stage(casa: Oportunidade) -> None:
    assert (lida(casa).etapa.nome, casa.status, casa.valor) == ("Novo", "aberta", 100)
    assert passos(casa) == [("Novo", "aberta")]
    [contado] = contados()
    assert contado.tipo == "oportunidade.criada"


def test_whoever_gets_a_deal_from_a_colleague_is_told(
    rita: Contato, gente: SimpleNamespace
) -> None:
    nova(rita, "Casa", responsavel=gente.bruno, autor=gente.ana)
    nova(rita, "Sítio", responsavel=gente.ana, autor=gente.ana)

    with na(gente.aurora):
        aviso = Notificacao.objects.get()
    assert (aviso.usuario_id, aviso.texto) == (gente.bruno.pk, "Casa")


def test_the_same_origin_makes_one_deal(rita: Contato) -> None:
    uma, outra = (nova(rita, f"Lead {n}", origem_chave="lead:1") for n in range(2))

    assert (uma.pk, outra.titulo) == (outra.pk, "Lead 0")
    assert passos(uma) == [("Novo", "aberta")]
    assert len(contados()) == 1


def test_many_deals_cost_as_much_as_one(
    gente: SimpleNamespace, django_assert_num_queries: Any
) -> None:
    etapa = etapas(gente.aurora)[1]
    contatos = [novo_contato(gente.aurora, f"C{n}") for n in range(20)]
    novas = [
        oportunidades.Nova(c.pk, etapa.pk, "Lead", origem_chave=f"lead:{n}")
        for n, c in enumerate(contatos)
    ]
    provedores._registrados.pop("ouvinte")

    with na(gente.aurora), django_assert_num_queries(4):
        feitas = oportunidades.criar_varias(gente.aurora, [*novas, novas[0]])

    assert [o.contato_id for o in feitas] == [c.pk for c in [*contatos, contatos[0]]]
    with na(gente.aurora):
        assert MovimentoDaOportunidade.objects.count() == 20


@pytest.mark.parametrize(
    ("titulo", "campos"),
    [("  ", {}), ("Casa", {"valor": "-1"}), ("Casa", {"valor": 10**12})],
)
def test_a_deal_that_says_nothing_right_is_not_made(
    titulo: str, campos: Any, rita: Contato
) -> None:
    with pytest.raises(ErroDeDominio):
        nova(rita, titulo, **campos)

    with na(rita.organizacao_id):
        assert Oportunidade.objects.count() == 0


def test_a_deal_goes_to_nobody_who_left_or_is_a_stranger(
    rita: Contato, gente: SimpleNamespace
) -> None:
    for pessoa in (gente.davi, colega(gente.aurora, is_active=False)):
        with pytest.raises(ErroDeDominio, match="equipe"):
            nova(rita, responsavel=pessoa)


def test_a_group_has_no_deals(gente: SimpleNamespace) -> None:
    with pytest.raises(ErroDeDominio, match="grupo"):
        nova(novo_contato(gente.aurora, "Time", e_grupo=True))


# --- moved -----------------------------------------------------------------


def test_a_move_is_kept_and_told_once(
    casa: Oportunidade, gente: SimpleNamespace
) -> None:
    proposta = etapas(gente.aurora)[3]

    movimento = mover(casa, proposta, gente.bruno)

    assert lida(casa).etapa.nome == "Proposta"
    assert passos(casa) == [("Novo", "aberta"), ("Proposta", "aberta")]
    contado = contados()[-1]
    assert contado.chave == f"oportunidade.movida:{movimento.pk}:ouvinte.tudo"
    assert contado.payload == {
        "objeto_id": str(movimento.pk),
        "oportunidade_id": str(casa.pk),
        "contato_id": str(casa.contato_id),
        "etapa_id": str(proposta.pk),
        "momento": movimento.momento.isoformat(),
    }


def test_a_move_to_where_it_is_says_nothing(
    casa: Oportunidade, gente: SimpleNamespace
) -> None:
    assert mover(casa, etapas(gente.aurora)[0], gente.bruno) is None

    assert len(passos(casa)) == len(contados()) == 1


def test_a_card_that_somebody_moved_meanwhile_stays_where_it_is(
    casa: Oportunidade, gente: SimpleNamespace
) -> None:
    novo, contato, qualificado, *_ = etapas(gente.aurora)
    mover(lida(casa), contato, gente.ana, de=novo.pk)

    with pytest.raises(ErroDeDominio, match="Em contato"):
        mover(casa, qualificado, gente.bruno, de=novo.pk)

    assert lida(casa).etapa == contato
    assert len(passos(casa)) == 2


def test_nor_does_it_go_to_another_pipeline_then(
    casa: Oportunidade, gente: SimpleNamespace
) -> None:
    novo, contato, *_ = etapas(gente.aurora)
    with na(gente.aurora):
        outro = funis.criar_funil(gente.aurora, nome="Locação", autor=gente.ana)
        para = funis.etapas_do(outro)[0]
    mover(lida(casa), contato, gente.ana, de=novo.pk)

    with na(gente.aurora), pytest.raises(ErroDeDominio, match="Em contato"):
        oportunidades.transferir(casa, para, autor=gente.bruno, de=novo.pk)

    assert lida(casa).etapa == contato


def test_a_deal_with_who_was_united_with_somebody_is_refused(
    rita: Contato, gente: SimpleNamespace
) -> None:
    vista = novo_contato(gente.aurora, "Rita R.")
    with na(gente.aurora):
        unioes.unir(rita, Contato.objects.get(pk=vista.pk), autor=gente.ana)

    with pytest.raises(ErroDeDominio, match="unido a outro"):
        nova(vista)

    with na(gente.aurora):
        assert not Oportunidade.objects.exists()


def test_a_card_goes_to_no_archived_nor_foreign_stage(
    casa: Oportunidade, gente: SimpleNamespace
) -> None:
    proposta = etapas(gente.aurora)[3]
    with na(gente.aurora):
        funis.arquivar_etapa(proposta, destino=None, autor=gente.ana)
        outro = funis.criar_funil(gente.aurora, nome="Locação", autor=gente.ana)
        de_outro = funis.etapas_do(outro)[0]

    for etapa in (proposta, de_outro, etapas(gente.brisa)[0]):
        with pytest.raises(ErroDeDominio):
            mover(casa, etapa, gente.bruno)
    assert passos(casa) == [("Novo", "aberta")]


def test_a_deal_may_change_its_pipeline_when_one_says_so(
    casa: Oportunidade, gente: SimpleNamespace
) -> None:
    with na(gente.aurora):
        outro = funis.criar_funil(gente.aurora, nome="Locação", autor=gente.ana)
        etapa = funis.etapas_do(outro)[2]
        oportunidades.transferir(casa, etapa, autor=gente.bruno)

        assert (lida(casa).funil_id, lida(casa).etapa_id) == (outro.pk, etapa.pk)
        assert RegistroAuditoria.objects.filter(
            acao="oportunidade.transferida"
        ).exists()


# --- closed and open again ---------------------------------------------------


def test_a_win_is_worth_what_one_says(
    casa: Oportunidade, gente: SimpleNamespace
) -> None:
    with na(gente.aurora):
        movimento = oportunidades.ganhar(
            casa, valor=Decimal("250.50"), autor=gente.bruno
        )

    ganha = lida(casa)
    assert (ganha.status, ganha.valor) == ("ganha", Decimal("250.50"))
    assert ganha.fechada_em is not None
    contado = contados()[-1]
    assert contado.tipo == "oportunidade.ganha"
    assert contado.chave == f"oportunidade.ganha:{movimento.pk}:ouvinte.tudo"
    assert (contado.payload["valor"], contado.payload["moeda"]) == ("250.50", "BRL")
    with na(gente.aurora):
        linha = RegistroAuditoria.objects.get(acao="oportunidade.ganha")
    assert (linha.objeto, linha.autor_id) == (f"oportunidade:{casa.pk}", gente.bruno.pk)


def test_a_win_without_a_value_keeps_the_one_it_had(
    casa: Oportunidade, gente: SimpleNamespace
) -> None:
    with na(gente.aurora):
        oportunidades.ganhar(casa, autor=gente.bruno)

    assert lida(casa).valor == 100


def test_a_loss_keeps_its_reason(casa: Oportunidade, gente: SimpleNamespace) -> None:
    with na(gente.aurora):
        oportunidades.perder(casa, motivo="  Preço\x00  alto ", autor=gente.bruno)

        assert oportunidades.motivos(gente.aurora) == ["Preço alto"]
    assert (lida(casa).status, lida(casa).motivo_da_perda) == ("perdida", "Preço alto")
    assert contados()[-1].tipo == "oportunidade.perdida"


def test_a_closed_deal_is_neither_moved_nor_closed_again(
    casa: Oportunidade, gente: SimpleNamespace
) -> None:
    with na(gente.aurora):
        oportunidades.ganhar(casa, autor=gente.bruno)
        proposta = etapas(gente.aurora)[3]

        for tentar in (
            lambda: oportunidades.ganhar(casa, autor=gente.bruno),
            lambda: oportunidades.perder(casa, motivo="", autor=gente.bruno),
            lambda: oportunidades.mover(casa, proposta, autor=gente.bruno),
        ):
            with pytest.raises(ErroDeDominio, match="fechada"):
                tentar()
    assert [contado.tipo for contado in contados()] == [
        "oportunidade.criada",
        "oportunidade.ganha",
    ]


def test_a_reopened_deal_is_where_it_was_and_may_be_won_anew(
    casa: Oportunidade, gente: SimpleNamespace
) -> None:
    with na(gente.aurora):
        oportunidades.ganhar(casa, autor=gente.bruno)
        oportunidades.reabrir(casa, autor=gente.ana)
        assert (lida(casa).status, lida(casa).fechada_em) == ("aberta", None)
        oportunidades.ganhar(casa, autor=gente.bruno)
        with pytest.raises(ErroDeDominio):
            oportunidades.ganhar(casa, autor=gente.bruno)

    ganhos = [c.chave for c in contados() if c.tipo == "oportunidade.ganha"]
    assert len(set(ganhos)) == 2
    assert passos(casa)[1:] == [
        ("Novo", "ganha"),
        ("Novo", "aberta"),
        ("Novo", "ganha"),
    ]


def test_an_open_deal_is_not_reopened(
    casa: Oportunidade, gente: SimpleNamespace
) -> None:
    with na(gente.aurora), pytest.raises(ErroDeDominio, match="já está aberta"):
        oportunidades.reabrir(casa, autor=gente.ana)


def test_a_deal_whose_stage_is_gone_comes_back_where_its_pipeline_begins(
    casa: Oportunidade, gente: SimpleNamespace
) -> None:
    with na(gente.aurora):
        oportunidades.perder(casa, motivo="", autor=gente.bruno)
        funis.arquivar_etapa(casa.etapa, destino=None, autor=gente.ana)
        oportunidades.reabrir(casa, autor=gente.ana)

    assert lida(casa).etapa.nome == "Em contato"


def test_a_deal_whose_pipeline_is_gone_comes_back_in_the_default_one(
    casa: Oportunidade, gente: SimpleNamespace
) -> None:
    with na(gente.aurora):
        oportunidades.perder(casa, motivo="", autor=gente.bruno)
        outro = funis.criar_funil(gente.aurora, nome="Locação", autor=gente.ana)
        funis.tornar_padrao(outro, autor=gente.ana)
        funis.arquivar_funil(casa.funil, autor=gente.ana)
        oportunidades.reabrir(casa, autor=gente.ana)

    assert lida(casa).funil_id == outro.pk


# --- changed ---------------------------------------------------------------


def alterar(casa: Oportunidade, autor: Usuario, **mudados: Any) -> None:
    campos = {"titulo": casa.titulo, "valor": casa.valor, "responsavel": None}
    with na(casa.organizacao_id):
        oportunidades.alterar(casa, **campos | mudados, autor=autor)


def test_a_change_names_its_fields_and_tells_the_new_owner(
    casa: Oportunidade, gente: SimpleNamespace
) -> None:
    nina = colega(gente.aurora)

    alterar(casa, gente.bruno, titulo=" Casa  nova ", responsavel=nina)

    assert (lida(casa).titulo, lida(casa).responsavel_id) == ("Casa nova", nina.pk)
    with na(gente.aurora):
        linha = RegistroAuditoria.objects.get(acao="oportunidade.alterada")
        assert Notificacao.objects.get().usuario_id == nina.pk
    assert linha.detalhes == {"campos": ["titulo", "responsavel"]}


def test_what_a_change_does_not_speak_of_stays_as_it_is_by_now(
    casa: Oportunidade, gente: SimpleNamespace
) -> None:
    vista = lida(casa)
    with na(gente.aurora):
        oportunidades.alterar(casa, valor=Decimal(7), autor=gente.ana)
        oportunidades.alterar(vista, titulo="Casa nova", autor=gente.bruno)

        with pytest.raises(TypeError, match="etapa"):
            oportunidades.alterar(vista, etapa=None, autor=gente.bruno)

    assert (lida(casa).titulo, lida(casa).valor) == ("Casa nova", Decimal(7))


def test_a_deal_keeps_an_owner_who_left(
    casa: Oportunidade, gente: SimpleNamespace
) -> None:
    gente.bruno.is_active = False

    alterar(casa, gente.ana, titulo="Casa nova", responsavel=gente.bruno)

    assert lida(casa).responsavel_id == gente.bruno.pk


# --- at once -----------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_who_move_the_same_card_at_once_move_it_once(
    casa: Oportunidade, gente: SimpleNamespace
) -> None:
    novo, contato, qualificado, *_ = etapas(gente.aurora)

    def tentar(etapa: EtapaFunil) -> str:
        try:
            mover(lida(casa), etapa, gente.bruno, de=novo.pk)
        except ErroDeDominio as erro:
            return erro.mensagem
        return ""

    recusas = ao_mesmo_tempo(lambda: tentar(contato), lambda: tentar(qualificado))

    assert sorted(bool(recusa) for recusa in recusas) == [False, True]
    assert len(passos(casa)) == 2


@pytest.mark.django_db(transaction=True)
def test_a_deal_is_won_once_however_many_say_so(
    casa: Oportunidade, gente: SimpleNamespace
) -> None:
    def tentar() -> bool:
        try:
            with na(gente.aurora):
                oportunidades.ganhar(lida(casa), autor=gente.bruno)
        except ErroDeDominio:
            return False
        return True

    assert sorted(ao_mesmo_tempo(*[tentar] * 4)) == [False, False, False, True]
    assert [c.tipo for c in contados()].count("oportunidade.ganha") == 1


@pytest.mark.django_db(transaction=True)
def test_no_card_is_left_behind_in_a_stage_archived_at_once(
    rita: Contato, gente: SimpleNamespace
) -> None:
    novo, contato, qualificado, *_ = etapas(gente.aurora)
    casas = [nova(rita, f"Casa {n}") for n in range(3)]

    def arquivar() -> None:
        with na(gente.aurora):
            funis.arquivar_etapa(contato, destino=qualificado, autor=gente.ana)

    def levar(o: Oportunidade) -> None:
        with suppress(ErroDeDominio):
            mover(o, contato, gente.bruno)

    ao_mesmo_tempo(arquivar, *[lambda o=o: levar(o) for o in casas])

    with na(gente.aurora):
        onde = set(Oportunidade.objects.values_list("etapa", flat=True))
    assert onde <= {novo.pk, qualificado.pk}
