"""Personal API keys: made once, good for what their person may do, ended at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from uuid6 import uuid7

from conexoes.acesso import ADMIN, MATRIZ
from conexoes.models import ChaveDeApi, Notificacao, RegistroAuditoria
from conexoes.tenancy import sistema

pytestmark = pytest.mark.django_db

Entrar = Callable[[str], Client]
Chave = Callable[..., dict[str, str]]
PAGINA = "/configuracoes/chaves-de-api/"
URL = "/api/v1/contatos"


def chamar(cabecalhos: dict[str, str], url: str = URL) -> Any:
    return Client().get(url, headers=cabecalhos)


def todas() -> list[ChaveDeApi]:
    with sistema("comando"):
        return list(ChaveDeApi.objects.order_by("pk"))


def auditadas(acao: str) -> list[tuple[str, str]]:
    with sistema("comando"):
        linhas = RegistroAuditoria.objects.filter(acao=acao)
        return list(linhas.values_list("autor_nome", "objeto"))


def formulario(**campos: Any) -> dict[str, Any]:
    return {
        "id": str(uuid7()),
        "nome": "Planilha",
        "escopos": ["contatos.ver"],
        "validade": "90",
    } | campos


def segredo_da(pagina: Any) -> str:
    achado = re.search(r'id="segredo"[^>]*>([^<]+)<', pagina.content.decode())
    assert achado is not None
    return achado[1]


# --- The page ----------------------------------------------------------------


def test_a_person_makes_a_key_and_it_works(
    entrar: Entrar, gente: SimpleNamespace
) -> None:
    criada = entrar("bruno").post(f"{PAGINA}nova/", formulario())

    segredo = segredo_da(criada)
    [linha] = todas()
    assert criada.status_code == 200
    assert "no-store" in criada["Cache-Control"]
    assert chamar({"Authorization": f"Api-Key {segredo}"}).status_code == 200
    assert linha.usuario_id == gente.bruno.pk
    assert linha.escopos == ["contatos.ver"]
    assert auditadas("chave_api.criada") == [("Bruno Barros", f"chave_api:{linha.pk}")]


def test_only_its_hash_is_kept_and_the_list_shows_its_beginning(entrar: Entrar) -> None:
    navegador = entrar("bruno")
    segredo = segredo_da(navegador.post(f"{PAGINA}nova/", formulario()))

    pagina = navegador.get(PAGINA).content.decode()

    [linha] = todas()
    assert linha.resumo == hashlib.sha256(segredo.encode()).hexdigest()
    assert segredo not in pagina
    assert f"{linha.prefixo}…" in pagina
    assert segredo.startswith(f"{linha.prefixo}_")
    # 256 bits of chance.
    assert len(segredo.removeprefix(f"{linha.prefixo}_")) == 43


def test_the_same_form_twice_is_one_key(entrar: Entrar) -> None:
    navegador, dados = entrar("bruno"), formulario()
    navegador.post(f"{PAGINA}nova/", dados)

    outra = navegador.post(f"{PAGINA}nova/", dados)

    assert outra.status_code == 422
    assert "já foi criada" in outra.content.decode()
    assert len(todas()) == 1


@pytest.mark.parametrize(
    "campos",
    [
        {"nome": ""},
        {"nome": "x" * 101},
        {"nome": "a\x00b"},
        {"escopos": []},
        {"escopos": ["equipe.gerenciar"]},
        {"escopos": ["inventado"]},
        {"validade": "9999"},
        {"id": "nada"},
    ],
)
def test_a_bad_form_makes_no_key(entrar: Entrar, campos: dict[str, Any]) -> None:
    resposta = entrar("bruno").post(f"{PAGINA}nova/", formulario(**campos))

    assert resposta.status_code == 422
    assert todas() == []


def test_what_is_not_of_the_form_is_ignored(
    entrar: Entrar, gente: SimpleNamespace
) -> None:
    entrar("bruno").post(
        f"{PAGINA}nova/",
        formulario(
            usuario=str(gente.ana.pk),
            organizacao=str(gente.brisa.pk),
            resumo="0" * 64,
            prefixo="cnx_meu",
        ),
    )

    [linha] = todas()
    assert (linha.usuario_id, linha.organizacao_id) == (gente.bruno.pk, gente.aurora.pk)
    assert linha.prefixo != "cnx_meu"
    assert linha.resumo != "0" * 64


def test_nobody_has_more_than_twenty(entrar: Entrar, chave: Chave) -> None:
    for _ in range(20):
        chave("bruno", "contatos.ver")

    resposta = entrar("bruno").post(f"{PAGINA}nova/", formulario())

    assert resposta.status_code == 422
    assert len(todas()) == 20


def test_a_member_sees_their_own_keys_only(entrar: Entrar, chave: Chave) -> None:
    chave("ana", "contatos.ver", nome="Da Ana")
    chave("bruno", "contatos.ver", nome="Do Bruno")
    chave("carla", "contatos.ver", nome="Da Carla")

    pagina = entrar("bruno").get(PAGINA).content.decode()

    assert "Do Bruno" in pagina
    assert "Da Ana" not in pagina
    assert "Da Carla" not in pagina


def test_an_admin_sees_the_teams_keys_and_no_others(
    entrar: Entrar, chave: Chave
) -> None:
    chave("bruno", "contatos.ver", nome="Do Bruno")
    chave("carla", "contatos.ver", nome="Da Carla")

    pagina = entrar("ana").get(PAGINA).content.decode()

    assert "Do Bruno" in pagina
    assert "Da Carla" not in pagina


def test_a_super_admin_gets_none(entrar: Entrar, gente: SimpleNamespace) -> None:
    navegador = entrar("sofia")

    for url in (PAGINA, f"{PAGINA}nova/"):
        resposta = navegador.get(url, headers={"X-Org-Id": str(gente.aurora.pk)})
        assert resposta.status_code == 403


# --- Ending ------------------------------------------------------------------


def test_a_revoked_key_ends_at_once(entrar: Entrar, chave: Chave) -> None:
    cabecalhos = chave("bruno", "contatos.ver")
    [linha] = todas()
    assert chamar(cabecalhos).status_code == 200

    resposta = entrar("bruno").post(f"{PAGINA}{linha.pk}/revogar/")

    assert resposta.status_code == 302
    assert chamar(cabecalhos).status_code == 401
    assert auditadas("chave_api.revogada") == [
        ("Bruno Barros", f"chave_api:{linha.pk}")
    ]


def test_an_admin_ends_a_members_key_and_they_are_told(
    entrar: Entrar, chave: Chave, gente: SimpleNamespace
) -> None:
    cabecalhos = chave("bruno", "contatos.ver", nome="Planilha")
    [linha] = todas()

    entrar("ana").post(f"{PAGINA}{linha.pk}/revogar/")

    assert chamar(cabecalhos).status_code == 401
    with sistema("comando"):
        aviso = Notificacao.objects.get(usuario=gente.bruno)
    assert "Planilha" in aviso.titulo


@pytest.mark.parametrize("quem", ["bruno", "carla", "davi"])
def test_nobody_else_ends_it(entrar: Entrar, chave: Chave, quem: str) -> None:
    cabecalhos = chave("ana", "contatos.ver")
    [linha] = todas()

    resposta = entrar(quem).post(f"{PAGINA}{linha.pk}/revogar/")

    assert resposta.status_code == 404
    assert chamar(cabecalhos).status_code == 200


def test_a_key_ends_on_its_day(chave: Chave) -> None:
    cabecalhos = chave(
        "bruno", "contatos.ver", expira_em=timezone.now() + timedelta(days=30)
    )

    with time_machine.travel(timezone.now() + timedelta(days=29)):
        antes = chamar(cabecalhos).status_code
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        depois = chamar(cabecalhos).status_code

    assert (antes, depois) == (200, 401)


def test_a_key_ends_with_its_person(chave: Chave, gente: SimpleNamespace) -> None:
    cabecalhos = chave("bruno", "contatos.ver")

    with sistema("comando"):
        type(gente.bruno).objects.filter(pk=gente.bruno.pk).update(is_active=False)

    assert chamar(cabecalhos).status_code == 401


# --- Calling -----------------------------------------------------------------


@pytest.mark.parametrize(
    "segredo",
    ["", "x", "cnx_", "cnx_0000000000_" + "a" * 43, "ção", "a" * 5_000, "cnx_\x01"],
)
def test_what_is_no_key_is_401_like_a_revoked_one(
    gente: SimpleNamespace, segredo: str
) -> None:
    resposta = chamar({"Authorization": f"Api-Key {segredo}"})

    assert resposta.status_code == 401
    assert resposta.json()["erro"]["mensagem"] == (
        "Chave de API inválida, vencida ou revogada."
    )


def test_the_beginning_of_a_key_opens_nothing(chave: Chave) -> None:
    cabecalhos = chave("bruno", "contatos.ver")

    assert (
        chamar({"Authorization": cabecalhos["Authorization"][:-1]}).status_code == 401
    )


def test_a_key_is_taken_from_no_other_place(chave: Chave) -> None:
    segredo = chave("bruno", "contatos.ver")["Authorization"].removeprefix("Api-Key ")

    assert chamar({}, f"{URL}?api_key={segredo}").status_code == 401
    assert chamar({"X-Api-Key": segredo}).status_code == 401
    assert chamar({"Authorization": f"Bearer {segredo}"}).status_code == 401
    assert chamar({"Authorization": f"api-key {segredo}"}).status_code == 200


def test_a_key_does_what_it_was_made_for_and_nothing_else(chave: Chave) -> None:
    cabecalhos = chave("ana", "contatos.ver")

    recusada = chamar(cabecalhos, "/api/v1/conversas")

    assert chamar(cabecalhos).status_code == 200
    assert recusada.status_code == 403
    assert recusada.json()["erro"] == {
        "codigo": "fora_do_escopo",
        "mensagem": "Esta chave não tem o escopo “conversas.ver”.",
    }
    assert auditadas("acesso.recusado") == [("Ana Alves", "/api/v1/conversas")]


def test_reading_is_not_writing(chave: Chave) -> None:
    resposta = Client().post(
        URL,
        {"nome": "Zé", "email": "ze@x.test"},
        content_type="application/json",
        headers=chave("ana", "contatos.ver"),
    )

    assert resposta.status_code == 403


def test_a_scope_gives_nothing_that_the_person_may_not_do(
    chave: Chave, monkeypatch: pytest.MonkeyPatch
) -> None:
    cabecalhos = chave("bruno", "contatos.ver")

    # The matrix is read at each call: what it takes away, keys lose.
    monkeypatch.setitem(MATRIZ, "contatos.ver", frozenset({ADMIN}))

    resposta = chamar(cabecalhos)
    assert resposta.status_code == 403
    assert resposta.json()["erro"]["codigo"] == "sem_permissao"


def test_a_key_beside_a_session_is_who_calls(entrar: Entrar, chave: Chave) -> None:
    navegador = entrar("carla")

    resposta = navegador.get("/api/v1/equipe", headers=chave("ana", "conversas.ver"))

    assert [p["nome"] for p in resposta.json()["resultados"]] == [
        "Ana Alves",
        "Bruno Barros",
    ]


def test_a_key_on_a_page_is_no_log_in(chave: Chave) -> None:
    resposta = chamar(chave("ana", "conversas.ver"), "/conversas/")

    assert resposta.status_code == 302
    assert resposta["Location"].startswith("/conta/entrar/")


def test_its_use_is_noted_once_a_minute(chave: Chave) -> None:
    cabecalhos = chave("bruno", "contatos.ver")
    agora = timezone.now()
    usos = []
    for segundos in (0, 30, 61):
        with time_machine.travel(agora + timedelta(seconds=segundos), tick=False):
            chamar(cabecalhos)
            usos.append(todas()[0].usada_em)

    assert usos == [agora, agora, agora + timedelta(seconds=61)]


def test_a_call_with_a_key_takes_a_constant_number_of_queries(
    chave: Chave, django_assert_num_queries: Any
) -> None:
    cabecalhos = chave("bruno", "contatos.ver")
    chamar(cabecalhos)

    # Whose key (savepoint, role, row, role, release), then the list in its context.
    with django_assert_num_queries(11):
        assert chamar(cabecalhos).status_code == 200
