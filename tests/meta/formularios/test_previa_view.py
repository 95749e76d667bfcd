"""The preview on a real lead, and getting one to look at."""

from __future__ import annotations

from types import SimpleNamespace

from django.test import Client

from conexoes.models import EventoPendente
from conexoes.tenancy import na
from meta.forms.mapeamento import nome_do_campo
from meta.models import FormularioMeta, PaginaMeta
from meta.services import formularios
from tests.meta.formularios.dominio import (
    novo_lead,
)
from tests.meta.formularios.telas import (
    HTMX,
    LISTA,
    Entrar,
    alvos,
    de_mapear,
    texto,
)


def previa(navegador: Client, formulario: FormularioMeta, **dados: str) -> str:
    url = f"{LISTA}paginas/{formulario.pagina_id}/previa/"
    return texto(
        navegador.post(url, {"form_id": formulario.form_id} | alvos(**dados), **HTMX)
    )


def test_the_preview_shows_the_newest_lead_before_and_after(
    gente: SimpleNamespace, entrar: Entrar, formulario: FormularioMeta
) -> None:
    novo_lead(formulario.pagina)

    pedaco = previa(entrar("ana"), formulario, phone_number="telefone")

    assert "(11) 98765-4321" in pedaco
    assert "+55 11 98765-4321" in pedaco
    assert "Fica guardado com o lead" in pedaco


def test_the_preview_says_what_does_not_fit(
    gente: SimpleNamespace, entrar: Entrar, formulario: FormularioMeta
) -> None:
    torto = [{"name": "phone_number", "values": ["<b>não tenho</b>"]}]
    novo_lead(formulario.pagina, respostas=torto)

    pedaco = previa(entrar("ana"), formulario, phone_number="telefone")

    assert "Não parece um telefone com DDD." in pedaco
    assert "&lt;b&gt;não tenho&lt;/b&gt;" in pedaco


def test_the_preview_warns_of_two_for_one_field_and_of_no_way_to_answer(
    gente: SimpleNamespace, entrar: Entrar, formulario: FormularioMeta
) -> None:
    navegador = entrar("ana")

    dois = previa(navegador, formulario, email="telefone", phone_number="telefone")
    nenhum = previa(navegador, formulario, full_name="nome")

    assert "“Telefone” recebe mais de uma pergunta (E-mail, Telefone)" in dois
    assert "Nenhuma pergunta vai para telefone nem e-mail" in nenhum


def test_a_sample_is_asked_for_where_none_is_here(
    gente: SimpleNamespace, entrar: Entrar, formulario: FormularioMeta
) -> None:
    navegador = entrar("ana")

    pedaco = texto(navegador.post(f"{de_mapear(formulario)}amostra/", **HTMX))

    assert "Buscando o lead mais novo na Meta…" in pedaco
    with na(gente.aurora):
        pedido = EventoPendente.objects.get(destino="meta.amostra")
    assert pedido.payload == {"formulario_id": str(formulario.pk)}


def test_the_names_of_inputs_hold_any_key() -> None:
    nomes = {
        nome_do_campo(chave) for chave in ("a", "á", "qual_o_valor?", "\n", "x" * 900)
    }

    assert len(nomes) == 5
    assert all(nome.isascii() and nome.isidentifier() for nome in nomes)
    assert formularios.todos_os(PaginaMeta(page_id="9")) == "todos:9"
