"""Whoever leaves the team: shut out, handed over, let in again."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from conexoes.models import ChaveDeApi
from conexoes.tenancy import na
from crm.models import Contato, Conversa, Oportunidade
from crm.services import oportunidades
from tests.crm.conftest import nova_conversa
from tests.crm.equipe import EQUIPE, Entrar, acoes, ler, todos
from tests.crm.funil import nova

pytestmark = pytest.mark.django_db(transaction=True)


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
