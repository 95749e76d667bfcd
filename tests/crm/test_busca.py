"""Looking for what was said."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from conexoes.tenancy import na, sistema
from crm.models import Conversa, Mensagem
from crm.services import busca
from tests.crm.conftest import nova_mensagem

pytestmark = pytest.mark.django_db


def achadas(organizacao: object, procurado: str) -> list[str]:
    with na(organizacao):
        return [a.mensagem.texto for a in busca.procurar(organizacao, procurado)]


@pytest.mark.parametrize(
    "procurado",
    [
        "orçamento",
        "ORCAMENTO",
        "orcam",
        "cozinha orc",
        "Orçamento, da cozinha!",
        "2.50",
    ],
)
def test_words_are_found_however_written(conversa: Conversa, procurado: str) -> None:
    nova_mensagem(conversa, "Mande o Orçamento da cozinha por R$ 2.500,00")
    nova_mensagem(conversa, "Bom dia")

    assert achadas(conversa.organizacao_id, procurado) == [
        "Mande o Orçamento da cozinha por R$ 2.500,00"
    ]


@pytest.mark.parametrize(
    "procurado",
    ["", "  ", "!!!", "banheiro", "camento", "cozinha banheiro", "\x00'&|:*"],
)
def test_what_was_not_said_is_not_found(conversa: Conversa, procurado: str) -> None:
    nova_mensagem(conversa, "Orçamento da cozinha")

    assert achadas(conversa.organizacao_id, procurado) == []


def test_newest_first_and_never_what_was_deleted(conversa: Conversa) -> None:
    for n in range(25):
        nova_mensagem(conversa, f"proposta {n}")
    nova_mensagem(conversa, "proposta secreta", apagada_em=timezone.now())

    assert achadas(conversa.organizacao_id, "proposta") == [
        f"proposta {n}" for n in range(24, 4, -1)
    ]


def test_another_organisation_is_never_searched(
    conversa: Conversa, alheia: Conversa
) -> None:
    nova_mensagem(conversa, "proposta nossa")
    nova_mensagem(alheia, "proposta alheia")

    assert achadas(conversa.organizacao_id, "proposta") == ["proposta nossa"]
    # Not by naming its word in the index either.
    outra = f"o{alheia.organizacao_id.hex}"
    assert achadas(conversa.organizacao_id, outra) == []


def test_function_finds_nothing_outside_an_organisation(
    gente: SimpleNamespace, conversa: Conversa
) -> None:
    nova_mensagem(conversa, "proposta nossa")

    with sistema("comando"), connection.cursor() as cursor:
        cursor.execute("SELECT procurar_mensagens('proposta', 20)")
        assert cursor.fetchall() == []


def test_piece_shows_the_words_where_they_stand() -> None:
    texto = "x" * 60 + " Mande o orçamento da cozinha " + "y" * 200

    partes = busca.trecho(texto, ["orcam", "cozinha"])

    assert [t for t, achada in partes if achada] == ["orçamento", "cozinha"]
    inteiro = "".join(t for t, _ in partes)
    assert inteiro.strip("…") in texto
    assert (inteiro[0], inteiro[-1]) == ("…", "…")


def test_search_shows_people_and_messages_safely(
    conversa: Conversa, entrar: Callable[[str], Client]
) -> None:
    dita = nova_mensagem(conversa, "<script>alert(1)</script> proposta")

    pagina = entrar("bruno").get("/conversas/", {"busca": "proposta"})

    conteudo = pagina.content.decode()
    assert "Nas mensagens" in conteudo
    assert f"/conversas/{conversa.pk}/?ver={dita.pk}" in conteudo
    assert "<mark>proposta</mark>" in conteudo
    assert "<script>alert" not in conteudo
    nada = entrar("bruno").get("/conversas/", {"busca": "zzzz"}).content.decode()
    assert "Nada encontrado" in nada


def test_an_edit_is_found_by_its_new_words(conversa: Conversa) -> None:
    dita = nova_mensagem(conversa, "antiga")
    with na(conversa.organizacao_id):
        Mensagem.objects.filter(pk=dita.pk).update(texto="corrigida")

    assert achadas(conversa.organizacao_id, "antiga") == []
    assert achadas(conversa.organizacao_id, "corrigida") == ["corrigida"]
