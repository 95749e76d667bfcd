"""Notes stay inside; drafts are one's own; ready texts have their blanks filled."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from conexoes.models import EventoPendente, Notificacao, RegistroAuditoria
from conexoes.tenancy import na, sistema
from crm.models import Contato, Conversa, Mensagem, Rascunho, RespostaRapida
from crm.services.conversas import refazer_resumo
from crm.services.envios import citavel, mudar_status
from tests.crm.conftest import minutos, nova_conversa, nova_mensagem

pytestmark = pytest.mark.django_db

Entrar = Callable[[str], Client]
HTMX = {"HX-Request": "true"}
RAPIDAS = "/configuracoes/respostas-rapidas/"


def todas(modelo: Any, **filtro: Any) -> list[Any]:
    with sistema("comando"):
        return list(modelo.objects.filter(**filtro).order_by("pk"))


def anotar(navegador: Client, conversa: Conversa, texto: str) -> Any:
    return navegador.post(
        f"/conversas/{conversa.pk}/nota/", {"texto": texto}, headers=HTMX
    )


def rascunhar(navegador: Client, conversa: Conversa, texto: str) -> Any:
    return navegador.post(f"/conversas/{conversa.pk}/rascunho/", {"texto": texto})


# --- Notes ---------------------------------------------------------------------


def test_note_never_leaves_and_is_never_the_last_word(
    gente: SimpleNamespace, rita: Contato, entrar: Entrar
) -> None:
    conversa = nova_conversa(rita, gente.ana, nao_lidas=1, ultima_direcao="entrada")
    nova_mensagem(conversa, "Oi", momento=minutos(1))

    assert anotar(entrar("bruno"), conversa, "Cliente antigo").status_code == 200

    [nota] = todas(Mensagem, direcao="interna")
    assert (nota.texto, nota.status, nota.autor_id) == (
        "Cliente antigo",
        "nota",
        gente.bruno.pk,
    )
    assert todas(EventoPendente) == []
    with na(gente.aurora):
        refazer_resumo(conversa)
        depois = Conversa.objects.get()
        assert citavel(conversa, nota.pk) is None
    assert (depois.ultima_direcao, depois.nao_lidas) == ("entrada", 1)
    assert depois.ultima_mensagem_texto == "Oi"


def test_ticks_of_an_answer_turn_in_the_list_below_a_note(
    gente: SimpleNamespace, rita: Contato, entrar: Entrar
) -> None:
    conversa = nova_conversa(rita, gente.ana)
    resposta = nova_mensagem(
        conversa, "Oi", direcao="saida", status="enviada", momento=minutos(1)
    )
    with na(gente.aurora):
        refazer_resumo(conversa)
    anotar(entrar("bruno"), conversa, "Ligar amanhã")

    with na(gente.aurora):
        mudar_status(resposta, Mensagem.Status.LIDA)

    assert todas(Conversa)[0].ultimo_status == "lida"


def test_note_is_read_by_the_team_and_drawn_apart(
    conversa: Conversa, entrar: Entrar
) -> None:
    anotar(entrar("bruno"), conversa, "<b>só</b> nossa")

    pagina = entrar("ana").get(f"/conversas/{conversa.pk}/").content.decode()

    assert "nota interna: só a equipe vê" in pagina
    assert "&lt;b&gt;só&lt;/b&gt; nossa" in pagina


@pytest.mark.parametrize(
    ("texto", "avisadas"),
    [
        ("@Bruno veja isto", ["bruno"]),
        ("veja, @bruno barros.", ["bruno"]),
        ("@Ana sou eu", []),
        ("@Carla é de outra empresa", []),
        ("bruno sem arroba", []),
        ("ana@exemplo.test", []),
    ],
)
def test_colleague_who_is_named_is_told(
    gente: SimpleNamespace,
    conversa: Conversa,
    entrar: Entrar,
    texto: str,
    avisadas: list[str],
) -> None:
    anotar(entrar("ana"), conversa, texto)

    avisos = todas(Notificacao)
    assert [a.usuario_id for a in avisos] == [getattr(gente, n).pk for n in avisadas]
    assert all("Ana Alves citou você" in a.titulo for a in avisos)


def test_only_its_author_takes_a_note_back(conversa: Conversa, entrar: Entrar) -> None:
    anotar(entrar("bruno"), conversa, "Segredo")
    [nota] = todas(Mensagem, direcao="interna")

    for quem, situacao in (("ana", 204), ("carla", 404), ("bruno", 204)):
        assert todas(Mensagem, pk=nota.pk)[0].texto == "Segredo"
        resposta = entrar(quem).post(f"/notas/{nota.pk}/apagar/", headers=HTMX)
        assert resposta.status_code == situacao

    [apagada] = todas(Mensagem, pk=nota.pk)
    assert (apagada.texto, apagada.apagada_em is None) == ("", False)
    assert [r.acao for r in todas(RegistroAuditoria)] == ["nota.apagada"]


def test_message_of_the_customer_is_no_note_to_delete(
    conversa: Conversa, entrar: Entrar
) -> None:
    dita = nova_mensagem(conversa, "Oi")

    assert entrar("bruno").post(f"/notas/{dita.pk}/apagar/").status_code == 404
    assert todas(Mensagem)[0].texto == "Oi"


@pytest.mark.parametrize(
    ("texto", "erro"), [(" ", "Escreva a nota"), ("x" * 4097, "passa de")]
)
def test_bad_note_is_said_and_kept_in_the_box(
    conversa: Conversa, entrar: Entrar, texto: str, erro: str
) -> None:
    resposta = anotar(entrar("bruno"), conversa, texto)

    assert resposta.status_code == 422
    assert erro in resposta.content.decode()
    assert todas(Mensagem) == []


@pytest.mark.parametrize(("quem", "situacao"), [("carla", 404), ("sofia", 403)])
def test_nobody_else_writes_notes(
    conversa: Conversa, entrar: Entrar, quem: str, situacao: int
) -> None:
    assert anotar(entrar(quem), conversa, "Oi").status_code == situacao
    assert todas(Mensagem) == []


# --- Drafts ----------------------------------------------------------------------


def test_draft_is_there_on_the_next_device_and_for_nobody_else(
    conversa: Conversa, entrar: Entrar
) -> None:
    assert rascunhar(entrar("bruno"), conversa, "Ainda pens").status_code == 204
    rascunhar(entrar("bruno"), conversa, "Ainda pensando")

    dele = entrar("bruno").get(f"/conversas/{conversa.pk}/").content.decode()
    assert "Ainda pensando</textarea>" in dele
    assert "Rascunho:" in dele
    dela = entrar("ana").get(f"/conversas/{conversa.pk}/").content.decode()
    assert "Ainda pensando" not in dela


@pytest.mark.parametrize("como", ["sent", "emptied"])
def test_draft_is_gone_once_sent_or_emptied(
    conversa: Conversa, entrar: Entrar, como: str
) -> None:
    bruno = entrar("bruno")
    rascunhar(bruno, conversa, "Bom dia")

    if como == "sent":
        bruno.post(f"/conversas/{conversa.pk}/responder/", {"texto": "Bom dia"})
    else:
        rascunhar(bruno, conversa, "  ")

    assert todas(Rascunho) == []


def test_refused_answer_keeps_the_draft(conversa: Conversa, entrar: Entrar) -> None:
    bruno = entrar("bruno")
    rascunhar(bruno, conversa, "x" * 5000)

    resposta = bruno.post(
        f"/conversas/{conversa.pk}/responder/", {"texto": "x" * 5000}, headers=HTMX
    )

    assert resposta.status_code == 422
    assert len(todas(Rascunho)[0].texto) == 5000


def test_draft_in_another_organisation_does_not_exist(
    alheia: Conversa, entrar: Entrar
) -> None:
    assert rascunhar(entrar("bruno"), alheia, "Oi").status_code == 404
    assert todas(Rascunho) == []


# --- Ready texts -------------------------------------------------------------------


def rapida(organizacao: Any, atalho: str, texto: str) -> RespostaRapida:
    with na(organizacao):
        return RespostaRapida.objects.create(
            organizacao=organizacao, atalho=atalho, texto=texto
        )


def test_ready_text_is_made_changed_and_deleted(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    bruno = entrar("bruno")

    bruno.post(f"{RAPIDAS}nova/", {"atalho": "/Endereco", "texto": "Rua A, 1"})
    [feita] = todas(RespostaRapida)
    assert (feita.atalho, feita.texto, feita.autor_id) == (
        "endereco",
        "Rua A, 1",
        gente.bruno.pk,
    )
    bruno.post(f"{RAPIDAS}{feita.pk}/", {"atalho": "endereco", "texto": "Rua B, 2"})
    assert todas(RespostaRapida)[0].texto == "Rua B, 2"
    bruno.post(f"{RAPIDAS}{feita.pk}/apagar/")

    assert todas(RespostaRapida) == []
    assert [r.acao for r in todas(RegistroAuditoria)] == [
        "resposta_rapida.criada",
        "resposta_rapida.alterada",
        "resposta_rapida.apagada",
    ]


@pytest.mark.parametrize(
    ("atalho", "erro"),
    [
        ("endereco", "Já existe uma resposta com o atalho /endereco."),
        ("dois nomes", "Use só letras"),
        ("", "obrigatório"),
    ],
)
def test_bad_shortcut_is_said_in_words(
    gente: SimpleNamespace, entrar: Entrar, atalho: str, erro: str
) -> None:
    rapida(gente.aurora, "endereco", "Rua A")
    rapida(gente.brisa, "outro", "Rua C")

    resposta = entrar("bruno").post(f"{RAPIDAS}nova/", {"atalho": atalho, "texto": "x"})

    assert resposta.status_code == 422
    assert erro in resposta.content.decode()
    assert len(todas(RespostaRapida)) == 2


def test_blanks_are_filled_with_what_is_known(
    gente: SimpleNamespace, conversa: Conversa, entrar: Entrar
) -> None:
    rapida(
        gente.aurora,
        "oi",
        "Oi {{primeiro_nome}}, aqui é {{ atendente }} da {{empresa}}. {{preco}}?",
    )
    rapida(gente.brisa, "oi", "De outra empresa")

    lista = entrar("bruno").get(
        f"/conversas/{conversa.pk}/respostas-rapidas/", {"busca": "/o"}
    )

    [achada] = lista.context["respostas"]
    assert achada.pronta == (
        "Oi Rita, aqui é Bruno Barros da Aurora Imóveis. {{preco}}?"
    )


def test_blank_left_open_is_not_sent(conversa: Conversa, entrar: Entrar) -> None:
    resposta = entrar("bruno").post(
        f"/conversas/{conversa.pk}/responder/",
        {"texto": "Custa {{preco}}"},
        headers=HTMX,
    )

    assert resposta.status_code == 422
    assert "Complete {{preco}} antes de enviar." in resposta.content.decode()
    assert todas(Mensagem) == []


@pytest.mark.parametrize("quem", ["carla", "davi"])
def test_another_organisations_ready_text_does_not_exist(
    gente: SimpleNamespace, entrar: Entrar, quem: str
) -> None:
    feita = rapida(gente.aurora, "oi", "Nossa")

    for resto in ("", "apagar/"):
        resposta = entrar(quem).post(f"{RAPIDAS}{feita.pk}/{resto}", {"texto": "x"})
        assert resposta.status_code == 404
    assert todas(RespostaRapida)[0].texto == "Nossa"


def test_list_of_ready_texts_costs_the_same_however_long(
    gente: SimpleNamespace,
    entrar: Entrar,
    django_assert_num_queries: Callable[..., Any],
) -> None:
    bruno = entrar("bruno")
    for quantas in (1, 40):
        for n in range(quantas):
            rapida(gente.aurora, f"a{quantas}-{n}", "Texto")
        with django_assert_num_queries(11):
            bruno.get(RAPIDAS)
