"""What an organisation has: hub, pages, API, and who switches it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from conexoes import recursos
from conexoes.erros import ErroDeDominio
from conexoes.models import RecursoDaOrganizacao, RegistroAuditoria
from conexoes.tenancy import na, sistema
from whatsapp.models import SessaoWhatsapp
from whatsapp.services import sessoes

pytestmark = pytest.mark.django_db

Entrar = Callable[[str], Client]
Token = Callable[[str], dict[str, str]]
SLUG = "whatsapp_session"
PAGINAS = "/configuracoes/conexoes/whatsapp/"
API = "/api/v1/conexoes/whatsapp/"
NENHUMA = "00000000-0000-7000-8000-000000000000"


def porta(organizacao: Any, verbo: str, recurso: str = SLUG) -> str:
    pk = getattr(organizacao, "pk", organizacao)
    return f"/api/admin/orgs/{pk}/{recurso}/{verbo}"


def decididos() -> list[tuple[Any, str, bool]]:
    with sistema("comando"):
        linhas = RecursoDaOrganizacao.objects.order_by("pk")
        return [(linha.organizacao_id, linha.recurso, linha.ativo) for linha in linhas]


def auditados() -> list[tuple[str, Any, str]]:
    with sistema("comando"):
        linhas = RegistroAuditoria.objects.filter(acao__startswith="recurso.")
        return [
            (linha.acao, linha.organizacao_id, linha.autor_nome) for linha in linhas
        ]


@pytest.fixture
def sem_whatsapp(gente: SimpleNamespace) -> SimpleNamespace:
    """Aurora has no WhatsApp; Brisa has."""
    with na(gente.aurora):
        recursos.mudar(gente.aurora, SLUG, False, autor=gente.sofia)
    return gente


# --- Reading -----------------------------------------------------------------


def test_undecided_feature_is_as_it_comes(gente: SimpleNamespace) -> None:
    with na(gente.aurora):
        assert recursos.ativo(gente.aurora, SLUG) is True
        assert recursos.ativos(gente.aurora) == {
            slug for slug, recurso in recursos.todos().items() if recurso.de_fabrica
        }
        with pytest.raises(KeyError):
            recursos.ativo(gente.aurora, "teletransporte")


def test_switching_is_for_one_organisation(sem_whatsapp: SimpleNamespace) -> None:
    with na(sem_whatsapp.aurora):
        assert recursos.ativo(sem_whatsapp.aurora, SLUG) is False
    with na(sem_whatsapp.brisa):
        assert recursos.ativo(sem_whatsapp.brisa, SLUG) is True


def test_nobody_switches_what_no_integration_declares(gente: SimpleNamespace) -> None:
    with pytest.raises(ErroDeDominio), na(gente.aurora):
        recursos.mudar(gente.aurora, "teletransporte", True, autor=gente.sofia)

    assert decididos() == []


def test_reading_costs_one_query(
    gente: SimpleNamespace, django_assert_num_queries: Callable[..., Any]
) -> None:
    with na(gente.aurora), django_assert_num_queries(1):
        recursos.ativo(gente.aurora, SLUG)
    with na(gente.aurora), django_assert_num_queries(1):
        recursos.ativos(gente.aurora)


# --- Without it --------------------------------------------------------------


def test_card_says_that_it_is_not_included(
    sem_whatsapp: SimpleNamespace, entrar: Entrar
) -> None:
    da_aurora = entrar("ana").get("/configuracoes/conexoes/").content.decode()
    da_brisa = entrar("carla").get("/configuracoes/conexoes/").content.decode()

    assert "Não incluído" in da_aurora
    assert f'href="{PAGINAS}"' not in da_aurora
    assert "Não incluído" not in da_brisa
    assert f'href="{PAGINAS}"' in da_brisa


@pytest.mark.parametrize("quem", ["ana", "bruno"])
def test_pages_answer_404_and_say_why(
    sem_whatsapp: SimpleNamespace, entrar: Entrar, quem: str
) -> None:
    pessoa = entrar(quem)

    for caminho in ("", "sessao/", "historico/", "risco/", "qr/", "codigo/"):
        resposta = pessoa.get(PAGINAS + caminho)
        assert resposta.status_code == 404, caminho
        assert "não está incluído" in resposta.content.decode()
    for caminho in ("conectar/", "novo-qr/", "pedir-codigo/", "numero/", "grupos/"):
        resposta = pessoa.post(PAGINAS + caminho, {"aceito_risco": "on"})
        assert resposta.status_code == 404, caminho
    with sistema("comando"):
        assert SessaoWhatsapp.objects.count() == 0


def test_another_organisations_pages_stay(
    sem_whatsapp: SimpleNamespace, entrar: Entrar
) -> None:
    assert entrar("davi").get(PAGINAS).status_code == 200


def test_strangers_are_asked_to_log_in_all_the_same(
    sem_whatsapp: SimpleNamespace,
) -> None:
    assert Client().get(PAGINAS)["Location"].startswith("/conta/entrar/")


def test_api_answers_404(sem_whatsapp: SimpleNamespace, token: Token) -> None:
    cabecalhos = token("bruno")
    corpo = {"content_type": "application/json", "headers": cabecalhos}

    for caminho in ("qr-code", "status", "codigo"):
        assert Client().get(API + caminho, headers=cabecalhos).status_code == 404
    inicio = Client().post(API + "iniciar", {"aceito_risco": True}, **corpo)
    assert inicio.status_code == 404
    assert inicio.json()["erro"]["codigo"] == "nao_encontrado"
    assert Client().post(API + "grupos", {"recebe": True}, **corpo).status_code == 404
    assert Client().get(API + "status").status_code == 401
    with sistema("comando"):
        assert SessaoWhatsapp.objects.count() == 0


@pytest.mark.parametrize("por", ["pagina", "api"])
def test_whoever_is_connected_may_still_leave(
    gente: SimpleNamespace, entrar: Entrar, token: Token, por: str
) -> None:
    with na(gente.aurora):
        sessoes.conectar_sessao(gente.bruno, aceita_risco=True)
        recursos.mudar(gente.aurora, SLUG, False, autor=gente.sofia)

    if por == "pagina":
        resposta = entrar("bruno").post(PAGINAS + "desconectar/")
    else:
        resposta = Client().post(API + "desconectar", headers=token("bruno"))

    assert resposta.status_code in (200, 302)
    with sistema("comando"):
        sessao = SessaoWhatsapp.objects.get()
    assert (sessao.status, sessao.ligada) == ("disconnected", False)


@pytest.mark.parametrize(("quem", "sai"), [("bruno", 1), ("ana", 0), ("davi", 0)])
def test_only_whoever_is_connected_is_offered_the_way_out(
    gente: SimpleNamespace, entrar: Entrar, quem: str, sai: int
) -> None:
    with na(gente.aurora):
        sessoes.conectar_sessao(gente.bruno, aceita_risco=True)
    for organizacao in (gente.aurora, gente.brisa):
        with na(organizacao):
            recursos.mudar(organizacao, SLUG, False, autor=gente.sofia)
    pessoa = entrar(quem)

    cartao = pessoa.get("/configuracoes/conexoes/").content.decode()
    pagina = pessoa.get(PAGINAS).content.decode()

    assert cartao.count(f'href="{PAGINAS}"') == sai
    assert pagina.count(f'action="{PAGINAS}desconectar/"') == sai
    assert pagina.count("Desconectar WhatsApp") == sai


def test_leaving_says_so(sem_whatsapp: SimpleNamespace, entrar: Entrar) -> None:
    with na(sem_whatsapp.aurora):
        sessoes.conectar_sessao(sem_whatsapp.bruno, aceita_risco=True)
    bruno = entrar("bruno")

    resposta = bruno.post(f"{PAGINAS}desconectar/", follow=True)

    assert resposta.status_code == 404
    texto = resposta.content.decode()
    assert "WhatsApp desconectado." in texto
    assert "Desconectar WhatsApp" not in texto


# --- Switching ---------------------------------------------------------------


def test_super_admin_takes_and_gives_by_the_documents_address(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    sofia = entrar("sofia")

    tirada = sofia.put(porta(gente.aurora, "disable"))
    de_novo = sofia.put(porta(gente.aurora, "disable"))
    dada = sofia.put(porta(gente.aurora, "enable"))

    corpo = {"organizacao": str(gente.aurora.pk), "recurso": SLUG}
    assert (tirada.status_code, tirada.json()) == (200, corpo | {"ativo": False})
    assert de_novo.json() == tirada.json()
    assert dada.json() == corpo | {"ativo": True}
    assert decididos() == [(gente.aurora.pk, SLUG, True)]
    assert auditados() == [
        ("recurso.ligado", gente.aurora.pk, "Sofia Souza"),
        ("recurso.desligado", gente.aurora.pk, "Sofia Souza"),
    ]


def test_organisation_of_the_session_does_not_matter(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    sofia = entrar("sofia")
    sofia.post("/organizacoes/trocar/", {"organizacao": str(gente.aurora.pk)})

    resposta = sofia.put(
        porta(gente.brisa, "disable"), headers={"X-Org-Id": str(gente.aurora.pk)}
    )

    assert resposta.status_code == 200
    assert decididos() == [(gente.brisa.pk, SLUG, False)]


@pytest.mark.parametrize("verbo", ["enable", "disable"])
def test_only_a_super_admins_session_switches(
    gente: SimpleNamespace, entrar: Entrar, token: Token, verbo: str
) -> None:
    url = porta(gente.aurora, verbo)

    assert Client().put(url).status_code == 401
    assert Client().put(url, headers=token("ana")).status_code == 401
    assert entrar("ana").put(url).status_code == 403
    assert entrar("bruno").put(url).status_code == 403
    assert entrar("sofia").get(url).status_code == 405
    assert decididos() == []
    with sistema("comando"):
        recusas = RegistroAuditoria.objects.filter(acao="acesso.recusado")
        assert recusas.count() == 2


def test_switching_asks_for_the_csrf_token(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    sofia = entrar("sofia")
    sofia.handler.enforce_csrf_checks = True

    assert sofia.put(porta(gente.aurora, "disable")).status_code == 403
    assert decididos() == []


def test_what_does_not_exist_is_404(gente: SimpleNamespace, entrar: Entrar) -> None:
    sofia = entrar("sofia")

    assert sofia.put(porta(NENHUMA, "disable")).status_code == 404
    assert sofia.put(porta(gente.aurora, "disable", "outro")).status_code == 404
    assert sofia.put("/api/admin/orgs/x/y/disable").status_code == 404
    assert decididos() == []


def test_super_admin_switches_in_the_admin(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    sofia = entrar("sofia")
    lista = "/admin/conexoes/recursodaorganizacao/"
    novo = {"organizacao": str(gente.aurora.pk), "recurso": SLUG}

    recusado = sofia.post(f"{lista}add/", novo | {"recurso": "outro"})
    criado = sofia.post(f"{lista}add/", novo)
    repetido = sofia.post(f"{lista}add/", novo)

    assert (recusado.status_code, repetido.status_code) == (200, 200)
    assert criado.status_code == 302
    assert decididos() == [(gente.aurora.pk, SLUG, False)]
    with sistema("comando"):
        [linha] = RecursoDaOrganizacao.objects.all()
    sofia.post(f"{lista}{linha.pk}/change/", {"ativo": "on"})
    sofia.post(f"{lista}{linha.pk}/change/", {"ativo": "on"})
    assert sofia.post(f"{lista}{linha.pk}/delete/").status_code == 403
    assert decididos() == [(gente.aurora.pk, SLUG, True)]
    assert [acao for acao, _, _ in auditados()] == [
        "recurso.ligado",
        "recurso.desligado",
    ]


# --- The page of the organisation --------------------------------------------


def test_organisation_reads_what_it_has(
    sem_whatsapp: SimpleNamespace, entrar: Entrar
) -> None:
    url = "/configuracoes/organizacao/"

    assert "Não incluído" in entrar("ana").get(url).content.decode()
    assert "Não incluído" not in entrar("carla").get(url).content.decode()
