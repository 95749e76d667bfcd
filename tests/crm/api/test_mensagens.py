"""Messages through the API: read, sent, noted, with files."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from conexoes.models import EventoPendente
from conexoes.tenancy import sistema
from crm.models import Conversa, Mensagem, Midia
from tests.crm.conftest import minutos, nova_mensagem

pytestmark = pytest.mark.django_db

Token = Callable[[str], dict[str, str]]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def url(conversa: Conversa, parte: str = "mensagens") -> str:
    return f"/api/v1/conversas/{conversa.pk}/{parte}"


def mandar(endereco: str, cabecalhos: dict[str, str], corpo: Any) -> Any:
    return Client().post(
        endereco, corpo, content_type="application/json", headers=cabecalhos
    )


def todas() -> list[Mensagem]:
    with sistema("comando"):
        return list(Mensagem.objects.order_by("pk"))


def intentos() -> int:
    with sistema("comando"):
        return EventoPendente.objects.count()


def test_messages_come_newest_first_and_page_by_page(
    token: Token, conversa: Conversa
) -> None:
    feitas = [nova_mensagem(conversa, str(n), momento=minutos(n)) for n in range(5)]
    cabecalhos, endereco, vistas = token("bruno"), f"{url(conversa)}?quantas=2", []
    while endereco:
        pagina = Client().get(endereco, headers=cabecalhos).json()
        vistas += [linha["id"] for linha in pagina["resultados"]]
        endereco = pagina["proxima"]

    assert vistas == [str(m.pk) for m in reversed(feitas)]


def test_a_page_of_messages_costs_the_same_however_many(
    token: Token, conversa: Conversa, django_assert_num_queries: Any
) -> None:
    cabecalhos = token("bruno")
    for n in range(6):
        nova_mensagem(conversa, str(n), momento=minutos(n))

    with django_assert_num_queries(12):
        Client().get(f"{url(conversa)}?quantas=5", headers=cabecalhos)


def test_a_text_goes_into_the_queue_as_from_the_page(
    token: Token, conversa: Conversa, gente: SimpleNamespace
) -> None:
    resposta = mandar(url(conversa), token("bruno"), {"texto": " Bom dia! "})

    [mensagem] = todas()
    assert resposta.status_code == 201
    [mostrada] = resposta.json()["mensagens"]
    assert mostrada["id"] == str(mensagem.pk)
    assert (mostrada["texto"], mostrada["status"]) == ("Bom dia!", "pendente")
    assert mostrada["autor"] == {"id": str(gente.bruno.pk), "nome": "Bruno Barros"}
    assert intentos() == 1
    lida = Client().get(f"/api/v1/mensagens/{mensagem.pk}", headers=token("bruno"))
    assert lida.json() == mostrada


def test_an_answer_quotes_what_it_answers(token: Token, conversa: Conversa) -> None:
    dita = nova_mensagem(conversa, "Tem vaga?")

    resposta = mandar(
        url(conversa), token("bruno"), {"texto": "Tem", "cita": str(dita.pk)}
    )

    [mostrada] = resposta.json()["mensagens"]
    assert (mostrada["cita"], mostrada["citacao"]) == (str(dita.pk), "Tem vaga?")


@pytest.mark.parametrize(
    "corpo",
    [
        {},
        {"texto": ""},
        {"texto": "   "},
        {"texto": None},
        {"texto": ["a"]},
        {"texto": "a" * 4097},
        {"texto": "Olá {{nome}}"},
        {"texto": "a\x00b"},
        {"texto": "a", "cita": "nada"},
    ],
)
def test_what_cannot_be_sent_is_400_and_not_kept(
    token: Token, conversa: Conversa, corpo: dict[str, Any]
) -> None:
    resposta = mandar(url(conversa), token("bruno"), corpo)

    assert resposta.status_code == 400
    assert resposta.json()["erro"]["campos"]
    assert (todas(), intentos()) == ([], 0)


def test_a_quote_from_elsewhere_is_refused(
    token: Token, conversa: Conversa, alheia: Conversa
) -> None:
    dela = nova_mensagem(alheia)

    resposta = mandar(url(conversa), token("ana"), {"texto": "a", "cita": str(dela.pk)})

    assert resposta.status_code == 409
    assert todas() == [dela]


def test_files_are_messages_and_the_text_goes_with_the_first(
    token: Token, conversa: Conversa
) -> None:
    resposta = Client().post(
        url(conversa),
        {
            "texto": "A planta",
            "arquivos": [
                SimpleUploadedFile("planta.png", PNG),
                SimpleUploadedFile("leia.txt", b"oi"),
            ],
        },
        headers=token("bruno"),
    )

    assert resposta.status_code == 201
    mostradas = resposta.json()["mensagens"]
    assert [(m["tipo"], m["texto"]) for m in mostradas] == [
        ("imagem", "A planta"),
        ("documento", ""),
    ]
    assert [m["midias"][0]["nome"] for m in mostradas] == ["planta.png", "leia.txt"]
    baixada = Client().get(mostradas[0]["midias"][0]["url"], headers=token("bruno"))
    assert b"".join(baixada.streaming_content) == PNG
    assert baixada["Content-Security-Policy"].startswith("sandbox")


@pytest.mark.parametrize(
    "campos",
    [
        {"texto": "sem arquivo"},
        {"arquivos": [SimpleUploadedFile("vazio.txt", b"")]},
        {"arquivos": "texto"},
        {"arquivos": [SimpleUploadedFile(f"{n}.txt", b"a") for n in range(11)]},
    ],
)
def test_a_bad_form_is_400_and_sends_nothing(
    token: Token, conversa: Conversa, campos: dict[str, Any]
) -> None:
    resposta = Client().post(url(conversa), campos, headers=token("bruno"))

    assert resposta.status_code == 400, resposta.content
    assert set(resposta.json()["erro"]["campos"]) == {"arquivos"}
    assert (todas(), intentos()) == ([], 0)


def test_a_file_of_another_organisation_is_not_there(
    token: Token, alheia: Conversa
) -> None:
    Client().post(
        url(alheia),
        {"arquivos": [SimpleUploadedFile("deles.txt", b"segredo")]},
        headers=token("davi"),
    )
    with sistema("comando"):
        midia = Midia.objects.get()
    endereco = f"/api/v1/midias/{midia.pk}"

    assert Client().get(endereco, headers=token("davi")).status_code == 200
    for quem in ("ana", "bruno"):
        assert Client().get(endereco, headers=token(quem)).status_code == 404


def test_a_note_stays_here(
    token: Token, conversa: Conversa, gente: SimpleNamespace
) -> None:
    resposta = mandar(
        url(conversa, "notas"), token("bruno"), {"texto": "Ligar para @Ana"}
    )

    assert resposta.status_code == 201
    assert resposta.json()["direcao"] == "interna"
    assert UUID(resposta.json()["id"]) == todas()[0].pk
    assert intentos() == 0


def test_a_message_of_another_organisation_is_not_there(
    token: Token, alheia: Conversa
) -> None:
    dela = nova_mensagem(alheia)

    resposta = Client().get(f"/api/v1/mensagens/{dela.pk}", headers=token("ana"))

    assert resposta.status_code == 404


def test_what_a_body_adds_is_not_taken(
    token: Token, conversa: Conversa, gente: SimpleNamespace
) -> None:
    mandar(
        url(conversa),
        token("bruno"),
        {
            "texto": "Oi",
            "id": "00000000-0000-7000-8000-000000000001",
            "autor": str(gente.ana.pk),
            "autor_id": str(gente.ana.pk),
            "organizacao": str(gente.brisa.pk),
            "status": "lida",
            "direcao": "entrada",
            "chave": "00000000-0000-7000-8000-000000000001",
        },
    )

    [mensagem] = todas()
    assert mensagem.pk != UUID("00000000-0000-7000-8000-000000000001")
    assert mensagem.autor_id == gente.bruno.pk
    assert mensagem.organizacao_id == gente.aurora.pk
    assert (mensagem.status, mensagem.direcao) == ("pendente", "saida")
