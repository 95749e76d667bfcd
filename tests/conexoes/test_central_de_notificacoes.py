"""The centre of notifications: filters, marks that can be undone, mail by choice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from conexoes import notificacoes
from conexoes.models import EventoPendente, Notificacao
from conexoes.notificacoes import TIPOS
from conexoes.tenancy import na, sistema
from crm.models import Usuario
from tests.conexoes.test_notificacoes import HTMX, NINGUEM, avisar, lidas, titulos

pytestmark = pytest.mark.django_db

Entrar = Callable[[str], Client]
URL = "/notificacoes/"
PREFERENCIAS = "/notificacoes/preferencias/"


@pytest.fixture
def tres(gente: SimpleNamespace) -> list[Notificacao]:
    """Ana has one read, one to read, and an alert to read; Bruno has an alert."""
    feitas = [avisar(gente.ana, "Lida"), avisar(gente.ana, "Nova")]
    with sistema("comando"):
        Notificacao.objects.filter(titulo="Lida").update(lida_em=timezone.now())
    avisar(gente.bruno, "De Bruno", tom="erro")
    return [*feitas, avisar(gente.ana, "Alerta", tom="alerta")]


# --- Filters -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("filtro", "vistas"),
    [
        ("", ["Alerta", "Nova", "Lida"]),
        ("?filtro=todas", ["Alerta", "Nova", "Lida"]),
        ("?filtro=nao-lidas", ["Alerta", "Nova"]),
        ("?filtro=atencao", ["Alerta"]),
        ("?filtro=%00'", ["Alerta", "Nova", "Lida"]),
    ],
)
def test_filter_in_the_address_chooses_what_is_listed(
    tres: list[Notificacao], entrar: Entrar, filtro: str, vistas: list[str]
) -> None:
    resposta = entrar("ana").get(f"{URL}{filtro}")

    assert titulos(resposta) == vistas
    assert (resposta.context["abertas"], resposta.context["graves"]) == (2, 1)


def test_alert_that_was_read_asks_for_nothing_more(
    tres: list[Notificacao], entrar: Entrar
) -> None:
    ana = entrar("ana")
    ana.get(f"{URL}{tres[2].pk}/")

    resposta = ana.get(f"{URL}?filtro=atencao")

    assert titulos(resposta) == []
    assert "Nada pede atenção" in resposta.content.decode()


def test_filter_holds_over_pages(gente: SimpleNamespace, entrar: Entrar) -> None:
    for numero in range(64):
        avisar(gente.ana, f"{numero:02}", tom="erro" if numero % 2 else "info")
    ana = entrar("ana")

    primeira = ana.get(f"{URL}?filtro=atencao")
    segunda = ana.get(URL + primeira.context["proxima"])

    assert titulos(primeira) + titulos(segunda) == [f"{n:02}" for n in range(63, 0, -2)]
    assert (len(titulos(primeira)), segunda.context["proxima"]) == (30, "")
    assert "Marcar todas como lidas" in primeira.content.decode()
    assert "Marcar todas como lidas" not in segunda.content.decode()


@pytest.mark.parametrize(
    ("endereco", "dito"),
    [
        ("", "Nenhuma notificação"),
        ("?filtro=nao-lidas", "Tudo lido"),
        ("?filtro=atencao", "Nada pede atenção"),
        (f"?depois={NINGUEM}", "Nada mais antigo"),
    ],
)
def test_each_empty_list_says_what_it_means(
    entrar: Entrar, endereco: str, dito: str
) -> None:
    assert dito in entrar("ana").get(URL + endereco).content.decode()


def test_list_is_grouped_by_the_persons_day(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    agora = timezone.localtime()
    for titulo, dias in (("Velha", 40), ("Ontem", 1), ("Hoje", 0)):
        avisar(gente.ana, titulo)
        with sistema("comando"):
            Notificacao.objects.filter(titulo=titulo).update(
                criado_em=agora - timedelta(days=dias)
            )

    pagina = entrar("ana").get(URL).content.decode()

    velha = (agora - timedelta(days=40)).strftime("%Y%m%d")
    assert pagina.index(">Hoje</h2>") < pagina.index(">Ontem</h2>")
    assert pagina.index(">Ontem</h2>") < pagina.index(f'id="dia-{velha}"')
    assert pagina.count('class="notificacoes-dia"') == 3


# --- One ---------------------------------------------------------------------


def test_one_is_marked_and_unmarked_where_the_person_is(
    tres: list[Notificacao], entrar: Entrar
) -> None:
    ana = entrar("ana")
    url = f"{URL}{tres[1].pk}/lida/?filtro=nao-lidas"

    marcada = ana.post(url, {"lida": "1"}, headers=HTMX)
    assert lidas() == {"Lida", "Nova"}
    assert titulos(marcada) == ["Alerta"]
    assert 'hx-get="/notificacoes/?filtro=nao-lidas"' in marcada.content.decode()

    sem_htmx = ana.post(url, {"lida": "0"})
    assert lidas() == {"Lida"}
    assert sem_htmx["Location"] == "/notificacoes/?filtro=nao-lidas"


@pytest.mark.parametrize("quem", ["bruno", "carla", "davi"])
@pytest.mark.parametrize("lida", ["0", "1"])
def test_nobody_marks_anothers(
    tres: list[Notificacao], entrar: Entrar, quem: str, lida: str
) -> None:
    pessoa = entrar(quem)

    for qual in (tres[0], tres[1]):
        resposta = pessoa.post(f"{URL}{qual.pk}/lida/", {"lida": lida})
        assert resposta.status_code == 404
    assert pessoa.post(f"{URL}{NINGUEM}/lida/", {"lida": lida}).status_code == 404
    assert lidas() == {"Lida"}


def test_what_leads_nowhere_is_no_link(gente: SimpleNamespace, entrar: Entrar) -> None:
    sem, com = avisar(gente.ana, "Sem"), avisar(gente.ana, "Com", url="/contatos/")

    pagina = entrar("ana").get(URL).content.decode()

    assert f'href="/notificacoes/{com.pk}/"' in pagina
    assert f'href="/notificacoes/{sem.pk}/"' not in pagina


# --- All, and back -----------------------------------------------------------


def marcar_todas(ana: Client, *, filtro: str = "", ate: Any = "") -> str:
    """The moment that undoes it."""
    resposta = ana.post(f"{URL}lidas/{filtro}", {"ate": getattr(ate, "pk", ate)})
    [momento] = parse_qs(urlsplit(resposta["Location"]).query)["desfazer"]
    return momento


def test_marking_all_is_undone_exactly(tres: list[Notificacao], entrar: Entrar) -> None:
    ana = entrar("ana")

    momento = marcar_todas(ana)
    assert lidas() == {"Lida", "Nova", "Alerta"}
    ana.post(f"{URL}lidas/desfazer/", {"em": momento})

    assert lidas() == {"Lida"}
    pagina = ana.get(f"{URL}?desfazer={momento.replace('+', '%2B')}")
    assert pagina.context["marcadas"] == 0


def test_undo_is_offered_for_as_long_as_there_is_something(
    tres: list[Notificacao], entrar: Entrar
) -> None:
    ana = entrar("ana")

    pagina = ana.post(f"{URL}lidas/", headers=HTMX)

    assert "2 notificações marcadas como lidas." in pagina.content.decode()
    # The live refresh that follows asks the same address and keeps the offer.
    de_novo = ana.get(pagina.context["endereco"], headers=HTMX)
    assert de_novo.context["marcadas"] == 2
    nada = ana.post(f"{URL}lidas/", headers=HTMX)
    assert nada.context["marcadas"] == 0


def test_what_arrived_after_the_page_was_drawn_is_not_marked(
    tres: list[Notificacao], entrar: Entrar
) -> None:
    marcar_todas(entrar("ana"), ate=tres[1])

    assert lidas() == {"Lida", "Nova"}


def test_marking_all_marks_what_the_filter_shows(
    tres: list[Notificacao], entrar: Entrar
) -> None:
    marcar_todas(entrar("ana"), filtro="?filtro=atencao")

    assert lidas() == {"Lida", "Alerta"}


@pytest.mark.parametrize(
    "em", ["", "ontem", "2026-13-45T99:00:00Z", "2026-01-01T00:00:00", "\x00"]
)
def test_undo_without_a_moment_of_ours_changes_nothing(
    tres: list[Notificacao], entrar: Entrar, em: str
) -> None:
    ana = entrar("ana")

    assert ana.post(f"{URL}lidas/desfazer/", {"em": em})["Location"] == URL
    assert ana.get(URL, {"desfazer": em, "depois": em}).status_code == 200
    assert lidas() == {"Lida"}


def test_undo_reaches_ones_own_alone(tres: list[Notificacao], entrar: Entrar) -> None:
    momento = marcar_todas(entrar("ana"))

    entrar("bruno").post(f"{URL}lidas/desfazer/", {"em": momento})
    entrar("carla").post(f"{URL}lidas/desfazer/", {"em": momento})

    assert lidas() == {"Lida", "Nova", "Alerta"}


# --- What goes by mail -------------------------------------------------------


def por_email(pessoa: Any, tipo: Any, padrao: bool) -> bool:
    """Whether one notification of that kind becomes a mail."""
    with na(pessoa.organizacao_id):
        # As callers have the person: read, not remembered.
        quem = Usuario.objects.get(pk=pessoa.pk)
        notificacoes.notificar(
            quem,
            titulo="Oi",
            chave=f"{tipo}:{timezone.now()}",
            tipo=tipo,
            por_email=padrao,
        )
        total = EventoPendente.objects.filter(tipo="notificacao.email").count()
        EventoPendente.objects.update(tipo="contado")
    return bool(total)


def test_without_a_choice_each_notification_goes_as_it_was_sent(
    gente: SimpleNamespace,
) -> None:
    for tipo in TIPOS:
        assert por_email(gente.ana, tipo, True) is True
        assert por_email(gente.ana, tipo, False) is False


def test_choice_decides_for_that_kind_and_that_person(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    resposta = entrar("bruno").post(PREFERENCIAS, {"atendimento": "on"})

    assert (resposta.status_code, resposta["Location"]) == (302, PREFERENCIAS)
    assert por_email(gente.bruno, "atendimento", False) is True
    assert por_email(gente.bruno, "conexao", True) is False
    assert por_email(gente.bruno, "sistema", True) is False
    assert por_email(gente.ana, "atendimento", False) is False
    assert por_email(gente.ana, "conexao", True) is True


def test_own_connection_down_is_not_for_a_person_to_switch_off(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    ana = entrar("ana")

    ana.post(PREFERENCIAS, {})

    assert por_email(gente.ana, "queda", True) is True
    pagina = ana.get(PREFERENCIAS).content.decode()
    assert "Vai sempre por e-mail" in pagina
    assert 'name="queda" checked disabled' in " ".join(pagina.split())


def test_page_shows_what_was_chosen_and_forgets_what_is_usual(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    ana = entrar("ana")
    escolhidas = {"atendimento": "on", "conexao": "on", "inventado": "on"}

    ana.post(PREFERENCIAS, escolhidas)

    marcadas = {
        p.slug for p in ana.get(PREFERENCIAS).context["preferencias"] if p.por_email
    }
    assert marcadas == {"queda", "conexao", "atendimento"}
    with sistema("comando"):
        gente.ana.refresh_from_db()
    assert gente.ana.avisos_por_email == {
        "atendimento": True,
        "lead": False,
        "sistema": False,
    }


def test_changed_access_comes_by_mail_to_who_chose_it(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    bruno = entrar("bruno")
    bruno.post(PREFERENCIAS, {"equipe": "on"})

    entrar("ana").post(
        f"/configuracoes/equipe/{gente.bruno.pk}/",
        {"nome": gente.bruno.nome, "papel": "admin"},
    )

    with sistema("comando"):
        [nota] = Notificacao.objects.filter(usuario=gente.bruno)
        [correio] = EventoPendente.objects.filter(destino="conexoes.email")
    assert nota.titulo == "Seu acesso mudou"
    assert correio.payload == {"notificacao": str(nota.pk)}


def test_super_admin_has_no_list_to_choose_about(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    sofia = entrar("sofia")
    sofia.post("/organizacoes/trocar/", {"organizacao": str(gente.aurora.pk)})

    assert sofia.get(PREFERENCIAS).status_code == 403
    pagina = sofia.get(URL).content.decode()
    assert "chegam por e-mail" in pagina
    assert PREFERENCIAS not in pagina
