"""What people are told: rows, the bell, the page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from conexoes import provedores, valkey
from conexoes.models import EventoPendente, Notificacao
from conexoes.notificacoes import marcar_como_lidas, notificar
from conexoes.retentativas import OPERACOES
from conexoes.tenancy import ErroDeTenancy, na, sistema

pytestmark = pytest.mark.django_db

Entrar = Callable[[str], Client]
NINGUEM = "00000000-0000-7000-8000-000000000000"
HTMX = {"HX-Request": "true"}


def avisar(pessoa: Any, titulo: str = "Algo mudou", **campos: Any) -> Notificacao:
    """One person is told, by the service; the row."""
    with na(pessoa.organizacao_id):
        notificar(pessoa, titulo=titulo, **{"chave": titulo, **campos})
    with sistema("comando"):
        return Notificacao.objects.get(usuario=pessoa, titulo=titulo)


def todas(modelo: Any = Notificacao) -> list[Any]:
    with sistema("comando"):
        return list(modelo.objects.order_by("pk"))


def titulos(resposta: Any) -> list[str]:
    return [notificacao.titulo for notificacao in resposta.context["notificacoes"]]


def lidas() -> set[str]:
    return {n.titulo for n in todas() if n.lida_em is not None}


# --- Telling -----------------------------------------------------------------


def test_each_person_is_told_once(gente: SimpleNamespace) -> None:
    quem = [gente.ana, gente.bruno]
    with na(gente.aurora):
        assert notificar(quem, titulo="Caiu", chave="queda:1", por_email=True) == 2
        assert notificar(quem, titulo="Caiu!", chave="queda:1", por_email=True) == 0
        assert notificar(gente.ana, titulo="De novo", chave="queda:2") == 1

    assert sorted((n.usuario_id, n.titulo) for n in todas()) == sorted(
        [(gente.ana.pk, "Caiu"), (gente.bruno.pk, "Caiu"), (gente.ana.pk, "De novo")]
    )
    assert [e.destino for e in todas(EventoPendente)] == ["conexoes.email"] * 2
    assert {e.payload["notificacao"] for e in todas(EventoPendente)} == {
        str(n.pk) for n in todas() if n.titulo == "Caiu"
    }


def test_person_named_twice_is_told_once(gente: SimpleNamespace) -> None:
    with na(gente.aurora):
        assert notificar([gente.ana] * 2, titulo="Caiu", chave="queda") == 1
        assert notificar([], titulo="Caiu", chave="outra") == 0


def test_person_of_a_request_is_one_person(gente: SimpleNamespace) -> None:
    preguicosa = SimpleLazyObject(lambda: gente.ana)

    with na(gente.aurora, gente.ana):
        assert notificar(preguicosa, titulo="Um aviso", chave="a", por_email=True) == 1
        assert notificar([preguicosa], titulo="Um aviso", chave="a") == 0
        assert Notificacao.da(gente.aurora).get().usuario_id == gente.ana.pk


def test_undone_change_tells_nobody(gente: SimpleNamespace) -> None:
    with suppress(ZeroDivisionError), na(gente.aurora):
        notificar(gente.ana, titulo="Caiu", chave="queda", por_email=True)
        raise ZeroDivisionError

    assert (todas(), todas(EventoPendente)) == ([], [])


def test_member_may_tell_a_colleague_without_seeing_it(gente: SimpleNamespace) -> None:
    with na(gente.aurora, gente.bruno):
        notificar(gente.ana, titulo="Assumi a sua conversa", chave="conversa")
        assert list(Notificacao.objects.all()) == []

    assert [n.usuario_id for n in todas()] == [gente.ana.pk]


def test_nobody_tells_people_of_another_organisation(gente: SimpleNamespace) -> None:
    with pytest.raises(ErroDeTenancy), na(gente.aurora):
        notificar(gente.carla, titulo="Oi", chave="oi")

    assert todas() == []


@pytest.mark.django_db(transaction=True)
def test_row_cannot_join_a_person_and_another_organisation(
    gente: SimpleNamespace,
) -> None:
    with pytest.raises(IntegrityError), sistema("comando"):
        Notificacao.objects.create(
            organizacao=gente.aurora, usuario=gente.carla, titulo="Oi", chave="oi"
        )

    assert todas() == []


@pytest.mark.parametrize(
    "url",
    [
        "https://mal.exemplo/",
        "//mal.exemplo/",
        "/\\mal.exemplo/",
        "\\\\mal.exemplo",
        "javascript:alert(1)",
        "conversas/",
        " /conversas/",
    ],
)
def test_notification_leads_nowhere_outside(gente: SimpleNamespace, url: str) -> None:
    with pytest.raises(ValueError, match="inside the product"), na(gente.aurora):
        notificar(gente.ana, titulo="Oi", chave="oi", url=url)

    assert todas() == []


def test_mail_has_the_prds_attempts_and_no_card() -> None:
    destino = provedores.destino("conexoes.email")

    assert (destino.operacao, destino.chama_fora) == (OPERACOES["enviar_email"], True)
    assert "conexoes" not in {provedor.slug for provedor in provedores.todos()}


# --- Live --------------------------------------------------------------------


@pytest.fixture
def notas(gente: SimpleNamespace) -> Iterator[Callable[[], list[Any]]]:
    """What the open pages of Aurora heard so far."""
    assinatura = valkey.cliente().pubsub()
    assinatura.subscribe(f"aovivo:{gente.aurora.pk}")
    assert assinatura.get_message(timeout=5)["type"] == "subscribe"

    def ouvidas() -> list[Any]:
        lidas = []
        while aviso := assinatura.get_message(timeout=0.1):
            lidas.append(json.loads(aviso["data"]))
        return lidas

    yield ouvidas
    assinatura.close()


@pytest.mark.django_db(transaction=True)
def test_open_pages_hear_that_something_changed_and_not_what(
    gente: SimpleNamespace, notas: Callable[[], list[Any]]
) -> None:
    with na(gente.aurora):
        notificar([gente.ana, gente.bruno], titulo="Caiu", chave="queda")
        assert notas() == []
    assert notas() == [{"o": "notificacoes"}]

    with na(gente.aurora):
        notificar(gente.ana, titulo="Caiu", chave="queda")
    assert notas() == []

    with na(gente.aurora, gente.ana):
        assert marcar_como_lidas(Notificacao.objects.all(), gente.aurora) == 2
        assert marcar_como_lidas(Notificacao.objects.all(), gente.aurora) == 0
    assert notas() == [{"o": "notificacoes"}]


# --- The bell ----------------------------------------------------------------


def test_bell_counts_what_the_person_has_not_read(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    avisar(gente.ana, "Uma")
    avisar(gente.ana, "Outra")
    avisar(gente.bruno, "De Bruno")
    ana = entrar("ana")

    pagina = ana.get("/contatos/").content.decode()

    assert '<span class="contador contador-forte" aria-hidden="true">2</span>' in pagina
    assert "2 não lidas" in pagina
    assert "1 não lida" in entrar("bruno").get("/contatos/").content.decode()
    assert "sino-aceso" not in entrar("davi").get("/contatos/").content.decode()


def test_bell_stops_counting_at_a_hundred(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    for numero in range(101):
        avisar(gente.ana, f"Aviso {numero}")

    assert ">99+<" in entrar("ana").get("/notificacoes/sino/").content.decode()


def test_pages_without_an_organisation_have_no_bell(entrar: Entrar) -> None:
    resposta = entrar("sofia").get("/organizacoes/")

    assert resposta.status_code == 200
    assert 'id="sino"' not in resposta.content.decode()


def torrada(resposta: Any) -> Any:
    return json.loads(resposta.headers.get("HX-Trigger", "null"))


def test_new_alert_pops_up_once_on_an_open_page(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    sabida = avisar(gente.ana, "Sabida", tom="erro")
    ana = entrar("ana")
    assert f"?desde={sabida.pk}" in ana.get("/contatos/").content.decode()
    avisar(gente.ana, "Boa nova", tom="ok")
    avisar(gente.bruno, "De Bruno", tom="erro")
    calada = ana.get(f"/notificacoes/sino/?desde={sabida.pk}", headers=HTMX)
    assert torrada(calada) is None
    nova = avisar(gente.ana, "O número caiu", tom="alerta")

    resposta = ana.get(f"/notificacoes/sino/?desde={sabida.pk}", headers=HTMX)

    assert torrada(resposta) == {"aviso": {"texto": "O número caiu", "tom": "alerta"}}
    assert f"?desde={nova.pk}" in resposta.content.decode()
    depois = ana.get(f"/notificacoes/sino/?desde={nova.pk}", headers=HTMX)
    assert torrada(depois) is None


@pytest.mark.parametrize("desde", ["", "nada", NINGUEM])
def test_several_new_alerts_are_one_toast(
    gente: SimpleNamespace, entrar: Entrar, desde: str
) -> None:
    avisar(gente.ana, "Um", tom="erro")
    avisar(gente.ana, "Dois", tom="alerta")

    resposta = entrar("ana").get(f"/notificacoes/sino/?desde={desde}", headers=HTMX)

    assert torrada(resposta) == {
        "aviso": {
            "texto": "2 notificações novas pedem a sua atenção.",
            "tom": "erro",
        }
    }


# --- The page ----------------------------------------------------------------


def test_page_lists_the_newest_first_and_marks_what_is_new(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    for titulo, tom in (("Um", "ok"), ("Dois", "info"), ("Três", "alerta")):
        avisar(gente.ana, titulo, texto="Veja <b>isto</b>", tom=tom)
    with sistema("comando"):
        Notificacao.objects.filter(titulo="Dois").update(lida_em=timezone.now())

    resposta = entrar("ana").get("/notificacoes/")

    pagina = resposta.content.decode()
    assert titulos(resposta) == ["Três", "Dois", "Um"]
    assert pagina.count("notificacao-nova") == 2
    assert "Veja &lt;b&gt;isto&lt;/b&gt;" in pagina
    assert "Marcar todas como lidas" in pagina


def test_empty_page_says_what_will_come(entrar: Entrar) -> None:
    pagina = entrar("ana").get("/notificacoes/").content.decode()

    assert "Nenhuma notificação" in pagina
    assert "Marcar todas como lidas" not in pagina


@pytest.mark.parametrize("quem", ["ana", "bruno", "carla", "davi"])
def test_everyone_sees_their_own_and_no_others(
    gente: SimpleNamespace, entrar: Entrar, quem: str
) -> None:
    for apelido in ("ana", "bruno", "carla", "davi"):
        avisar(getattr(gente, apelido), f"De {apelido}")

    assert titulos(entrar(quem).get("/notificacoes/")) == [f"De {quem}"]


def test_super_admin_reads_nobodys(gente: SimpleNamespace, entrar: Entrar) -> None:
    minha = avisar(gente.ana)
    sofia = entrar("sofia")
    cabecalhos = {"X-Org-Id": str(gente.aurora.pk)}

    assert titulos(sofia.get("/notificacoes/", headers=cabecalhos)) == []
    aberta = sofia.get(f"/notificacoes/{minha.pk}/", headers=cabecalhos)
    assert aberta.status_code == 404
    assert lidas() == set()


def test_thirty_make_a_page_and_the_rest_another(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    for numero in range(33):
        avisar(gente.ana, f"Aviso {numero:02}")
    ana = entrar("ana")

    primeira = ana.get("/notificacoes/")
    segunda = ana.get(f"/notificacoes/{primeira.context['proxima']}")

    assert titulos(primeira) + titulos(segunda) == [
        f"Aviso {numero:02}" for numero in range(32, -1, -1)
    ]
    assert (len(titulos(primeira)), segunda.context["proxima"]) == (30, "")


def test_page_costs_the_same_however_long(
    gente: SimpleNamespace,
    entrar: Entrar,
    django_assert_num_queries: Callable[..., Any],
) -> None:
    ana = entrar("ana")
    for quantas in (1, 20):
        for numero in range(quantas):
            avisar(gente.ana, f"Aviso {quantas}-{numero}")
        with django_assert_num_queries(13):
            ana.get("/notificacoes/")


def test_live_page_fetches_only_its_list(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    avisar(gente.ana, "Uma")

    pagina = entrar("ana").get("/notificacoes/", headers=HTMX).content.decode()

    assert pagina.lstrip().startswith('<div class="notificacoes"')
    assert "<html" not in pagina


# --- Reading -----------------------------------------------------------------


def test_opening_marks_one_as_read_and_goes_where_it_leads(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    uma = avisar(gente.ana, "Uma", url="/configuracoes/conexoes/")
    avisar(gente.ana, "Outra")
    ana = entrar("ana")

    resposta = ana.get(f"/notificacoes/{uma.pk}/")

    assert (resposta.status_code, resposta["Location"]) == (
        302,
        "/configuracoes/conexoes/",
    )
    assert lidas() == {"Uma"}
    quando = todas()[0].lida_em
    ana.get(f"/notificacoes/{uma.pk}/")
    assert todas()[0].lida_em == quando


@pytest.mark.parametrize("url", ["", "//mal.exemplo/", "https://mal.exemplo/"])
def test_opening_never_leaves_the_product(
    gente: SimpleNamespace, entrar: Entrar, url: str
) -> None:
    uma = avisar(gente.ana)
    with sistema("comando"):
        Notificacao.objects.update(url=url)

    resposta = entrar("ana").get(f"/notificacoes/{uma.pk}/")

    assert (resposta.status_code, resposta["Location"]) == (302, "/notificacoes/")


@pytest.mark.parametrize("quem", ["bruno", "carla", "davi"])
def test_anothers_notification_does_not_exist(
    gente: SimpleNamespace, entrar: Entrar, quem: str
) -> None:
    de_ana = avisar(gente.ana, url="/contatos/")
    pessoa = entrar(quem)

    assert pessoa.get(f"/notificacoes/{de_ana.pk}/").status_code == 404
    assert pessoa.get(f"/notificacoes/{NINGUEM}/").status_code == 404
    assert lidas() == set()


def test_admin_does_not_open_a_members_notification(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    de_bruno = avisar(gente.bruno)

    assert entrar("ana").get(f"/notificacoes/{de_bruno.pk}/").status_code == 404
    assert lidas() == set()


def test_marking_all_marks_ones_own(gente: SimpleNamespace, entrar: Entrar) -> None:
    for titulo in ("Uma", "Outra"):
        avisar(gente.ana, titulo)
    avisar(gente.bruno, "De Bruno")
    ana = entrar("ana")

    assert ana.get("/notificacoes/lidas/").status_code == 405
    assert lidas() == set()
    resposta = ana.post("/notificacoes/lidas/")

    assert resposta.status_code == 302
    assert resposta["Location"].startswith("/notificacoes/?desfazer=")
    assert lidas() == {"Uma", "Outra"}


def test_marking_all_answers_htmx_with_the_list(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    avisar(gente.ana, "Uma")

    pagina = entrar("ana").post("/notificacoes/lidas/", headers=HTMX).content.decode()

    assert "Uma" in pagina
    assert "notificacao-nova" not in pagina
    assert 'hx-get="/notificacoes/?desfazer=' in pagina
    assert "1 notificação marcada como lida." in pagina


@pytest.mark.parametrize(
    "caminho", ["", "sino/", f"{NINGUEM}/"], ids=["pagina", "sino", "abrir"]
)
def test_strangers_are_asked_to_log_in(gente: SimpleNamespace, caminho: str) -> None:
    resposta = Client().get(f"/notificacoes/{caminho}")

    assert resposta.status_code == 302
    assert resposta["Location"].startswith("/conta/entrar/?next=")


# --- The database's own lock -------------------------------------------------


def test_database_shows_a_member_only_their_own(gente: SimpleNamespace) -> None:
    for pessoa in (gente.ana, gente.bruno, gente.carla):
        avisar(pessoa, pessoa.nome)

    vistas = {}
    for apelido in ("bruno", "davi", "carla"):
        pessoa = getattr(gente, apelido)
        with na(pessoa.organizacao_id, pessoa), connection.cursor() as cursor:
            cursor.execute("SELECT titulo FROM notificacoes")
            vistas[apelido] = [titulo for (titulo,) in cursor.fetchall()]

    assert vistas == {"bruno": ["Bruno Barros"], "davi": [], "carla": ["Carla Costa"]}


def test_database_keeps_one_row_of_each_thing_told(gente: SimpleNamespace) -> None:
    avisar(gente.ana, "Uma", chave="queda")

    with pytest.raises(IntegrityError), sistema("comando"), transaction.atomic():
        Notificacao.objects.create(
            organizacao=gente.aurora, usuario=gente.ana, titulo="Dois", chave="queda"
        )

    assert [n.titulo for n in todas()] == ["Uma"]
