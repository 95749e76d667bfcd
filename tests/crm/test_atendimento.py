"""Who takes care of a conversation, and when it is done."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from conexoes.models import Notificacao, RegistroAuditoria
from conexoes.tenancy import na, sistema
from crm.models import Contato, Conversa
from crm.services import unioes
from tests.crm.conftest import nova_conversa, nova_mensagem, novo_contato

pytestmark = pytest.mark.django_db

Entrar = Callable[[str], Client]
HTMX = {"HX-Request": "true"}


def ler(conversa: Conversa) -> Conversa:
    with sistema("comando"):
        return Conversa.objects.get(pk=conversa.pk)


def atribuir(navegador: Client, conversa: Conversa, pessoa: Any) -> Any:
    return navegador.post(
        f"/conversas/{conversa.pk}/atribuir/",
        {"pessoa": pessoa.pk if pessoa else ""},
        headers=HTMX,
    )


def concluir(navegador: Client, conversa: Conversa, reabrir: str = "0") -> Any:
    return navegador.post(
        f"/conversas/{conversa.pk}/concluir/", {"reabrir": reabrir}, headers=HTMX
    )


def acoes() -> list[str]:
    with sistema("comando"):
        return [r.acao for r in RegistroAuditoria.objects.order_by("pk")]


# --- Handing on ----------------------------------------------------------------


def test_whoever_gets_a_conversation_is_told_and_may_answer(
    gente: SimpleNamespace, rita: Contato, entrar: Entrar
) -> None:
    da_ana = nova_conversa(rita, gente.ana)

    assert atribuir(entrar("ana"), da_ana, gente.bruno).status_code == 204

    assert ler(da_ana).atendente_id == gente.bruno.pk
    with sistema("comando"):
        aviso = Notificacao.objects.get()
    assert (aviso.usuario_id, aviso.url) == (
        gente.bruno.pk,
        f"/conversas/{da_ana.pk}/",
    )
    assert aviso.titulo == "Ana Alves passou uma conversa para você"
    assert acoes() == ["conversa.atribuida"]
    pagina = entrar("bruno").get(f"/conversas/{da_ana.pk}/")
    assert pagina.context["pode_responder"] is True


def test_taking_it_oneself_tells_nobody(
    gente: SimpleNamespace, conversa: Conversa, entrar: Entrar
) -> None:
    atribuir(entrar("ana"), conversa, gente.ana)

    assert ler(conversa).atendente_id == gente.ana.pk
    with sistema("comando"):
        assert not Notificacao.objects.exists()


def test_giving_it_to_whoever_has_it_changes_nothing(
    gente: SimpleNamespace, conversa: Conversa, entrar: Entrar
) -> None:
    for _ in range(2):
        atribuir(entrar("ana"), conversa, gente.bruno)

    assert acoes() == ["conversa.atribuida"]


def test_it_can_be_nobodys_again(
    gente: SimpleNamespace, conversa: Conversa, entrar: Entrar
) -> None:
    atribuir(entrar("ana"), conversa, gente.bruno)
    atribuir(entrar("ana"), conversa, None)

    assert ler(conversa).atendente_id is None


def test_member_hands_on_only_what_is_theirs_to_answer(
    gente: SimpleNamespace, rita: Contato, entrar: Entrar
) -> None:
    da_ana = nova_conversa(rita, gente.ana)

    for resposta in (
        atribuir(entrar("bruno"), da_ana, gente.bruno),
        concluir(entrar("bruno"), da_ana),
    ):
        assert resposta.status_code == 204
        assert "Só quem atende esta conversa" in resposta.headers["HX-Trigger"].encode(
            "latin-1"
        ).decode("unicode_escape")
    assert (ler(da_ana).atendente_id, ler(da_ana).concluida_em) == (None, None)
    assert acoes() == []


@pytest.mark.parametrize("alvo", ["carla", "sofia", "nada", "lixo"])
def test_nobody_outside_the_organisation_gets_one(
    gente: SimpleNamespace, conversa: Conversa, entrar: Entrar, alvo: str
) -> None:
    pessoa = getattr(gente, alvo, None)
    chave = pessoa.pk if pessoa else alvo

    resposta = entrar("ana").post(
        f"/conversas/{conversa.pk}/atribuir/", {"pessoa": chave}, headers=HTMX
    )

    assert resposta.status_code == 404
    assert ler(conversa).atendente_id is None


def test_somebody_who_left_is_neither_offered_nor_taken(
    gente: SimpleNamespace, conversa: Conversa, entrar: Entrar
) -> None:
    with sistema("comando"):
        gente.bruno.is_active = False
        gente.bruno.save()
    ana = entrar("ana")

    dialogo = ana.get(f"/conversas/{conversa.pk}/atribuir/", headers=HTMX)

    assert "Bruno Barros" not in dialogo.content.decode()
    assert "Ana Alves" in dialogo.content.decode()
    atribuir(ana, conversa, gente.bruno)
    assert ler(conversa).atendente_id is None


@pytest.mark.parametrize("quem", ["carla", "davi"])
@pytest.mark.parametrize("resto", ["atribuir/", "topo/", "ficha/"])
def test_another_organisations_conversation_does_not_exist(
    conversa: Conversa, entrar: Entrar, quem: str, resto: str
) -> None:
    resposta = entrar(quem).get(f"/conversas/{conversa.pk}/{resto}", headers=HTMX)

    assert resposta.status_code == 404


def test_answering_what_nobody_attends_takes_it(
    gente: SimpleNamespace, rita: Contato, entrar: Entrar
) -> None:
    livre, dada = (
        nova_conversa(rita, gente.bruno),
        nova_conversa(rita, gente.bruno, atendente=gente.ana),
    )
    for conversa in (livre, dada):
        entrar("bruno").post(f"/conversas/{conversa.pk}/responder/", {"texto": "Oi"})

    assert ler(livre).atendente_id == gente.bruno.pk
    assert ler(dada).atendente_id == gente.ana.pk


# --- Done ----------------------------------------------------------------------


def test_concluded_leaves_the_list_until_it_is_reopened(
    conversa: Conversa, entrar: Entrar
) -> None:
    ana = entrar("ana")

    topo = concluir(ana, conversa)

    assert "Concluída. Volta sozinha" in topo.content.decode()
    assert ana.get("/conversas/").context["conversas"] == []
    concluidas = ana.get("/conversas/", {"filtro": "concluidas"})
    assert concluidas.context["conversas"] == [conversa]
    # Who looks for somebody finds them, done with or not.
    achadas = ana.get("/conversas/", {"busca": "rita"})
    assert achadas.context["conversas"] == [conversa]
    concluir(ana, conversa, reabrir="1")
    assert ana.get("/conversas/").context["conversas"] == [conversa]
    assert acoes() == ["conversa.concluida", "conversa.reaberta"]


def test_list_can_be_narrowed(
    gente: SimpleNamespace, rita: Contato, entrar: Entrar
) -> None:
    minha = nova_conversa(rita, gente.bruno, ultima_direcao="saida")
    dada = nova_conversa(
        rita, gente.ana, atendente=gente.bruno, ultima_direcao="entrada"
    )
    passada = nova_conversa(
        rita, gente.bruno, atendente=gente.ana, ultima_direcao="entrada", nao_lidas=2
    )
    feita = nova_conversa(
        rita,
        gente.bruno,
        ultima_direcao="entrada",
        concluida_em=timezone.now(),
    )
    bruno = entrar("bruno")

    def ver(**parametros: Any) -> set[Any]:
        return {c.pk for c in bruno.get("/conversas/", parametros).context["conversas"]}

    assert ver() == {minha.pk, dada.pk, passada.pk}
    assert ver(filtro="minhas") == {minha.pk, dada.pk}
    assert ver(filtro="esperando") == {dada.pk, passada.pk}
    assert ver(filtro="nao_lidas") == {passada.pk}
    assert ver(filtro="concluidas") == {feita.pk}
    assert ver(atendente=gente.ana.pk) == {passada.pk}
    assert ver(atendente="lixo") == ver(canal="") == ver()
    assert ver(canal="instagram") == set()
    contados = {f.nome: f.quantas for f in bruno.get("/conversas/").context["filtros"]}
    assert contados == {
        "todas": None,
        "minhas": 2,
        "nao_lidas": 1,
        "esperando": 2,
        "concluidas": None,
    }


# --- Beside the thread -----------------------------------------------------------


def test_panel_shows_the_person_and_their_other_conversations(
    gente: SimpleNamespace, conversa: Conversa, entrar: Entrar
) -> None:
    outra = nova_conversa(conversa.contato, gente.ana, ultima_mensagem_texto="Antes")
    alheio = nova_conversa(novo_contato(gente.aurora, "Otávio"), gente.ana)

    ficha = entrar("bruno").get(f"/conversas/{conversa.pk}/ficha/", headers=HTMX)

    texto = ficha.content.decode()
    assert f"/conversas/{outra.pk}/" in texto
    assert f"/conversas/{alheio.pk}/" not in texto
    assert "Rita Reis" in texto


def test_conversation_opens_at_the_message_that_was_looked_for(
    conversa: Conversa, entrar: Entrar
) -> None:
    ditas = [nova_mensagem(conversa, f"n{n}") for n in range(90)]

    pagina = entrar("bruno").get(f"/conversas/{conversa.pk}/", {"ver": ditas[30].pk})

    textos = [m.texto for m in pagina.context["mensagens"]]
    assert textos == [f"n{n}" for n in range(6, 56)]
    conteudo = pagina.content.decode()
    assert f'data-ver="mensagem-{ditas[30].pk}"' in conteudo
    assert "Ir para as mais recentes" in conteudo
    antes = entrar("bruno").get(pagina.context["anteriores"])
    assert [m.texto for m in antes.context["mensagens"]] == [f"n{n}" for n in range(6)]


@pytest.mark.parametrize("ver", ["lixo", "01a2064a-b3bc-7338-b2e4-2d178432224a"])
def test_message_that_is_not_here_opens_the_newest(
    conversa: Conversa, entrar: Entrar, ver: str
) -> None:
    nova_mensagem(conversa, "Oi")

    pagina = entrar("bruno").get(f"/conversas/{conversa.pk}/", {"ver": ver})

    assert [m.texto for m in pagina.context["mensagens"]] == ["Oi"]
    assert pagina.context["vista"] is None


def test_line_above_what_is_new_stays_where_it_was(
    gente: SimpleNamespace, rita: Contato, entrar: Entrar
) -> None:
    conversa = nova_conversa(rita, gente.bruno, nao_lidas=2)
    ditas = [nova_mensagem(conversa, f"n{n}") for n in range(4)]
    bruno = entrar("bruno")

    pagina = bruno.get(f"/conversas/{conversa.pk}/")
    assert pagina.context["novas"] == ditas[2].pk
    with na(gente.aurora):
        assert Conversa.objects.get().nao_lidas == 0
    nova_mensagem(conversa, "n4")
    fragmento = bruno.get(
        f"/conversas/{conversa.pk}/mensagens/{pagina.context['atualizar']}"
    )

    assert fragmento.context["novas"] == ditas[2].pk
    assert [m.texto for m in fragmento.context["mensagens"]] == [
        f"n{n}" for n in range(5)
    ]


# --- United while it is open ---------------------------------------------------------


def test_page_of_a_united_conversation_is_led_to_the_one_that_took_it_in(
    gente: SimpleNamespace, conversa: Conversa, rita: Contato, entrar: Entrar
) -> None:
    outra = novo_contato(gente.aurora, "Ritinha")
    dela = nova_conversa(outra, gente.bruno, conexao_id=conversa.conexao_id)
    with na(gente.aurora):
        unioes.unir(rita, outra)
    ana, carla = entrar("ana"), entrar("carla")

    for parte in ("mensagens", "topo", "ficha"):
        endereco = f"/conversas/{dela.pk}/{parte}/"
        resposta = ana.get(endereco, headers=HTMX)
        assert resposta.headers["HX-Redirect"] == f"/conversas/{conversa.pk}/"
        assert carla.get(endereco, headers=HTMX).status_code == 404
        nenhuma = f"/conversas/{uuid4()}/{parte}/"
        assert ana.get(nenhuma, headers=HTMX).status_code == 404
    assert ana.get(f"/conversas/{dela.pk}/").headers["Location"] == (
        f"/conversas/{conversa.pk}/"
    )
