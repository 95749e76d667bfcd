"""One's own page: what can be changed there, and what cannot."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from conexoes.models import RegistroAuditoria
from conexoes.tenancy import sistema
from crm.models import Contato, Usuario
from tests.crm.conftest import nova_conversa

pytestmark = pytest.mark.django_db

Entrar = Callable[[str], Client]
PERFIL = "/conta/perfil/"
OUTROS = "/conta/perfil/aparelhos/sair/"


def ler(pessoa: Usuario) -> Usuario:
    with sistema("comando"):
        return Usuario.objects.get(pk=pessoa.pk)


def auditados(acao: str) -> list[RegistroAuditoria]:
    with sistema("comando"):
        return list(RegistroAuditoria.objects.filter(acao=acao))


def test_name_and_look_are_saved_and_audited(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    resposta = entrar("bruno").post(PERFIL, {"nome": " Bruno B. ", "tema": "escuro"})

    assert (resposta.status_code, resposta["Location"]) == (302, PERFIL)
    depois = ler(gente.bruno)
    assert (depois.nome, depois.tema) == ("Bruno B.", "escuro")
    [registro] = auditados("perfil.alterado")
    assert registro.detalhes == {"campos": ["nome", "tema"]}
    assert registro.organizacao_id == gente.aurora.pk


def test_saving_nothing_new_is_no_change(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    entrar("bruno").post(
        PERFIL, {"nome": "Bruno Barros", "tema": "sistema", "idioma": "pt-br"}
    )

    assert auditados("perfil.alterado") == []


@pytest.mark.parametrize("tema", ["sistema", "claro", "escuro"])
def test_every_page_wears_the_chosen_look(
    gente: SimpleNamespace, entrar: Entrar, tema: str
) -> None:
    with sistema("comando"):
        Usuario.objects.filter(pk=gente.bruno.pk).update(tema=tema)
    bruno = entrar("bruno")

    for url in ("/conversas/", PERFIL, "/conta/reautenticar/", "/nada/", "/conta/x/"):
        pagina = bruno.get(url).content.decode()
        assert f'data-tema="{tema}"' in pagina, url
    assert 'data-tema="sistema"' in Client().get("/conta/entrar/").content.decode()


def test_dark_look_is_told_to_the_browser_before_the_styles(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    with sistema("comando"):
        Usuario.objects.filter(pk=gente.bruno.pk).update(tema="escuro")

    pagina = entrar("bruno").get(PERFIL).content.decode()

    assert pagina.index('<meta name="color-scheme" content="dark">') < pagina.index(
        "css/tokens.css"
    )
    assert "prefers-color-scheme" not in pagina


@pytest.mark.parametrize(
    ("campos", "motivo"),
    [
        ({"nome": "", "tema": "claro"}, "Este campo é obrigatório."),
        ({"nome": "   ", "tema": "claro"}, "Este campo é obrigatório."),
        ({"nome": "x" * 256, "tema": "claro"}, "255"),
        ({"nome": "Bruno", "tema": "roxo"}, "roxo"),
        ({"nome": "Bruno"}, "Este campo é obrigatório."),
        ({"nome": "Bru\x00no", "tema": "claro"}, "nulo"),
    ],
)
def test_bad_input_is_refused_in_words(
    gente: SimpleNamespace, entrar: Entrar, campos: dict[str, str], motivo: str
) -> None:
    resposta = entrar("bruno").post(PERFIL, campos)

    assert resposta.status_code == 422
    assert motivo in resposta.content.decode()
    assert ler(gente.bruno).nome == "Bruno Barros"


def test_nothing_else_can_be_slipped_in(gente: SimpleNamespace, entrar: Entrar) -> None:
    antes = ler(gente.bruno)

    entrar("bruno").post(
        PERFIL,
        {
            "nome": "Bruno",
            "tema": "claro",
            "id": str(gente.ana.pk),
            "email": "outro@exemplo.test",
            "papel": "admin",
            "is_superuser": "on",
            "is_active": "",
            "organizacao": str(gente.brisa.pk),
            "permissoes_conexoes": '{"meta_lead_ads": true}',
            "password": "x",
            "geracao_de_sessoes": "9",
        },
    )

    depois = ler(gente.bruno)
    assert depois.nome == "Bruno"
    for campo in (
        *("email", "papel", "is_superuser", "is_active", "organizacao_id"),
        *("permissoes_conexoes", "password", "geracao_de_sessoes"),
    ):
        assert getattr(depois, campo) == getattr(antes, campo), campo
    assert ler(gente.ana).nome == "Ana Alves"


def test_language_is_offered_only_where_there_is_a_choice(
    gente: SimpleNamespace, entrar: Entrar, settings: Any
) -> None:
    bruno = entrar("bruno")
    settings.LANGUAGES = [("pt-br", "Português")]
    assert 'name="idioma"' not in bruno.get(PERFIL).content.decode()
    settings.LANGUAGES = [("pt-br", "Português"), ("en", "English")]

    aceito = bruno.post(PERFIL, {"nome": "Bruno", "tema": "claro", "idioma": "en"})
    outro = bruno.post(PERFIL, {"nome": "Bruno", "tema": "claro", "idioma": "xx"})

    assert (aceito.status_code, outro.status_code) == (302, 422)
    assert ler(gente.bruno).idioma == "en"


def test_other_devices_are_out_and_this_one_stays(
    gente: SimpleNamespace,
    entrar: Entrar,
    token: Callable[[str], dict[str, str]],
) -> None:
    aqui, ali, programa = entrar("bruno"), entrar("bruno"), token("bruno")
    copia = Client()
    copia.cookies["sessionid"] = aqui.cookies["sessionid"].value

    resposta = aqui.post(OUTROS)

    assert (resposta.status_code, resposta["Location"]) == (302, PERFIL)
    assert aqui.get("/conversas/").status_code == 200
    assert ali.get("/conversas/").status_code == 302
    # The session of before is worth nothing, in this browser's hands too.
    assert copia.get("/conversas/").status_code == 302
    api = Client().get("/api/v1/conexoes/whatsapp/status", headers=programa)
    assert api.status_code == 401
    [registro] = auditados("usuario.sessoes_encerradas")
    assert registro.autor_id == gente.bruno.pk


def test_page_counts_what_belongs_to_the_person(
    gente: SimpleNamespace, rita: Contato, entrar: Entrar
) -> None:
    nova_conversa(rita, gente.bruno)
    nova_conversa(rita, gente.ana)

    contexto = entrar("bruno").get(PERFIL).context

    alcance = contexto["alcance"]
    assert (alcance.conversas, alcance.numeros, alcance.chaves) == (1, 1, 0)


def test_frame_around_the_account_pages_is_the_organisations(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    for url in (PERFIL, "/conta/senha/alterar/"):
        pagina = entrar("ana").get(url).content.decode()
        assert "Aurora Imóveis" in pagina
        assert "Brisa" not in pagina
        assert 'href="/configuracoes/equipe/"' in pagina


def test_super_admin_has_a_profile_without_an_organisation(
    gente: SimpleNamespace, entrar: Entrar, settings: Any
) -> None:
    settings.DEMONSTRACAO = True
    sofia = entrar("sofia")

    pagina = sofia.get(PERFIL)
    salvo = sofia.post(PERFIL, {"nome": "Sofia", "tema": "claro"})

    assert pagina.status_code == 200
    assert "não pertence a nenhuma organização" in pagina.content.decode()
    assert salvo.status_code == 302
    assert ler(gente.sofia).tema == "claro"
    assert sofia.post(OUTROS).status_code == 302
    assert sofia.get(PERFIL).status_code == 200


@pytest.mark.parametrize("url", [PERFIL, OUTROS])
def test_nobody_unknown_and_no_forged_form(
    gente: SimpleNamespace, entrar: Entrar, url: str
) -> None:
    forjado = Client(enforce_csrf_checks=True)
    forjado.cookies = entrar("bruno").cookies

    anonimo = Client().post(url, {"nome": "x", "tema": "claro"})
    recusado = forjado.post(url, {"nome": "Forjado", "tema": "claro"})

    assert anonimo.status_code == 302
    assert anonimo["Location"].startswith("/conta/entrar/?next=")
    assert recusado.status_code == 403
    depois = ler(gente.bruno)
    assert (depois.nome, depois.geracao_de_sessoes) == ("Bruno Barros", 0)
