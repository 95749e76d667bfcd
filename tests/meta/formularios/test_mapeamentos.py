"""Deciding where a form's leads go, and the leads that waited for it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from conexoes.erros import ErroDeDominio
from conexoes.models import EventoPendente, RegistroAuditoria
from conexoes.tenancy import na
from crm.models import CampoPersonalizado
from meta.models import FormularioLeadAds, FormularioMeta, LeadCapturado, PaginaMeta
from meta.services import formularios
from tests.meta.formularios.dominio import (
    CAMPOS,
    mapear,
    nova_pagina,
    novo_formulario,
    novo_funil,
    novo_lead,
    pedido,
)
from tests.paralelo import ao_mesmo_tempo


def entregues(organizacao: Any) -> set[str]:
    with na(organizacao):
        intentos = EventoPendente.da(organizacao).filter(destino="meta.processamento")
        return {intento.payload["lead_id"] for intento in intentos}


def trilha(organizacao: Any) -> list[str]:
    with na(organizacao):
        linhas = RegistroAuditoria.objects.filter(acao__startswith="formulario.")
        return [linha.acao for linha in linhas.order_by("pk")]


def test_what_was_decided_is_kept(
    gente: SimpleNamespace, pagina: PaginaMeta, formulario: FormularioMeta
) -> None:
    funil, etapa = novo_funil(gente.aurora)

    mapear(
        pagina,
        autor=gente.ana,
        funil=funil,
        etapa_destino=etapa,
        owner=gente.bruno,
        criar_oportunidade=False,
        notificar_owner=False,
        tags_automaticas=["Ebook ", "ebook", "Inbound"],
    )

    with na(gente.aurora):
        guardado = FormularioLeadAds.objects.get()
    assert (guardado.funil_id, guardado.etapa_destino_id) == (funil.pk, etapa.pk)
    assert (guardado.owner_id, guardado.form_name) == (gente.bruno.pk, "Captação")
    assert (guardado.criar_oportunidade, guardado.notificar_owner) == (False, False)
    assert guardado.tags_automaticas == ["Ebook", "Inbound"]
    assert guardado.mapeamento_campos == CAMPOS
    assert guardado.perguntas_vistas == list(CAMPOS)
    assert trilha(gente.aurora) == ["formulario.mapeado"]


def test_waiting_leads_go_on_their_way(
    gente: SimpleNamespace, pagina: PaginaMeta, formulario: FormularioMeta
) -> None:
    esperando = [novo_lead(pagina), novo_lead(pagina)]
    de_outro = novo_lead(pagina, "7002")
    feito = novo_lead(pagina, status=LeadCapturado.Status.PROCESSADO)

    mapear(pagina, autor=gente.ana)

    assert entregues(gente.aurora) == {str(lead.pk) for lead in esperando}
    assert not {str(de_outro.pk), str(feito.pk)} & entregues(gente.aurora)


def test_saved_again_a_waiting_lead_is_handed_over_again(
    gente: SimpleNamespace, mapeado: FormularioLeadAds
) -> None:
    lead = novo_lead(mapeado.pagina)
    with na(gente.aurora):
        for _ in range(2):
            formularios.alterar(mapeado, pedido(gente.aurora), autor=gente.ana)
        chaves = EventoPendente.da(gente.aurora).filter(destino="meta.processamento")

        assert len({um.chave for um in chaves}) == 2
        assert {um.payload["lead_id"] for um in chaves} == {str(lead.pk)}


def test_two_mappings_for_one_form_are_refused(
    gente: SimpleNamespace, mapeado: FormularioLeadAds
) -> None:
    with pytest.raises(ErroDeDominio, match="já tem um mapeamento"):
        mapear(mapeado.pagina, autor=gente.ana, criar_oportunidade=False)

    with na(gente.aurora):
        assert FormularioLeadAds.objects.get().criar_oportunidade is True
    assert trilha(gente.aurora) == ["formulario.mapeado"]


@pytest.mark.django_db(transaction=True)
def test_two_who_map_one_form_at_once_make_one_mapping(
    gente: SimpleNamespace,
) -> None:
    pagina = nova_pagina(gente.aurora)
    novo_formulario(pagina)
    escolha = pedido(gente.aurora)

    def tentar() -> str:
        try:
            with na(gente.aurora):
                formularios.mapear(pagina, "7001", escolha, autor=gente.ana)
        except ErroDeDominio as erro:
            return erro.mensagem
        return "mapeado"

    assert sorted(ao_mesmo_tempo(*[tentar] * 4)) == sorted(
        ["mapeado", *["Este formulário já tem um mapeamento. Edite o que existe."] * 3]
    )
    with na(gente.aurora):
        assert FormularioLeadAds.objects.count() == 1


def test_a_removed_one_is_taken_up_again(
    gente: SimpleNamespace, mapeado: FormularioLeadAds
) -> None:
    with na(gente.aurora):
        formularios.remover(mapeado, autor=gente.ana)
        assert formularios.mapeamento_para(gente.aurora, mapeado.pagina, "7001") is None

    novo = mapear(mapeado.pagina, autor=gente.ana)

    assert (novo.pk, novo.ativo, novo.deletado_em) == (mapeado.pk, True, None)


def test_a_form_the_page_does_not_have_is_refused(
    gente: SimpleNamespace, pagina: PaginaMeta
) -> None:
    outra = nova_pagina(gente.aurora, "104")
    novo_formulario(outra, "9009")

    with pytest.raises(ErroDeDominio, match="não está na lista"):
        mapear(pagina, "9009", autor=gente.ana)

    with na(gente.aurora):
        assert not FormularioLeadAds.objects.exists()


def test_a_form_of_no_questions_and_one_of_sixty(
    gente: SimpleNamespace, pagina: PaginaMeta
) -> None:
    muitas = [{"key": f"q{n}", "label": f"P {n}", "type": "CUSTOM"} for n in range(60)]
    novo_formulario(pagina, "0", perguntas=[])
    novo_formulario(pagina, "60", perguntas=muitas)
    todos = {f"q{n}": "cidade" for n in range(60)}

    vazio = mapear(pagina, "0", autor=gente.ana, mapeamento_campos={})
    cheio = mapear(pagina, "60", autor=gente.ana, mapeamento_campos=todos)

    assert (vazio.mapeamento_campos, vazio.perguntas_vistas) == ({}, [])
    assert (cheio.mapeamento_campos, len(cheio.perguntas_vistas)) == (todos, 60)


def test_own_fields_are_kept_with_what_they_hold(
    gente: SimpleNamespace, pagina: PaginaMeta, formulario: FormularioMeta
) -> None:
    with na(gente.aurora):
        texto, dinheiro = (
            CampoPersonalizado.objects.create(
                organizacao=gente.aurora, nome=tipo, tipo=tipo
            )
            for tipo in ("texto", "dinheiro")
        )
    # The PRD's own example names an own field by its bare id.
    campos = {
        "a?": str(texto.pk),
        "ção": {"campo": f"campo:{dinheiro.pk}"},
        "c": "",
        "d": None,
    }

    feito = mapear(pagina, autor=gente.ana, mapeamento_campos=campos)

    assert feito.mapeamento_campos == {
        "a?": f"campo:{texto.pk}",
        "ção": {"campo": f"campo:{dinheiro.pk}", "transformacao": "dinheiro"},
    }


@pytest.mark.parametrize("torto", [[], "nome", {"a": "senha"}, {"a": 3}, {"a": [1]}])
def test_a_mapping_to_nothing_is_refused(
    gente: SimpleNamespace, pagina: PaginaMeta, formulario: FormularioMeta, torto: Any
) -> None:
    with pytest.raises(ErroDeDominio):
        mapear(pagina, autor=gente.ana, mapeamento_campos=torto)

    with na(gente.aurora):
        assert not FormularioLeadAds.objects.exists()


def test_another_organisations_field_is_none(
    gente: SimpleNamespace, pagina: PaginaMeta, formulario: FormularioMeta
) -> None:
    with na(gente.brisa):
        alheio = CampoPersonalizado.objects.create(organizacao=gente.brisa, nome="X")

    with pytest.raises(ErroDeDominio, match="não é um campo"):
        mapear(pagina, autor=gente.ana, mapeamento_campos={"a": str(alheio.pk)})


def test_more_tags_than_fit_are_refused(
    gente: SimpleNamespace, pagina: PaginaMeta, formulario: FormularioMeta
) -> None:
    with pytest.raises(ErroDeDominio, match="no máximo 20 tags"):
        mapear(pagina, autor=gente.ana, tags_automaticas=[f"t{n}" for n in range(21)])


def test_switched_off_its_leads_wait_and_on_again_they_go(
    gente: SimpleNamespace, mapeado: FormularioLeadAds
) -> None:
    pagina = mapeado.pagina
    novo_formulario(pagina, "7002")
    mapear(pagina, formularios.todos_os(pagina), autor=gente.ana)
    with na(gente.aurora):
        formularios.desativar(mapeado, autor=gente.ana)

        # Its own, though off: the default is for forms that nobody decided about.
        assert formularios.mapeamento_para(gente.aurora, pagina, "7001") is None
    lead = novo_lead(pagina)
    with na(gente.aurora):
        formularios.ativar(mapeado, autor=gente.ana)
        formularios.ativar(mapeado, autor=gente.ana)

    assert entregues(gente.aurora) == {str(lead.pk)}
    assert trilha(gente.aurora)[-2:] == ["formulario.desativado", "formulario.ativado"]


def test_the_pages_default_serves_every_other_form(
    gente: SimpleNamespace, mapeado: FormularioLeadAds
) -> None:
    pagina = mapeado.pagina
    novo_formulario(pagina, "7002")
    do_outro, do_mapeado = novo_lead(pagina, "7002"), novo_lead(pagina, "7001")

    padrao = mapear(pagina, formularios.todos_os(pagina), autor=gente.ana)

    assert (padrao.padrao, padrao.form_name) == (True, "Todos os formulários")
    assert entregues(gente.aurora) == {str(do_outro.pk)}
    assert str(do_mapeado.pk) not in entregues(gente.aurora)
    with na(gente.aurora):
        para = formularios.mapeamento_para
        assert para(gente.aurora, pagina, "7002") == padrao
        assert para(gente.aurora, pagina, "7001") == mapeado
        assert para(gente.aurora, pagina, "nunca-visto") == padrao


def test_a_page_has_one_default(
    gente: SimpleNamespace, mapeado: FormularioLeadAds
) -> None:
    todos = formularios.todos_os(mapeado.pagina)
    mapear(mapeado.pagina, todos, autor=gente.ana)

    with pytest.raises(ErroDeDominio, match="já tem um mapeamento para todos"):
        mapear(mapeado.pagina, todos, autor=gente.ana)


def test_the_default_knows_what_is_sure_of_a_form_it_never_saw(
    gente: SimpleNamespace, mapeado: FormularioLeadAds
) -> None:
    pagina = mapeado.pagina
    todos = formularios.todos_os(pagina)
    mapear(pagina, todos, autor=gente.ana, mapeamento_campos={"x": "cidade"})
    novas = [
        {"key": "qual_seu_whats?", "label": "Qual seu whats?", "type": "CUSTOM"},
        {"key": "preco", "label": "Preço", "type": "CUSTOM"},
    ]
    novo_formulario(pagina, "7003", perguntas=novas)

    with na(gente.aurora):
        achado = formularios.mapeamento_para(gente.aurora, pagina, "7003")
        guardado = FormularioLeadAds.objects.get(form_id=todos)

    assert achado
    assert achado.mapeamento_campos == {"qual_seu_whats?": "telefone", "x": "cidade"}
    assert guardado.mapeamento_campos == {"x": "cidade"}


def test_how_many_wait_by_form(gente: SimpleNamespace, pagina: PaginaMeta) -> None:
    novo_lead(pagina)
    novo_lead(pagina, status=LeadCapturado.Status.PROCESSADO)
    novo_lead(nova_pagina(gente.aurora, "104"), "8001")

    with na(gente.aurora):
        contados = formularios.esperando(gente.aurora, pagina)

    assert contados == {"7001": 1}


def test_a_question_that_nobody_decided_about(
    gente: SimpleNamespace, mapeado: FormularioLeadAds, formulario: FormularioMeta
) -> None:
    assert formularios.novidades(mapeado, formulario) == []

    formulario.perguntas = [
        *formulario.perguntas,
        {"key": "nova_ção", "label": "Nova", "type": "CUSTOM"},
    ]

    assert [q.chave for q in formularios.novidades(mapeado, formulario)] == ["nova_ção"]
