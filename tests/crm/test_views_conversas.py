"""The inbox, as a browser sees it: list, thread, answer."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from conexoes.models import EventoPendente
from conexoes.tenancy import na
from crm.models import Contato, Conversa, Mensagem
from tests.crm.conftest import minutos, nova_conversa, nova_mensagem, novo_contato

pytestmark = pytest.mark.django_db

Entrar = Callable[[str], Client]
HTMX = {"HX-Request": "true"}


def enviadas(organizacao: Any) -> list[str]:
    with na(organizacao):
        return list(
            Mensagem.objects.filter(direcao="saida").values_list("texto", flat=True)
        )


def responder(navegador: Client, conversa: Conversa, texto: str, **mais: Any) -> Any:
    return navegador.post(
        f"/conversas/{conversa.pk}/responder/", {"texto": texto}, **mais
    )


# --- The list ----------------------------------------------------------------


@pytest.mark.parametrize("url", ["/conversas/", "/conversas/lista/"])
def test_the_inbox_shows_the_whole_organisation_and_nobody_elses(
    conversa: Conversa, alheia: Conversa, entrar: Entrar, url: str
) -> None:
    for quem in ("ana", "bruno"):
        resposta = entrar(quem).get(url)
        assert resposta.status_code == 200
        assert resposta.context["conversas"] == [conversa]


def test_the_latest_conversation_comes_first(
    gente: SimpleNamespace, rita: Contato, entrar: Entrar
) -> None:
    velha, nova, media = (
        nova_conversa(rita, gente.bruno, ultima_mensagem_em=minutos(quando))
        for quando in (1, 3, 2)
    )

    assert entrar("bruno").get("/conversas/").context["conversas"] == [
        nova,
        media,
        velha,
    ]


@pytest.mark.parametrize(
    ("parametros", "quantas"),
    [
        ({}, 2),
        ({"filtro": "nao_lidas"}, 1),
        ({"filtro": "inventado"}, 2),
        ({"busca": "RÍTA"}, 1),
        ({"busca": "rita", "filtro": "nao_lidas"}, 0),
        ({"busca": "\x00"}, 2),
        ({"depois": "forjada"}, 2),
    ],
)
def test_the_inbox_is_filtered_and_searched(
    gente: SimpleNamespace,
    conversa: Conversa,
    entrar: Entrar,
    parametros: dict[str, str],
    quantas: int,
) -> None:
    nova_conversa(novo_contato(gente.aurora, "Otávio"), gente.bruno, nao_lidas=3)

    resposta = entrar("bruno").get("/conversas/lista/", parametros)

    assert len(resposta.context["conversas"]) == quantas


def test_thirty_conversations_make_a_page(
    gente: SimpleNamespace, rita: Contato, entrar: Entrar
) -> None:
    for _ in range(32):
        nova_conversa(rita, gente.bruno)
    bruno = entrar("bruno")

    primeira = bruno.get("/conversas/")
    segunda = bruno.get(primeira.context["proxima"])

    ids = [c.pk for r in (primeira, segunda) for c in r.context["conversas"]]
    assert (len(ids), len(set(ids))) == (32, 32)
    assert segunda.context["proxima"] == ""


@pytest.mark.parametrize(
    ("url", "custo"), [("/conversas/", 16), ("/conversas/lista/", 10)]
)
def test_the_list_costs_the_same_however_long(
    gente: SimpleNamespace,
    entrar: Entrar,
    django_assert_num_queries: Callable[..., Any],
    url: str,
    custo: int,
) -> None:
    bruno = entrar("bruno")
    for quantas in (1, 20):
        for numero in range(quantas):
            nova_conversa(
                novo_contato(gente.aurora, f"C{quantas}{numero}"), gente.bruno
            )

        with django_assert_num_queries(custo):
            bruno.get(url)


# --- The thread --------------------------------------------------------------


def test_a_thread_runs_from_old_to_new(conversa: Conversa, entrar: Entrar) -> None:
    for numero in (2, 1, 3):
        nova_mensagem(conversa, f"mensagem {numero}", momento=minutos(numero))

    resposta = entrar("bruno").get(f"/conversas/{conversa.pk}/")

    textos = [mensagem.texto for mensagem in resposta.context["mensagens"]]
    assert textos == ["mensagem 1", "mensagem 2", "mensagem 3"]
    assert resposta.context["pode_responder"] is True


def test_what_a_customer_writes_is_never_markup(
    conversa: Conversa, entrar: Entrar
) -> None:
    nova_mensagem(conversa, "<img src=x onerror=alert(1)>")

    pagina = entrar("bruno").get(f"/conversas/{conversa.pk}/").content.decode()

    assert "<img src=x" not in pagina
    assert "&lt;img src=x onerror=alert(1)&gt;" in pagina


def test_earlier_messages_come_on_request(conversa: Conversa, entrar: Entrar) -> None:
    for numero in range(53):
        nova_mensagem(conversa, str(numero), momento=minutos(numero))
    bruno = entrar("bruno")

    ultimas = bruno.get(f"/conversas/{conversa.pk}/")
    primeiras = bruno.get(ultimas.context["anteriores"])

    assert [m.texto for m in primeiras.context["mensagens"]] == ["0", "1", "2"]
    assert [m.texto for m in ultimas.context["mensagens"]][0] == "3"
    assert primeiras.context["anteriores"] == ""


def test_a_refresh_keeps_what_is_on_the_screen(
    gente: SimpleNamespace, conversa: Conversa, alheia: Conversa, entrar: Entrar
) -> None:
    mensagens = [
        nova_mensagem(conversa, str(numero), momento=minutos(numero))
        for numero in range(60)
    ]
    de_outra = nova_mensagem(alheia, "alheia", momento=minutos(0))
    bruno = entrar("bruno")
    url = f"/conversas/{conversa.pk}/mensagens/"

    def quantas(desde: Any) -> int:
        return len(bruno.get(url, {"desde": str(desde)}).context["mensagens"])

    assert quantas(mensagens[0].pk) == 60
    assert quantas(mensagens[5].pk) == 55
    assert quantas(mensagens[59].pk) == 50
    assert quantas(de_outra.pk) == 50
    assert quantas("forjada") == 50


@pytest.mark.parametrize(
    ("url", "custo"), [("/conversas/{}/", 23), ("/conversas/{}/mensagens/", 14)]
)
def test_a_thread_costs_the_same_however_long(
    gente: SimpleNamespace,
    conversa: Conversa,
    entrar: Entrar,
    django_assert_num_queries: Callable[..., Any],
    url: str,
    custo: int,
) -> None:
    bruno = entrar("bruno")
    for quantas in (1, 20):
        for _ in range(quantas):
            nova_mensagem(conversa, autor=gente.ana, direcao="saida", status="falhou")

        with django_assert_num_queries(custo):
            bruno.get(url.format(conversa.pk))


@pytest.mark.parametrize(("quem", "restam"), [("bruno", 0), ("ana", 0)])
def test_opening_reads_for_whoever_may_answer(
    gente: SimpleNamespace, rita: Contato, entrar: Entrar, quem: str, restam: int
) -> None:
    conversa = nova_conversa(rita, gente.bruno, nao_lidas=4)

    entrar(quem).get(f"/conversas/{conversa.pk}/")

    with na(gente.aurora):
        assert Conversa.objects.get().nao_lidas == restam


def test_opening_leaves_unread_what_one_may_only_look_at(
    gente: SimpleNamespace, rita: Contato, entrar: Entrar
) -> None:
    da_ana = nova_conversa(rita, gente.ana, nao_lidas=4)

    resposta = entrar("bruno").get(f"/conversas/{da_ana.pk}/")

    assert resposta.context["pode_responder"] is False
    assert "Quem responde por este número é Ana Alves" in resposta.content.decode()
    with na(gente.aurora):
        assert Conversa.objects.get().nao_lidas == 4


@pytest.mark.parametrize("resto", ["", "mensagens/"])
@pytest.mark.parametrize("quem", ["ana", "bruno"])
def test_another_organisations_conversation_does_not_exist(
    alheia: Conversa, entrar: Entrar, quem: str, resto: str
) -> None:
    nova_mensagem(alheia, "segredo de Tito")

    resposta = entrar(quem).get(f"/conversas/{alheia.pk}/{resto}")

    assert resposta.status_code == 404
    assert "segredo de Tito" not in resposta.content.decode()


def test_the_super_admin_looks_and_does_not_answer(
    gente: SimpleNamespace, conversa: Conversa, entrar: Entrar
) -> None:
    sofia = entrar("sofia")
    sofia.post("/organizacoes/trocar/", {"organizacao": str(gente.aurora.pk)})

    olhar = sofia.get(f"/conversas/{conversa.pk}/")
    falar = responder(sofia, conversa, "Olá")

    assert (olhar.status_code, falar.status_code) == (200, 403)
    assert "Seu papel permite ler esta conversa" in olhar.content.decode()
    assert enviadas(gente.aurora) == []


# --- The answer --------------------------------------------------------------


@pytest.mark.parametrize("quem", ["bruno", "ana"])
def test_the_owner_and_an_admin_answer(
    gente: SimpleNamespace, conversa: Conversa, entrar: Entrar, quem: str
) -> None:
    resposta = responder(entrar(quem), conversa, "  Olá!\nTudo bem?  ", headers=HTMX)

    assert resposta.status_code == 200
    assert "<html" not in resposta.content.decode()
    with na(gente.aurora):
        mensagem = Mensagem.objects.select_related("autor").get()
        intento = EventoPendente.objects.get()
    assert (mensagem.texto, mensagem.autor) == ("Olá!\nTudo bem?", getattr(gente, quem))
    assert mensagem.status == "pendente"
    assert intento.destino == "whatsapp.envio"


def test_without_scripts_the_answer_comes_back_to_the_page(
    gente: SimpleNamespace, conversa: Conversa, entrar: Entrar
) -> None:
    resposta = responder(entrar("bruno"), conversa, "Olá")

    assert resposta.status_code == 302
    assert resposta["Location"] == f"/conversas/{conversa.pk}/"
    assert enviadas(gente.aurora) == ["Olá"]


@pytest.mark.parametrize(
    ("texto", "erro"),
    [
        ("", "Escreva a mensagem antes de enviar."),
        (" \n\t ", "Escreva a mensagem antes de enviar."),
        ("x" * 4097, "A mensagem passa de 4096 caracteres: tem 4097."),
        ("a\x00b", "Caracteres nulos não são permitidos."),
    ],
)
def test_a_wrong_answer_says_why_and_sends_nothing(
    gente: SimpleNamespace, conversa: Conversa, entrar: Entrar, texto: str, erro: str
) -> None:
    resposta = responder(entrar("bruno"), conversa, texto, headers=HTMX)

    assert resposta.status_code == 422
    assert erro in resposta.content.decode()
    assert enviadas(gente.aurora) == []


def test_the_longest_answer_is_sent(
    gente: SimpleNamespace, conversa: Conversa, entrar: Entrar
) -> None:
    resposta = responder(entrar("bruno"), conversa, "x" * 4096, headers=HTMX)

    assert resposta.status_code == 200
    assert enviadas(gente.aurora) == ["x" * 4096]


def test_a_line_end_counts_once(
    gente: SimpleNamespace, conversa: Conversa, entrar: Entrar
) -> None:
    linhas = "x\r\n" * 2047 + "xx"

    resposta = responder(entrar("bruno"), conversa, linhas, headers=HTMX)

    assert resposta.status_code == 200
    assert enviadas(gente.aurora) == ["x\n" * 2047 + "xx"]


def test_a_refused_answer_keeps_what_was_written(
    gente: SimpleNamespace, conversa: Conversa, entrar: Entrar
) -> None:
    comprido = "palavra " * 600

    resposta = responder(entrar("bruno"), conversa, comprido, headers=HTMX)

    assert resposta.status_code == 422
    assert comprido.strip() in resposta.content.decode()


def test_a_member_does_not_answer_through_anothers_number(
    gente: SimpleNamespace, rita: Contato, entrar: Entrar
) -> None:
    da_ana = nova_conversa(rita, gente.ana)

    resposta = responder(entrar("bruno"), da_ana, "Olá", headers=HTMX)

    assert resposta.status_code == 422
    assert "Ana Alves ou a administração" in resposta.content.decode()
    assert enviadas(gente.aurora) == []
    with na(gente.aurora):
        assert EventoPendente.objects.count() == 0


def test_nobody_answers_in_another_organisation(
    gente: SimpleNamespace, alheia: Conversa, entrar: Entrar
) -> None:
    for quem in ("ana", "bruno"):
        assert responder(entrar(quem), alheia, "Olá").status_code == 404

    assert enviadas(gente.brisa) == []


@pytest.mark.parametrize("verbo", ["reenviar", "confirmar"])
def test_a_decision_is_refused_outside_the_organisation(
    gente: SimpleNamespace, alheia: Conversa, entrar: Entrar, verbo: str
) -> None:
    mensagem = nova_mensagem(alheia, direcao="saida", status="falhou")

    resposta = entrar("ana").post(f"/mensagens/{mensagem.pk}/{verbo}/")
    inexistente = entrar("ana").post(f"/mensagens/{uuid4()}/{verbo}/")

    assert (resposta.status_code, inexistente.status_code) == (404, 404)
    with na(gente.brisa):
        assert Mensagem.objects.get().status == "falhou"


def test_a_failed_answer_is_sent_again(
    gente: SimpleNamespace, conversa: Conversa, entrar: Entrar
) -> None:
    bruno = entrar("bruno")
    responder(bruno, conversa, "Olá")
    with na(gente.aurora):
        EventoPendente.objects.update(status="failed", motivo="esgotada")
        Mensagem.objects.update(status="falhou")
        mensagem = Mensagem.objects.get()

    resposta = bruno.post(f"/mensagens/{mensagem.pk}/reenviar/", headers=HTMX)

    assert resposta.status_code == 200
    assert "HX-Trigger" not in resposta
    with na(gente.aurora):
        assert Mensagem.objects.get().status == "pendente"
        assert EventoPendente.objects.get().status == "pending"


@pytest.mark.parametrize("verbo", ["reenviar", "confirmar"])
def test_a_decision_that_comes_too_late_says_so(
    gente: SimpleNamespace, conversa: Conversa, entrar: Entrar, verbo: str
) -> None:
    bruno = entrar("bruno")
    responder(bruno, conversa, "Olá")
    with na(gente.aurora):
        mensagem = Mensagem.objects.get()

    resposta = bruno.post(f"/mensagens/{mensagem.pk}/{verbo}/", headers=HTMX)

    assert resposta.status_code == 200
    assert '"tom": "erro"' in resposta["HX-Trigger"]
    with na(gente.aurora):
        assert Mensagem.objects.get().status == "pendente"


def test_the_frame_counts_what_nobody_read(
    gente: SimpleNamespace, rita: Contato, alheia: Conversa, entrar: Entrar
) -> None:
    nova_conversa(rita, gente.bruno, nao_lidas=2)
    nova_conversa(rita, gente.ana, nao_lidas=3)
    with na(gente.brisa):
        Conversa.objects.update(nao_lidas=40)

    assert entrar("bruno").get("/contatos/").context["nao_lidas"]() == 5


@pytest.mark.parametrize(
    ("metodo", "resto"), [("get", "responder/"), ("post", "mensagens/"), ("post", "")]
)
def test_a_wrong_method_is_refused(
    conversa: Conversa, entrar: Entrar, metodo: str, resto: str
) -> None:
    url = f"/conversas/{conversa.pk}/{resto}"

    assert getattr(entrar("bruno"), metodo)(url).status_code == 405


def test_a_form_sent_twice_is_one_message(
    gente: SimpleNamespace, conversa: Conversa, entrar: Entrar
) -> None:
    """The answer to the first was lost on the way, and the person pressed again."""
    ana = entrar("ana")
    chave = str(uuid4())

    for _ in range(2):
        resposta = ana.post(
            f"/conversas/{conversa.pk}/responder/",
            {"texto": "Olá!", "chave": chave},
            headers={"HX-Request": "true"},
        )
        assert resposta.status_code == 200

    with na(gente.aurora):
        [mensagem] = Mensagem.objects.filter(conversa=conversa, texto="Olá!")
        assert str(mensagem.pk) == chave
        assert EventoPendente.objects.count() == 1


def test_a_message_behind_one_in_doubt_says_what_it_waits_for(
    gente: SimpleNamespace, conversa: Conversa, entrar: Entrar
) -> None:
    for minuto, status in enumerate(("incerta", "pendente")):
        nova_mensagem(conversa, direcao="saida", status=status, momento=minutos(minuto))

    pagina = entrar("ana").get(f"/conversas/{conversa.pk}/").content.decode()

    assert pagina.count("Espera a decisão sobre a mensagem em dúvida acima.") == 1
    assert "Confira no celular antes de repetir." in pagina
