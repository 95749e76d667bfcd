"""The team: changed, listed, and who may."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from conexoes.erros import ErroDeDominio
from conexoes.models import Notificacao, RegistroAuditoria
from conexoes.tenancy import na, sistema
from crm.models import Convite, Usuario
from crm.services import equipe
from tests.crm.equipe import EQUIPE, Entrar, acoes, convidar, ler, todos

pytestmark = pytest.mark.django_db(transaction=True)


# --- What each may do ---------------------------------------------------------------


def test_role_and_grants_change_on_the_next_request(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    bruno = entrar("bruno")
    assert bruno.get(EQUIPE).status_code == 403

    entrar("ana").post(
        f"{EQUIPE}{gente.bruno.pk}/", {"nome": "Bruno Barros", "papel": "admin"}
    )

    assert bruno.get(EQUIPE).status_code == 200
    [aviso] = todos(Notificacao)
    assert (aviso.usuario_id, aviso.titulo) == (gente.bruno.pk, "Seu acesso mudou")
    assert acoes() == ["usuario.alterado"]
    [registro] = todos(RegistroAuditoria, acao="usuario.alterado")
    assert registro.detalhes == {"campos": ["papel"]}


def test_a_new_name_is_no_new_access(gente: SimpleNamespace, entrar: Entrar) -> None:
    entrar("ana").post(
        f"{EQUIPE}{gente.bruno.pk}/", {"nome": "Bruno Braga", "papel": "member"}
    )

    assert ler(gente.bruno).nome == "Bruno Braga"
    assert todos(Notificacao) == []
    [registro] = todos(RegistroAuditoria, acao="usuario.alterado")
    assert registro.detalhes == {"campos": ["nome"]}


@pytest.mark.parametrize(
    "campos",
    [
        {"is_superuser": "on"},
        {"organizacao": "BRISA"},
        {"email": "outro@exemplo.test"},
        {"is_active": ""},
        {"password": "x"},
    ],
)
def test_nothing_else_can_be_slipped_in(
    gente: SimpleNamespace, entrar: Entrar, campos: dict[str, str]
) -> None:
    campos = {k: v.replace("BRISA", str(gente.brisa.pk)) for k, v in campos.items()}
    antes = ler(gente.bruno)

    entrar("ana").post(
        f"{EQUIPE}{gente.bruno.pk}/",
        {"nome": "Bruno Barros", "papel": "member", **campos},
    )

    depois = ler(gente.bruno)
    for campo in ("is_superuser", "organizacao_id", "email", "is_active", "password"):
        assert getattr(depois, campo) == getattr(antes, campo)


@pytest.mark.parametrize(
    ("busca", "achada"),
    [("tania", 1), ("TÂNIA gonc", 1), ("gonçalves tânia", 1), ("nia@", 0), ("%", 0)],
)
def test_person_is_found_however_accented(
    gente: SimpleNamespace, entrar: Entrar, busca: str, achada: int
) -> None:
    with na(gente.aurora, papel="admin"):
        Usuario.objects.create(
            nome="Tânia GONÇALVES", email="tg@aurora.example", organizacao=gente.aurora
        )

    resposta = entrar("ana").get(EQUIPE, {"busca": busca})

    assert resposta.content.decode().count("tg@aurora.example") == achada


def test_nobody_changes_their_own_role(gente: SimpleNamespace, entrar: Entrar) -> None:
    with sistema("comando"):
        Usuario.objects.filter(pk=gente.bruno.pk).update(papel="admin")

    resposta = entrar("ana").post(
        f"{EQUIPE}{gente.ana.pk}/", {"nome": "Ana", "papel": "member"}
    )

    assert resposta.status_code == 422
    assert "Ninguém muda o próprio papel." in resposta.content.decode()
    assert ler(gente.ana).papel == "admin"


def test_two_admins_who_demote_each_other_leave_one(gente: SimpleNamespace) -> None:
    with sistema("comando"):
        Usuario.objects.filter(pk=gente.bruno.pk).update(papel="admin")

    def rebaixar(par: tuple[Usuario, Usuario]) -> str:
        quem, autor = par
        try:
            with na(gente.aurora, autor):
                equipe.alterar(
                    Usuario.objects.get(pk=quem.pk),
                    nome=quem.nome,
                    papel="member",
                    permissoes={},
                    autor=autor,
                )
            return "feito"
        except ErroDeDominio:
            return "recusado"
        finally:
            connection.close()

    pares = [(gente.ana, gente.bruno), (gente.bruno, gente.ana)]
    with ThreadPoolExecutor(2) as duas:
        assert sorted(duas.map(rebaixar, pares)) == ["feito", "recusado"]
    assert len(todos(Usuario, organizacao=gente.aurora, papel="admin")) == 1


# --- Who may ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        *("convidar/", "{um}/", "{um}/desativar/", "{um}/reativar/", "{um}/sessoes/"),
        *("{um}/duas-etapas/zerar/", "convites/{convite}/reenviar/"),
        "convites/{convite}/cancelar/",
    ],
)
def test_forged_forms_are_refused(
    gente: SimpleNamespace, entrar: Entrar, url: str
) -> None:
    ana = entrar("ana")
    convidar(ana, "nina@exemplo.test")
    [convite] = todos(Convite)
    forjado = Client(enforce_csrf_checks=True)
    forjado.cookies = ana.cookies
    campos = {"emails": "x@exemplo.test", "nome": "Forjado", "papel": "admin"}

    resposta = forjado.post(
        EQUIPE + url.format(um=gente.bruno.pk, convite=convite.pk), campos
    )

    assert resposta.status_code == 403
    bruno = ler(gente.bruno)
    assert (bruno.nome, bruno.papel, bruno.is_active, bruno.geracao_de_sessoes) == (
        *("Bruno Barros", "member", True),
        0,
    )
    assert [(c.pk, c.cancelado_em) for c in todos(Convite)] == [(convite.pk, None)]


def enderecos(gente: SimpleNamespace) -> list[tuple[str, str]]:
    um = gente.bruno.pk
    return [
        ("get", EQUIPE),
        ("get", f"{EQUIPE}convidar/"),
        ("post", f"{EQUIPE}convidar/"),
        ("get", f"{EQUIPE}{um}/"),
        ("post", f"{EQUIPE}{um}/"),
        ("get", f"{EQUIPE}{um}/desativar/"),
        ("post", f"{EQUIPE}{um}/desativar/"),
        ("post", f"{EQUIPE}{um}/reativar/"),
        ("post", f"{EQUIPE}{um}/sessoes/"),
        ("post", f"{EQUIPE}{um}/duas-etapas/zerar/"),
    ]


def test_member_is_refused_everywhere_and_it_is_audited(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    bruno = entrar("bruno")

    for metodo, url in enderecos(gente):
        assert getattr(bruno, metodo)(url).status_code == 403, url

    recusas = todos(RegistroAuditoria, acao="acesso.recusado")
    assert len(recusas) == len(enderecos(gente))
    assert ler(gente.bruno).is_active


def test_another_organisations_people_do_not_exist(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    convidar(entrar("ana"), "nina@exemplo.test")
    [convite] = todos(Convite)
    davi = entrar("davi" if gente.davi.papel == "admin" else "carla")

    for metodo, url in enderecos(gente)[3:]:
        assert getattr(davi, metodo)(url).status_code == 404, url
    for verbo in ("reenviar", "cancelar"):
        url = f"{EQUIPE}convites/{convite.pk}/{verbo}/"
        assert davi.post(url).status_code == 404
    assert todos(Convite)[0].cancelado_em is None
    assert "Bruno Barros" not in davi.get(EQUIPE).content.decode()


def test_list_costs_the_same_however_long(
    gente: SimpleNamespace,
    entrar: Entrar,
    django_assert_num_queries: Callable[..., Any],
) -> None:
    ana = entrar("ana")
    for quantas in (1, 30):
        with sistema("comando"):
            for n in range(quantas):
                Usuario.objects.create(
                    email=f"p{quantas}-{n}@exemplo.test",
                    nome=f"P{n}",
                    organizacao=gente.aurora,
                )
        with django_assert_num_queries(18):
            ana.get(EQUIPE)
