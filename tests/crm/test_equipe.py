"""The team: invited, changed, shut out, let in again."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conexoes import drenos
from conexoes.erros import ErroDeDominio
from conexoes.models import (
    ChaveDeApi,
    EventoPendente,
    Notificacao,
    RegistroAuditoria,
)
from conexoes.registro import formatador
from conexoes.tenancy import na, sistema
from crm.models import Contato, Conversa, Convite, Oportunidade, Usuario
from crm.services import equipe, oportunidades
from tests.crm.conftest import nova_conversa
from tests.crm.funil import nova

pytestmark = pytest.mark.django_db(transaction=True)

Entrar = Callable[[str], Client]
EQUIPE = "/configuracoes/equipe/"
BOA = "uma-senha-bem-longa-42"


def todos(modelo: Any, **filtro: Any) -> list[Any]:
    with sistema("comando"):
        return list(modelo.objects.filter(**filtro).order_by("pk"))


def ler(pessoa: Usuario) -> Usuario:
    return todos(Usuario, pk=pessoa.pk)[0]


def acoes() -> list[str]:
    return [r.acao for r in todos(RegistroAuditoria) if r.acao != "acesso.recusado"]


def convidar(navegador: Client, emails: str, **campos: Any) -> Any:
    return navegador.post(
        f"{EQUIPE}convidar/", {"emails": emails, "papel": "member", **campos}
    )


def link() -> str:
    """Where the newest invitation mail leads."""
    drenos.drenar_saida()
    achado = re.search(r"(/conta/convite/\S+)", str(mail.outbox[-1].body))
    assert achado
    return achado[1]


def aceitar(url: str, nome: str = "Nina Nunes", senha: str = BOA) -> Any:
    return Client().post(url, {"nome": nome, "senha": senha})


# --- Invitations -----------------------------------------------------------------


def test_invited_person_makes_an_account_and_is_in(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    resposta = convidar(
        entrar("ana"), "Nina@Exemplo.test", papel="member", meta_lead_ads="on"
    )
    assert resposta.status_code == 302
    url = link()
    [carta] = mail.outbox
    assert carta.to == ["nina@exemplo.test"]
    assert "Ana Alves convidou você para a equipe de Aurora Imóveis" in carta.body
    navegador = Client()
    pagina = navegador.get(url)
    assert "nina@exemplo.test" in pagina.content.decode()
    # No path leaves, and the origin does: without it browsers cannot send the form.
    assert pagina["Referrer-Policy"] == "strict-origin"

    entrou = navegador.post(url, {"nome": "Nina Nunes", "senha": BOA}, follow=True)

    assert entrou.redirect_chain[-1][0] == "/conversas/"
    [nina] = todos(Usuario, email="nina@exemplo.test")
    assert (nina.nome, nina.papel, nina.organizacao_id) == (
        "Nina Nunes",
        "member",
        gente.aurora.pk,
    )
    assert nina.permissoes_conexoes == {
        "meta_lead_ads": True,
        "instagram_direct": False,
    }
    assert not nina.is_superuser
    assert acoes() == ["convite.enviado", "convite.aceito"]


def test_invitation_whose_mail_was_refused_says_so_until_it_is_sent_again(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    recusa = "O servidor de e-mail recusou o endereço da pessoa (550)."
    ana = entrar("ana")
    convidar(ana, "nina@exemplo.test, nilo@exemplo.test")
    _nilo, nina = sorted(todos(Convite), key=lambda convite: str(convite.email))
    with sistema("comando"):
        EventoPendente.objects.filter(payload__convite=str(nina.pk)).update(
            status="failed", motivo="permanente", ultimo_erro=recusa
        )

    antes = ana.get(EQUIPE).content.decode()
    ana.post(f"{EQUIPE}convites/{nina.pk}/reenviar/")
    depois = ana.get(EQUIPE).content.decode()

    assert antes.count(f"O e-mail não saiu: {recusa}") == 1
    assert "O e-mail não saiu" not in depois


def test_link_opens_once(gente: SimpleNamespace, entrar: Entrar) -> None:
    convidar(entrar("ana"), "nina@exemplo.test")
    url = link()

    assert aceitar(url).status_code == 302
    depois = aceitar(url, "Outra")

    assert depois.status_code == 404
    assert "Este convite não vale mais" in depois.content.decode()
    assert len(todos(Usuario, email="nina@exemplo.test")) == 1


def test_two_who_accept_at_once_make_one_account(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    convidar(entrar("ana"), "nina@exemplo.test")
    url = link()

    def tentar(_: int) -> int:
        try:
            status: int = aceitar(url).status_code
            return status
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as duas:
        respostas = sorted(duas.map(tentar, range(2)))

    assert respostas == [302, 404]
    assert len(todos(Usuario, email="nina@exemplo.test")) == 1


@pytest.mark.parametrize("como", ["expired", "cancelled", "cut", "invented", "resent"])
def test_link_that_is_worth_nothing_says_so(
    gente: SimpleNamespace, entrar: Entrar, como: str
) -> None:
    ana = entrar("ana")
    convidar(ana, "nina@exemplo.test")
    url = link()
    [convite] = todos(Convite)
    if como == "expired":
        with sistema("comando"):
            Convite.objects.update(expira_em=timezone.now() - timedelta(seconds=1))
    elif como == "cancelled":
        ana.post(f"{EQUIPE}convites/{convite.pk}/cancelar/")
    elif como == "resent":
        ana.post(f"{EQUIPE}convites/{convite.pk}/reenviar/")
        assert link() != url
    else:
        url = url[:-3] + "/" if como == "cut" else "/conta/convite/nada/"

    assert aceitar(url).status_code == 404
    assert todos(Usuario, email="nina@exemplo.test") == []


@pytest.mark.parametrize("senha", ["12345678", "curta", "nina@exemplo.test", ""])
def test_weak_password_is_refused_in_words(
    gente: SimpleNamespace, entrar: Entrar, senha: str
) -> None:
    convidar(entrar("ana"), "nina@exemplo.test")

    resposta = aceitar(link(), senha=senha)

    assert resposta.status_code == 422
    assert todos(Usuario, email="nina@exemplo.test") == []


def test_link_is_told_neither_to_the_log_nor_to_the_trail(
    entrar: Entrar, caplog: pytest.LogCaptureFixture
) -> None:
    convidar(entrar("ana"), "nina@exemplo.test")
    url = link()
    token = url.removeprefix("/conta/convite/").rstrip("/")
    bruno = entrar("bruno")
    bruno.handler.enforce_csrf_checks = True

    assert bruno.post(url, {}).status_code == 403
    assert aceitar(url, senha="curta").status_code == 422

    ditas = [formatador().format(linha) for linha in caplog.records]
    assert sum("/conta/convite/***" in linha for linha in ditas) >= 2
    assert not [linha for linha in ditas if token in linha]
    [recusa] = todos(RegistroAuditoria, acao="acesso.recusado")
    assert recusa.objeto == "/conta/convite/***/"


def test_account_elsewhere_is_told_to_its_owner_only(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    resposta = convidar(entrar("ana"), "carla@exemplo.test")

    # As for anybody: who invites learns nothing of other organisations.
    assert resposta.status_code == 302
    drenos.drenar_saida()
    [carta] = mail.outbox
    assert "este e-mail já tem uma conta" in carta.body
    assert "/conta/convite/" not in carta.body


def test_inviting_costs_the_same_whoever_it_is(
    gente: SimpleNamespace,
    entrar: Entrar,
) -> None:
    ana = entrar("ana")
    convidar(ana, "aquece@exemplo.test")
    custos = []
    for email in ("ninguem@exemplo.test", "carla@exemplo.test", "sofia@exemplo.test"):
        with CaptureQueriesContext(connection) as consultas:
            resposta = convidar(ana, email)
        custos.append((resposta.status_code, resposta["Location"], len(consultas)))

    assert len(set(custos)) == 1


def test_several_at_once_and_what_cannot_be_stays_in_the_form(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    resposta = convidar(
        entrar("ana"), "um@exemplo.test, bruno@exemplo.test\num@exemplo.test"
    )

    assert resposta.status_code == 422
    conteudo = resposta.content.decode()
    assert "bruno@exemplo.test já está na equipe." in conteudo
    assert "um@exemplo.test</textarea>" not in conteudo
    assert [c.email for c in todos(Convite)] == ["um@exemplo.test"]


def test_second_invitation_of_an_address_replaces_the_first(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    ana = entrar("ana")
    convidar(ana, "nina@exemplo.test")
    antigo = link()
    convidar(ana, "NINA@exemplo.test", papel="admin")

    assert aceitar(link()).status_code == 302
    assert aceitar(antigo).status_code == 404
    assert todos(Usuario, email="nina@exemplo.test")[0].papel == "admin"


def test_fifty_a_day_is_enough(gente: SimpleNamespace, entrar: Entrar) -> None:
    emails = " ".join(f"p{n}@exemplo.test" for n in range(51))

    resposta = convidar(entrar("ana"), emails)

    assert "São até 50 convites por dia." in resposta.content.decode()
    assert len(todos(Convite)) == 50


def test_queue_keeps_no_link(gente: SimpleNamespace, entrar: Entrar) -> None:
    convidar(entrar("ana"), "nina@exemplo.test")
    token = link().rsplit("/", 2)[-2]

    [evento] = todos(EventoPendente)
    assert evento.status == "completed"
    assert token not in str(evento.payload)
    assert token not in todos(Convite)[0].token_hash


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


# --- Leaving ------------------------------------------------------------------------


def test_whoever_leaves_is_out_at_once_and_their_conversations_go_on(
    gente: SimpleNamespace,
    rita: Contato,
    entrar: Entrar,
    token: Callable[[str], dict[str, str]],
) -> None:
    dele = nova_conversa(rita, gente.bruno)
    dada = nova_conversa(rita, gente.ana, atendente=gente.bruno)
    da_ana = nova_conversa(rita, gente.ana)
    feita = nova_conversa(rita, gente.bruno, concluida_em=timezone.now())
    with na(gente.aurora):
        ChaveDeApi.objects.create(
            organizacao=gente.aurora, usuario=gente.bruno, nome="x", prefixo="p"
        )
    bruno, programa = entrar("bruno"), token("bruno")
    assert bruno.get("/conversas/").status_code == 200

    resposta = entrar("ana").post(
        f"{EQUIPE}{gente.bruno.pk}/desativar/", {"conversas_para": gente.ana.pk}
    )

    assert resposta.status_code == 302
    assert bruno.get("/conversas/").status_code == 302
    api = Client().get("/api/v1/conexoes/whatsapp/status", headers=programa)
    assert api.status_code == 401
    donos = {c.pk: c.atendente_id for c in todos(Conversa)}
    assert donos == {
        dele.pk: gente.ana.pk,
        dada.pk: gente.ana.pk,
        da_ana.pk: None,
        feita.pk: None,
    }
    assert todos(ChaveDeApi)[0].revogada_em is not None
    assert acoes() == ["usuario.desativado"]
    entrar("ana").post(f"{EQUIPE}{gente.bruno.pk}/reativar/")
    assert entrar("bruno").get("/conversas/").status_code == 200
    # The old session stays worthless.
    assert bruno.get("/conversas/").status_code == 302


def test_open_deals_and_contacts_of_who_leaves_go_to_a_colleague(
    rita: Contato, gente: SimpleNamespace, entrar: Entrar
) -> None:
    aberta, ganha = (nova(rita, t, responsavel=gente.bruno) for t in ("Casa", "Sítio"))
    with na(gente.aurora):
        oportunidades.ganhar(ganha, autor=gente.bruno)
        Contato.objects.filter(pk=rita.pk).update(responsavel=gente.bruno)

    ana = entrar("ana")
    pagina = ana.get(f"{EQUIPE}{gente.bruno.pk}/desativar/").content.decode()
    assert 'Oportunidades abertas</dt><dd class="numero">1</dd>' in pagina
    ana.post(f"{EQUIPE}{gente.bruno.pk}/desativar/", {"conversas_para": gente.ana.pk})

    donos = {o.pk: o.responsavel_id for o in todos(Oportunidade)}
    assert donos == {aberta.pk: gente.ana.pk, ganha.pk: gente.bruno.pk}
    assert todos(Contato)[0].responsavel_id == gente.ana.pk


def test_sessions_end_and_the_password_stays(
    gente: SimpleNamespace,
    entrar: Entrar,
    token: Callable[[str], dict[str, str]],
) -> None:
    bruno, programa = entrar("bruno"), token("bruno")

    entrar("ana").post(f"{EQUIPE}{gente.bruno.pk}/sessoes/")

    assert bruno.get("/conversas/").status_code == 302
    api = Client().get("/api/v1/conexoes/whatsapp/status", headers=programa)
    assert api.status_code == 401
    assert entrar("bruno").get("/conversas/").status_code == 200
    assert acoes() == ["usuario.sessoes_encerradas"]


@pytest.mark.parametrize(
    ("alvo", "herdeiro", "motivo"),
    [
        ("ana", "", "Ninguém desativa a si mesmo."),
        ("bruno", "bruno", "Escolha alguém ativo da equipe"),
    ],
)
def test_who_cannot_leave_and_who_cannot_inherit(
    gente: SimpleNamespace, entrar: Entrar, alvo: str, herdeiro: str, motivo: str
) -> None:
    para = getattr(gente, herdeiro).pk if herdeiro else ""

    resposta = entrar("ana").post(
        f"{EQUIPE}{getattr(gente, alvo).pk}/desativar/", {"conversas_para": para}
    )

    assert resposta.status_code == 422
    assert motivo in resposta.content.decode()
    assert ler(getattr(gente, alvo)).is_active


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


def test_invitation_is_accepted_only_from_its_own_page(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    convidar(entrar("ana"), "nina@exemplo.test")
    forjado = Client(enforce_csrf_checks=True)

    resposta = forjado.post(link(), {"nome": "Nina", "senha": BOA})

    assert resposta.status_code == 403
    assert todos(Usuario, email="nina@exemplo.test") == []


def test_invitation_leads_inside_whatever_its_address_says(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    convidar(entrar("ana"), "nina@exemplo.test")

    resposta = aceitar(f"{link()}?next=//evil.example/")

    assert (resposta.status_code, resposta["Location"]) == (302, "/")


def test_a_session_kept_aside_is_worth_nothing_after_coming_back(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    bruno = entrar("bruno")
    guardada = bruno.cookies["sessionid"].value
    ana = entrar("ana")

    ana.post(f"{EQUIPE}{gente.bruno.pk}/desativar/", {"conversas_para": ""})
    ana.post(f"{EQUIPE}{gente.bruno.pk}/reativar/")

    copia = Client()
    copia.cookies["sessionid"] = guardada
    assert copia.get("/conversas/").status_code == 302
    assert copia.get("/conta/perfil/").status_code == 302


# --- Who may ------------------------------------------------------------------------


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
