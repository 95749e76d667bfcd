"""The inbox through the API: the same rows and the same rules as the page."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from conexoes.models import Notificacao
from conexoes.tenancy import na, sistema
from crm.models import Contato, Conversa, Mensagem
from tests.crm.conftest import minutos, nova_conversa, nova_mensagem, novo_contato

pytestmark = pytest.mark.django_db

Token = Callable[[str], dict[str, str]]
BASE = "/api/v1/conversas"
NINGUEM = "00000000-0000-7000-8000-000000000000"


def ler(url: str, cabecalhos: dict[str, str]) -> Any:
    return Client().get(url, headers=cabecalhos)


def mandar(url: str, cabecalhos: dict[str, str], corpo: Any = None) -> Any:
    return Client().post(
        url, corpo or {}, content_type="application/json", headers=cabecalhos
    )


def estado(conversa: Conversa) -> tuple[Any, ...]:
    with sistema("comando"):
        atual = Conversa.objects.get(pk=conversa.pk)
    return (atual.atendente_id, atual.concluida_em, atual.nao_lidas)


@pytest.fixture
def caixa(gente: SimpleNamespace) -> dict[str, Conversa]:
    """Five conversations of aurora, oldest first, and one of brisa."""
    modos: dict[str, dict[str, Any]] = {
        "aberta": {},
        "minha": {"atendente": gente.ana},
        "nao_lida": {"nao_lidas": 2},
        "esperando": {"ultima_direcao": "entrada"},
        "concluida": {"concluida_em": minutos(0)},
    }
    feitas = {
        nome: nova_conversa(
            novo_contato(gente.aurora, f"Contato {nome}"),
            gente.bruno,
            ultima_mensagem_em=minutos(n),
            **campos,
        )
        for n, (nome, campos) in enumerate(modos.items())
    }
    nova_conversa(novo_contato(gente.brisa, "Contato alheio"), gente.carla)
    return feitas


@pytest.mark.parametrize(
    ("consulta", "nomes"),
    [
        ("", ["esperando", "nao_lida", "minha", "aberta"]),
        ("filtro=minhas", ["minha"]),
        ("filtro=nao_lidas", ["nao_lida"]),
        ("filtro=esperando", ["esperando"]),
        ("filtro=concluidas", ["concluida"]),
        ("canal=whatsapp&filtro=minhas", ["minha"]),
        ("canal=email", []),
        ("busca=CONTATO+concl", ["concluida"]),
        ("busca=alheio", []),
    ],
)
def test_the_list_is_narrowed_as_the_page_is(
    token: Token, caixa: dict[str, Conversa], consulta: str, nomes: list[str]
) -> None:
    resposta = ler(f"{BASE}?{consulta}", token("ana"))

    assert resposta.status_code == 200
    ids = [linha["id"] for linha in resposta.json()["resultados"]]
    assert ids == [str(caixa[nome].pk) for nome in nomes]
    assert resposta.json()["proxima"] is None


def test_by_who_attends(
    token: Token, caixa: dict[str, Conversa], gente: SimpleNamespace
) -> None:
    minha = ler(f"{BASE}?atendente={gente.ana.pk}", token("ana")).json()
    alheia = ler(f"{BASE}?atendente={gente.carla.pk}", token("ana")).json()

    assert [linha["id"] for linha in minha["resultados"]] == [str(caixa["minha"].pk)]
    assert alheia["resultados"] == []


def test_a_line_says_what_a_program_needs(
    token: Token, conversa: Conversa, rita: Contato
) -> None:
    [linha] = ler(BASE, token("bruno")).json()["resultados"]

    assert linha["contato"] == {
        "id": str(rita.pk),
        "nome": "Rita Reis",
        "telefone": "+5531988887777",
        "e_grupo": False,
    }
    assert set(linha) == {
        *("id", "canal", "conexao_nome", "contato", "atendente", "nao_lidas"),
        *("ultima_mensagem", "concluida_em", "criado_em"),
    }


def test_pages_follow_each_other_to_the_end(
    token: Token, caixa: dict[str, Conversa]
) -> None:
    cabecalhos, url, vistas = token("ana"), f"{BASE}?quantas=2", []
    while url:
        pagina = ler(url, cabecalhos).json()
        vistas += [linha["id"] for linha in pagina["resultados"]]
        url = pagina["proxima"]

    nomes = ["esperando", "nao_lida", "minha", "aberta"]
    assert vistas == [str(caixa[nome].pk) for nome in nomes]


@pytest.mark.parametrize(
    "consulta",
    [
        *("filtro=inventado", "atendente=x", "quantas=0", "quantas=101", "quantas=a"),
        *("depois=nada", f"depois={NINGUEM}~x", "busca=" + "a" * 101, "busca=%00"),
        *("canal=" + "a" * 21, f"depois={NINGUEM}~9999-12-31T23:59:59-23:59"),
    ],
)
def test_a_bad_question_is_400_and_names_its_field(
    token: Token, gente: SimpleNamespace, consulta: str
) -> None:
    resposta = ler(f"{BASE}?{consulta}", token("ana"))

    assert resposta.status_code == 400
    assert set(resposta.json()["erro"]["campos"]) == {consulta.partition("=")[0]}


@pytest.mark.parametrize("quantas", [1, 5])
def test_the_list_costs_the_same_however_long_it_is(
    token: Token,
    gente: SimpleNamespace,
    django_assert_num_queries: Any,
    quantas: int,
) -> None:
    for n in range(quantas):
        nova_conversa(
            novo_contato(gente.aurora, f"C{n}"), gente.ana, atendente=gente.ana
        )
    cabecalhos = token("ana")

    with django_assert_num_queries(9):
        assert len(ler(BASE, cabecalhos).json()["resultados"]) == quantas


def test_one_conversation_says_whether_one_may_answer(
    token: Token, conversa: Conversa
) -> None:
    url = f"{BASE}/{conversa.pk}"

    dono, admin = (ler(url, token(quem)).json() for quem in ("bruno", "ana"))

    assert (dono["pode_responder"], admin["pode_responder"]) == (True, True)
    assert dono["responsavel"]["nome"] == "Bruno Barros"


def test_a_colleagues_number_is_read_and_not_answered(
    token: Token, gente: SimpleNamespace, rita: Contato
) -> None:
    da_ana = nova_conversa(rita, gente.ana)

    lida = ler(f"{BASE}/{da_ana.pk}", token("bruno")).json()
    enviada = mandar(f"{BASE}/{da_ana.pk}/mensagens", token("bruno"), {"texto": "Oi"})
    passada = mandar(
        f"{BASE}/{da_ana.pk}/atribuir", token("bruno"), {"atendente": None}
    )

    assert lida["pode_responder"] is False
    assert "Ana Alves" in lida["motivo_do_bloqueio"]
    assert (enviada.status_code, passada.status_code) == (409, 409)
    with na(gente.aurora):
        assert Mensagem.objects.count() == 0


def test_a_conversation_is_handed_on_and_its_person_told(
    token: Token, conversa: Conversa, gente: SimpleNamespace
) -> None:
    resposta = mandar(
        f"{BASE}/{conversa.pk}/atribuir",
        token("bruno"),
        {"atendente": str(gente.ana.pk)},
    )

    assert resposta.json()["atendente"]["nome"] == "Ana Alves"
    with sistema("comando"):
        assert Notificacao.objects.get().usuario_id == gente.ana.pk


def test_concluding_and_reopening_may_be_repeated(
    token: Token, conversa: Conversa
) -> None:
    cabecalhos = token("bruno")
    respostas = [
        mandar(f"{BASE}/{conversa.pk}/{verbo}", cabecalhos)
        for verbo in ("concluir", "concluir", "reabrir", "reabrir")
    ]

    assert [r.status_code for r in respostas] == [200] * 4
    assert [bool(r.json()["concluida_em"]) for r in respostas] == [
        *(True, True, False, False)
    ]


def test_reading_marks_nothing_and_marking_does(
    token: Token, gente: SimpleNamespace, rita: Contato
) -> None:
    conversa = nova_conversa(rita, gente.bruno, nao_lidas=3)
    nova_mensagem(conversa)
    cabecalhos = token("bruno")

    ler(f"{BASE}/{conversa.pk}", cabecalhos)
    ler(f"{BASE}/{conversa.pk}/mensagens", cabecalhos)
    antes = estado(conversa)[2]
    resposta = mandar(f"{BASE}/{conversa.pk}/lida", cabecalhos)

    assert (antes, estado(conversa)[2]) == (3, 0)
    assert resposta.json()["nao_lidas"] == 0


@pytest.mark.parametrize(
    ("verbo", "corpo"),
    [
        ("atribuir", {"atendente": None}),
        ("concluir", {}),
        ("reabrir", {}),
        ("lida", {}),
        ("mensagens", {"texto": "Oi"}),
        ("notas", {"texto": "Oi"}),
    ],
)
def test_another_organisations_conversation_is_not_there(
    token: Token, alheia: Conversa, verbo: str, corpo: dict[str, Any]
) -> None:
    antes = estado(alheia)
    cabecalhos = token("ana")

    dela = mandar(f"{BASE}/{alheia.pk}/{verbo}", cabecalhos, corpo)
    nenhuma = mandar(f"{BASE}/{NINGUEM}/{verbo}", cabecalhos, corpo)

    assert (dela.status_code, dela.content) == (404, nenhuma.content)
    assert estado(alheia) == antes
    with sistema("comando"):
        assert Mensagem.objects.count() == 0


@pytest.mark.parametrize("parte", ["", "/mensagens"])
def test_another_organisations_conversation_is_not_read(
    token: Token, alheia: Conversa, parte: str
) -> None:
    assert ler(f"{BASE}/{alheia.pk}{parte}", token("ana")).status_code == 404


@pytest.mark.parametrize("para", ["carla", "ninguem", "sofia"])
def test_nobody_of_elsewhere_is_given_a_conversation(
    token: Token, conversa: Conversa, gente: SimpleNamespace, para: str
) -> None:
    alvo = str(getattr(gente, para).pk) if para != "ninguem" else str(uuid4())

    resposta = mandar(
        f"{BASE}/{conversa.pk}/atribuir", token("ana"), {"atendente": alvo}
    )

    assert resposta.status_code == 404
    assert estado(conversa)[0] is None


def test_fields_that_are_not_asked_for_change_nothing(
    token: Token, conversa: Conversa, gente: SimpleNamespace
) -> None:
    resposta = mandar(
        f"{BASE}/{conversa.pk}/atribuir",
        token("ana"),
        {
            "atendente": str(gente.ana.pk),
            "organizacao_id": str(gente.brisa.pk),
            "responsavel": str(gente.ana.pk),
            "nao_lidas": 99,
        },
    )

    assert resposta.status_code == 200
    with sistema("comando"):
        atual = Conversa.objects.get(pk=conversa.pk)
    assert (atual.organizacao_id, atual.responsavel_id) == (
        gente.aurora.pk,
        gente.bruno.pk,
    )
    assert atual.nao_lidas == 0


def test_the_team_is_names_and_nothing_else(
    token: Token, gente: SimpleNamespace
) -> None:
    pessoas = ler("/api/v1/equipe", token("bruno")).json()["resultados"]

    assert pessoas == [
        {"id": str(gente.ana.pk), "nome": "Ana Alves"},
        {"id": str(gente.bruno.pk), "nome": "Bruno Barros"},
    ]
