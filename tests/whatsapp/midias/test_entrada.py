"""Files that come in: announced, fetched, and asked for anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conexoes import arquivos
from conexoes.models import EventoPendente
from conexoes.tenancy import na
from crm.models import Mensagem, Midia
from crm.services import midias
from tests.servidor import Servidor
from tests.trabalho import drenar_saida
from tests.whatsapp.dominio import CHAT, todas, uma, usar_servidor
from tests.whatsapp.midias.arquivos import HTML, ID, JPEG, guardados, insistir, situacao
from tests.whatsapp.waha import Entregador
from whatsapp.models import SessaoWhatsapp

pytestmark = pytest.mark.django_db

CAMINHO = f"/api/files/wpp-12-34/{ID}.jpg"

FIXTURE = Path(__file__).parents[1] / "fixtures" / "message__midia.json"


def com_url(url: str | None, **midia: Any) -> dict[str, Any]:
    return {"media": {"url": url, "mimetype": "image/jpeg", "filename": None} | midia}


def conteudo(midia: Midia) -> bytes:
    with arquivos.abrir(midia.arquivo) as arquivo:
        return arquivo.read()


# --- In ------------------------------------------------------------------------


def test_a_file_is_announced_then_fetched(
    entregar: Entregador, waha: Servidor, pasta: Path
) -> None:
    entregar("message__midia.json")
    assert situacao() == ("pendente", "")
    assert waha.pedidos == []

    waha.respostas = [(200, JPEG)]
    drenar_saida()

    midia, mensagem = uma(Midia), uma(Mensagem)
    assert waha.pedidos == [("GET", CAMINHO, None)]
    assert (midia.status, midia.mimetype, midia.tamanho) == (
        "pronta",
        "image/jpeg",
        len(JPEG),
    )
    assert (mensagem.tipo, mensagem.texto) == ("imagem", "legenda")
    assert conteudo(midia) == JPEG
    assert guardados(pasta) == [
        f"{mensagem.organizacao_id}/{mensagem.pk.hex[-2:]}/{mensagem.pk}"
    ]


def test_a_file_told_twice_is_fetched_once(
    entregar: Entregador, waha: Servidor
) -> None:
    entregar("message__midia.json")
    entregar("message__midia.json", envelope={"id": "evt_outro"})
    waha.respostas = [(200, JPEG)]

    drenar_saida()

    assert len(waha.pedidos) == 1
    assert uma(Midia).status == "pronta"


def test_a_server_below_a_path_is_asked_below_it(
    entregar: Entregador, servidor: Servidor
) -> None:
    usar_servidor(f"{servidor.url}/waha")
    servidor.respostas = [(200, JPEG)]
    entregar("message__midia.json", **com_url(f"http://x.test/waha{CAMINHO}"))

    drenar_saida()

    assert [caminho for _, caminho, _ in servidor.pedidos] == [f"/waha{CAMINHO}"]
    assert uma(Midia).status == "pronta"


@pytest.mark.parametrize(
    "host", ["http://169.254.169.254", "https://evil.example", "//evil.example"]
)
def test_no_other_server_is_ever_asked(
    entregar: Entregador, waha: Servidor, host: str
) -> None:
    waha.respostas = [(200, JPEG)]
    entregar("message__midia.json", **com_url(f"{host}{CAMINHO}"))

    drenar_saida()

    assert waha.pedidos == [("GET", CAMINHO, None)]
    assert uma(Midia).status == "pronta"


@pytest.mark.parametrize(
    "url",
    [
        "https://balde.s3.amazonaws.com/wpp/a.jpg?X-Amz-Signature=1",
        "http://waha/api/sessions?all=true",
        "http://waha/api/files/../sessions",
        "http://waha/api/files/%2e%2e/sessions",
        "http://waha/api/files/..%5csessions",
        "http://waha/api/files//sessions",
        "http://waha/api/files/",
        "file:///etc/passwd",
        "http://[",
    ],
)
def test_an_address_that_is_no_file_of_ours_is_not_asked(
    entregar: Entregador, waha: Servidor, pasta: Path, url: str
) -> None:
    entregar("message__midia.json", **com_url(url))

    drenar_saida()

    assert waha.pedidos == []
    assert situacao() == (
        "falhou",
        "O servidor WAHA guarda os arquivos em outro lugar, que não acessamos.",
    )
    assert guardados(pasta) == []


def test_a_page_under_a_picture_name_is_only_a_download(
    entregar: Entregador, waha: Servidor
) -> None:
    waha.respostas = [(200, HTML)]
    entregar("message__midia.json")

    drenar_saida()

    midia = uma(Midia)
    midia.mensagem = uma(Mensagem)
    assert (midia.status, midia.mimetype) == ("pronta", arquivos.DESCONHECIDO)
    assert midias.exibicao(midia) == "documento"


def test_an_empty_file_is_kept_as_it_is(entregar: Entregador, waha: Servidor) -> None:
    waha.respostas = [(200, b"")]
    entregar("message__midia.json")

    drenar_saida()

    midia = uma(Midia)
    assert (midia.status, midia.tamanho) == ("pronta", 0)
    assert midia.mimetype == arquivos.DESCONHECIDO


def test_a_name_full_of_tricks_is_cleaned(entregar: Entregador, waha: Servidor) -> None:
    entregar(
        "message__midia.json",
        **com_url(
            f"http://waha{CAMINHO}",
            filename="../../<b>🧾 nota\u202efdp.exe\r\n",
            mimetype="application/pdf",
        ),
    )

    assert uma(Midia).nome == "<b>🧾 notafdp.exe"


# --- What WAHA no longer has ----------------------------------------------------


def test_a_file_already_dropped_is_asked_for_anew(
    entregar: Entregador, waha: Servidor
) -> None:
    novo = f"/api/files/wpp-12-34/{ID}-2.jpg"
    corpo = json.loads(FIXTURE.read_text())["payload"] | com_url(f"http://waha{novo}")
    waha.respostas = [(404, {}), (200, corpo), (200, JPEG)]
    entregar("message__midia.json")

    drenar_saida()

    conversa = f"{uma(SessaoWhatsapp).session_name}/chats/{CHAT.replace('@', '%40')}"
    assert [caminho for _, caminho, _ in waha.pedidos] == [
        CAMINHO,
        f"/api/{conversa}/messages/{ID.replace('@', '%40')}?downloadMedia=true",
        novo,
    ]
    assert conteudo(uma(Midia)) == JPEG


def test_a_file_that_is_gone_fails_after_a_few_tries_and_a_person_may_insist(
    entregar: Entregador, waha: Servidor, pasta: Path
) -> None:
    waha.respostas = [(404, {})] * 6
    entregar("message__midia.json")

    drenar_saida()
    assert situacao() == ("pendente", "O WhatsApp não tem mais este arquivo.")
    insistir(2)
    assert situacao() == ("falhou", "O WhatsApp não tem mais este arquivo.")
    assert guardados(pasta) == []

    waha.respostas = [(200, JPEG)]
    pedir_de_novo()
    assert situacao() == ("pendente", "")
    drenar_saida()
    assert uma(Midia).status == "pronta"


def pedir_de_novo() -> None:
    with na(uma(Midia).organizacao_id):
        midias.baixar_de_novo(Midia.objects.get())


@pytest.mark.parametrize(
    "media", [None, {"url": None, "mimetype": "image/jpeg", "error": {"details": "x"}}]
)
def test_what_waha_did_not_fetch_fails_in_words_until_somebody_asks(
    entregar: Entregador, waha: Servidor, media: Any
) -> None:
    entregar("message__midia.json", media=media)
    drenar_saida()
    assert waha.pedidos == []
    assert situacao() == ("falhou", "O WhatsApp não entregou este arquivo.")
    assert todas(EventoPendente, destino="whatsapp.midia") == []

    corpo = json.loads(FIXTURE.read_text())["payload"]
    waha.respostas = [(200, corpo), (200, JPEG)]
    pedir_de_novo()
    drenar_saida()

    [(_, perguntado, _), (_, baixado, _)] = waha.pedidos
    assert perguntado.endswith(f"/{ID.replace('@', '%40')}?downloadMedia=true")
    assert baixado == CAMINHO
    assert uma(Midia).status == "pronta"


def test_while_the_session_is_down_asking_anew_waits(
    entregar: Entregador, waha: Servidor
) -> None:
    waha.respostas = [(404, {}), (422, {"message": "Session status is not WORKING"})]
    entregar("message__midia.json")

    drenar_saida()

    assert situacao() == (
        "pendente",
        "O WhatsApp está desconectado. O arquivo vem quando ele voltar.",
    )
    assert uma(EventoPendente, destino="whatsapp.midia").motivo == "pausada"
