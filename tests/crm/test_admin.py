"""Organisations and people in the super admin's site."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conexoes.models import RecursoDaOrganizacao, RegistroAuditoria
from conexoes.tenancy import na, sistema
from crm.models import Organizacao, Usuario

pytestmark = pytest.mark.django_db

Entrar = Callable[[str], Client]
SENHA = "cavalo-bateria-grampo"
PESSOAS = "/admin/crm/usuario/"
ORGANIZACOES = "/admin/crm/organizacao/"


def ficha(organizacao: object, /, **campos: object) -> dict[str, object]:
    return {
        "email": "Nova@Exemplo.test",
        "nome": "Nova Pessoa",
        "organizacao": getattr(organizacao, "pk", ""),
        "papel": "member",
        "senha": SENHA,
        **campos,
    }


def dados(pessoa: Usuario, **campos: object) -> dict[str, object]:
    """What the form of a person who exists sends when nothing was touched."""
    return {
        "email": pessoa.email,
        "nome": pessoa.nome,
        "papel": pessoa.papel,
        "senha": "",
        **campos,
    }


def de(pessoa: Usuario) -> str:
    return f"{PESSOAS}{pessoa.pk}/change/"


def ler(pessoa: Usuario) -> Usuario:
    with sistema("comando"):
        return Usuario.objects.get(pk=pessoa.pk)


def auditadas(acao: str) -> list[RegistroAuditoria]:
    with sistema("comando"):
        return list(RegistroAuditoria.objects.filter(acao=acao).order_by("id"))


def test_super_admin_makes_an_organisation_and_a_person_who_logs_in(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    sofia = entrar("sofia")
    sofia.post(f"{ORGANIZACOES}add/", {"nome": "Cedro Seguros"})
    with sistema("comando"):
        cedro = Organizacao.objects.get(nome="Cedro Seguros")

    sofia.post(f"{PESSOAS}add/", ficha(cedro))

    navegador = Client()
    resposta = navegador.post(
        "/conta/entrar/", {"login": "nova@exemplo.test", "password": SENHA}
    )
    assert resposta.status_code == 302
    assert "Cedro Seguros" in navegador.get("/contatos/").content.decode()
    [criada] = auditadas("organizacao.criada")
    assert (criada.organizacao_id, criada.autor_nome) == (cedro.pk, "Sofia Souza")


def test_a_new_person_has_no_password_to_keep(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    sofia = entrar("sofia")

    nova = sofia.get(f"{PESSOAS}add/").content.decode()
    antiga = sofia.get(de(gente.bruno)).content.decode()

    assert "A primeira senha: a pessoa a troca no próprio perfil." in nova
    assert "para manter a senha atual" not in nova
    assert "para manter a senha atual" in antiga


@pytest.mark.parametrize(
    ("campos", "texto"),
    [
        ({"senha": ""}, "Defina a primeira senha"),
        ({"senha": "123"}, "senha"),
        ({"is_superuser": "on"}, "Super admins não têm organização"),
        ({"papel": "super"}, "papel"),
        ({"email": "ana@exemplo.test"}, "já existe"),
        ({"organizacao": str(uuid4())}, "escolha válida"),
    ],
)
def test_a_wrong_form_makes_nobody(
    gente: SimpleNamespace, entrar: Entrar, campos: dict[str, str], texto: str
) -> None:
    resposta = entrar("sofia").post(f"{PESSOAS}add/", ficha(gente.aurora, **campos))

    assert resposta.status_code == 200
    assert texto in resposta.content.decode()
    with sistema("comando"):
        assert not Usuario.objects.filter(nome="Nova Pessoa").exists()


def test_only_what_the_form_shows_is_changed(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    alheios = {
        "organizacao": gente.brisa.pk,
        "is_superuser": "on",
        "is_active": "",
        "password": "x",
        "geracao_de_sessoes": "9",
        "permissoes_conexoes": '{"tudo": true}',
        "id": uuid4(),
    }

    entrar("sofia").post(
        de(gente.bruno), dados(gente.bruno, nome="Bruno Braga", **alheios)
    )

    bruno = ler(gente.bruno)
    assert bruno.nome == "Bruno Braga"
    for campo in ("organizacao_id", "is_superuser", "is_active", "password"):
        assert getattr(bruno, campo) == getattr(gente.bruno, campo), campo
    assert (bruno.geracao_de_sessoes, bruno.permissoes_conexoes) == (0, {})


def test_role_and_permissions_go_through_the_rules_of_the_team(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    sofia = entrar("sofia")

    sofia.post(de(gente.bruno), dados(gente.bruno, instagram_direct="on"))
    recusada = sofia.post(de(gente.ana), dados(gente.ana, papel="member"), follow=True)

    assert ler(gente.bruno).permissoes_conexoes == {
        "meta_lead_ads": False,
        "instagram_direct": True,
    }
    assert "ao menos uma pessoa na administração" in recusada.content.decode()
    assert ler(gente.ana).papel == "admin"
    [mudanca] = auditadas("usuario.alterado")
    assert mudanca.detalhes == {"campos": ["permissoes_conexoes"]}


def test_a_new_password_ends_the_sessions_and_is_never_written_down(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    bruno, sofia = entrar("bruno"), entrar("sofia")

    sofia.post(de(gente.bruno), dados(gente.bruno, senha=SENHA))

    assert bruno.get("/contatos/").status_code == 302
    assert ler(gente.bruno).check_password(SENHA)
    assert SENHA not in sofia.get(de(gente.bruno)).content.decode()
    [mudanca] = auditadas("usuario.alterado")
    assert mudanca.detalhes == {"campos": ["senha"]}


def test_an_old_address_opens_the_account_no_more(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    with sistema("autenticacao"):
        EmailAddress.objects.create(
            user=gente.bruno, email=gente.bruno.email, verified=True, primary=True
        )

    entrar("sofia").post(de(gente.bruno), dados(gente.bruno, email="B@Novo.test"))

    assert ler(gente.bruno).email == "b@novo.test"
    with sistema("autenticacao"):
        assert not EmailAddress.objects.filter(user=gente.bruno.pk).exists()


def test_a_super_admin_changes_their_own_name(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    resposta = entrar("sofia").post(
        de(gente.sofia),
        {"nome": "Sofia Lima", "email": gente.sofia.email, "senha": ""},
    )

    assert resposta.status_code == 302
    assert ler(gente.sofia).nome == "Sofia Lima"
    assert ler(gente.sofia).is_superuser is True


def test_whoever_is_deactivated_is_out_and_comes_back_without_a_session(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    bruno, sofia = entrar("bruno"), entrar("sofia")
    url = reverse("admin:crm_usuario_desativar", args=[gente.bruno.pk])

    sofia.post(url, {"conversas_para": gente.ana.pk})

    assert bruno.get("/contatos/").status_code == 302
    assert ler(gente.bruno).is_active is False
    assert len(auditadas("usuario.desativado")) == 1

    sofia.post(reverse("admin:crm_usuario_reativar", args=[gente.bruno.pk]))

    assert ler(gente.bruno).is_active is True
    assert bruno.get("/contatos/").status_code == 302
    assert len(auditadas("usuario.reativado")) == 1


def test_the_last_admin_and_oneself_are_not_shut_out(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    sofia = entrar("sofia")

    for quem, texto in (
        (gente.ana, "ao menos uma pessoa na administração"),
        (gente.sofia, "Ninguém desativa a si mesmo"),
    ):
        url = reverse("admin:crm_usuario_desativar", args=[quem.pk])
        resposta = sofia.post(url)
        assert resposta.status_code == 422
        assert texto in resposta.content.decode()
        assert ler(quem).is_active is True


@pytest.mark.parametrize("herdeiro", ["carla", "sofia", "nada"])
def test_conversations_go_to_nobody_outside_the_organisation(
    gente: SimpleNamespace, entrar: Entrar, herdeiro: str
) -> None:
    quem = getattr(gente, herdeiro, None)
    url = reverse("admin:crm_usuario_desativar", args=[gente.bruno.pk])

    resposta = entrar("sofia").post(url, {"conversas_para": quem.pk if quem else "x"})

    assert resposta.status_code == 404
    assert ler(gente.bruno).is_active is True


def test_sessions_are_ended_from_here(gente: SimpleNamespace, entrar: Entrar) -> None:
    bruno, sofia = entrar("bruno"), entrar("sofia")

    sofia.post(reverse("admin:crm_usuario_sessoes", args=[gente.bruno.pk]))

    assert bruno.get("/contatos/").status_code == 302
    assert len(auditadas("usuario.sessoes_encerradas")) == 1


@pytest.mark.parametrize("verbo", ["desativar", "reativar", "sessoes"])
def test_the_verbs_are_for_the_super_admin_alone(
    gente: SimpleNamespace, entrar: Entrar, verbo: str
) -> None:
    url = reverse(f"admin:crm_usuario_{verbo}", args=[gente.bruno.pk])

    assert entrar("ana").post(url, follow=True).status_code == 403
    assert Client().post(url).url.startswith("/admin/login/")
    ninguem = reverse(f"admin:crm_usuario_{verbo}", args=[uuid4()])
    assert entrar("sofia").post(ninguem).status_code == 404
    bruno = ler(gente.bruno)
    assert (bruno.is_active, bruno.geracao_de_sessoes) == (True, 0)


@pytest.mark.parametrize("url", [PESSOAS, ORGANIZACOES])
def test_lists_cost_the_same_for_few_as_for_many(
    gente: SimpleNamespace, entrar: Entrar, url: str
) -> None:
    sofia = entrar("sofia")
    with CaptureQueriesContext(connection) as poucas:
        sofia.get(url)
    with sistema("comando"):
        novas = [Organizacao.objects.create(nome=f"Empresa {n}") for n in range(9)]
    for nova in novas:
        with na(nova):
            Usuario.objects.create_user(
                f"{nova.pk}@exemplo.test", nome="Pessoa", organizacao=nova
            )

    with CaptureQueriesContext(connection) as muitas:
        sofia.get(url)

    assert len(muitas) == len(poucas)


def test_people_are_filtered_by_organisation_and_state(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    sofia = entrar("sofia")

    def nomes(filtro: str) -> set[str]:
        lista = sofia.get(f"{PESSOAS}?{filtro}").context["cl"].result_list
        return {pessoa.nome for pessoa in lista}

    assert nomes(f"organizacao={gente.aurora.pk}") == {"Ana Alves", "Bruno Barros"}
    assert nomes("organizacao=nenhuma") == {"Sofia Souza"}
    assert nomes("is_active__exact=0") == set()
    assert nomes("q=carla") == {"Carla Costa"}


def recursos(organizacao: Any, *linhas: dict[str, object]) -> dict[str, object]:
    """The form of an organisation with its features below."""
    iniciais = sum("id" in linha for linha in linhas)
    campos: dict[str, object] = {
        "nome": organizacao.nome,
        "recursodaorganizacao_set-TOTAL_FORMS": len(linhas),
        "recursodaorganizacao_set-INITIAL_FORMS": iniciais,
    }
    for n, linha in enumerate(linhas):
        for campo, valor in linha.items():
            campos[f"recursodaorganizacao_set-{n}-{campo}"] = valor
    return campos


def test_features_are_given_and_taken_with_an_audit_line_each(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    sofia = entrar("sofia")
    url = f"{ORGANIZACOES}{gente.aurora.pk}/change/"
    prefixo = sofia.get(url).context["inline_admin_formsets"][0].formset.prefix

    def enviar(*linhas: dict[str, object]) -> Any:
        campos = {
            nome.replace("recursodaorganizacao_set", prefixo): valor
            for nome, valor in recursos(gente.aurora, *linhas).items()
        }
        return sofia.post(url, campos)

    inventado = enviar({"recurso": "inventado", "ativo": "on"})
    assert inventado.status_code == 200
    enviar({"recurso": "whatsapp_session", "ativo": "on"})
    with sistema("comando"):
        dado = RecursoDaOrganizacao.objects.get()
    assert (dado.organizacao_id, dado.recurso, dado.ativo) == (
        gente.aurora.pk,
        "whatsapp_session",
        True,
    )
    ja = {"id": dado.pk, "organizacao": gente.aurora.pk, "recurso": "whatsapp_session"}
    duplo = enviar(ja | {"ativo": "on"}, {"recurso": "whatsapp_session", "ativo": "on"})
    assert duplo.status_code == 200
    enviar(ja)

    with sistema("comando"):
        assert RecursoDaOrganizacao.objects.get().ativo is False
    for acao in ("recurso.ligado", "recurso.desligado"):
        [registro] = auditadas(acao)
        assert registro.objeto == "recurso:whatsapp_session"
        assert registro.organizacao_id == gente.aurora.pk


def test_nothing_that_others_point_at_is_deleted(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    sofia = entrar("sofia")

    assert sofia.post(f"{PESSOAS}{gente.bruno.pk}/delete/").status_code == 403
    assert sofia.post(f"{ORGANIZACOES}{gente.brisa.pk}/delete/").status_code == 403
