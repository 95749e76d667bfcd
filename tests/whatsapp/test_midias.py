"""Files: from the webhook into our store, and from our store into a chat."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from conexoes import arquivos, valkey
from conexoes.models import EventoPendente
from conexoes.tenancy import na
from crm.models import Conversa, Mensagem, Midia
from crm.services import envios, midias
from tests.conexoes.transport.servidor import Servidor as ServidorCru
from tests.conexoes.transport.servidor import esquecer_disjuntor, pingar
from tests.sandbox.conftest import CHAVE
from tests.servidor import Servidor
from tests.trabalho import apressar, drenar_saida
from tests.whatsapp.dominio import CHAT, todas, uma, usar_servidor
from tests.whatsapp.waha import Entregador
from whatsapp.client import WahaClient
from whatsapp.models import SessaoWhatsapp
from whatsapp.services import midias as no_whatsapp

pytestmark = pytest.mark.django_db

JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\1" + bytes(200) + b"\xff\xd9"
HTML = b"<!doctype html><script>alert(1)</script>"
ID = "false_553188887777@c.us_3EB0C0FFEE0000000004"
CAMINHO = f"/api/files/wpp-12-34/{ID}.jpg"
MEGA = 1024 * 1024
FIXTURE = Path(__file__).parent / "fixtures" / "message__midia.json"


@pytest.fixture(autouse=True)
def pasta(settings: Any, tmp_path: Path) -> Path:
    settings.ARQUIVOS_DIR = str(tmp_path / "arquivos")
    return tmp_path / "arquivos"


@pytest.fixture
def waha(servidor: Servidor) -> Servidor:
    usar_servidor(servidor.url)
    return servidor


@pytest.fixture
def cru() -> Iterator[Callable[[Any], ServidorCru]]:
    """A WAHA that answers as no library would."""
    abertos = []

    def abrir(resposta: Any) -> ServidorCru:
        novo = ServidorCru()
        novo.resposta = resposta
        usar_servidor(f"http://127.0.0.1:{novo.porta}")
        abertos.append(novo)
        return novo

    yield abrir
    for aberto in abertos:
        aberto.fechar()
        esquecer_disjuntor(aberto.porta)


def com_url(url: str | None, **midia: Any) -> dict[str, Any]:
    return {"media": {"url": url, "mimetype": "image/jpeg", "filename": None} | midia}


def guardados(pasta: Path) -> list[str]:
    return [str(a.relative_to(pasta)) for a in pasta.rglob("*") if a.is_file()]


def conteudo(midia: Midia) -> bytes:
    with arquivos.abrir(midia.arquivo) as arquivo:
        return arquivo.read()


def situacao() -> tuple[str, str]:
    midia = uma(Midia)
    return midia.status, midia.motivo


def insistir(vezes: int) -> None:
    for _ in range(vezes):
        apressar()
        drenar_saida()


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


# --- What a server may do to us ---------------------------------------------------


def test_a_file_that_says_it_is_too_large_is_not_fetched(
    entregar: Entregador, cru: Any, settings: Any, pasta: Path
) -> None:
    settings.ARQUIVOS_RECEBIDO_MB = 3
    cru(pingar(b"HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\n"))
    entregar("message__midia.json")

    drenar_saida()

    assert situacao() == ("falhou", "O arquivo passa de 3 MB e não foi baixado.")
    assert guardados(pasta) == []


def test_a_file_without_end_is_cut_and_nothing_of_it_stays(
    entregar: Entregador, cru: Any, settings: Any, pasta: Path
) -> None:
    settings.ARQUIVOS_RECEBIDO_MB = 3
    cru(pingar(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"x" * MEGA, cada=0))
    entregar("message__midia.json")

    drenar_saida()

    assert situacao() == ("falhou", "O arquivo passa de 3 MB e não foi baixado.")
    assert guardados(pasta) == []


def test_a_file_that_drips_waits_for_its_next_attempt(
    entregar: Entregador, cru: Any, monkeypatch: pytest.MonkeyPatch, pasta: Path
) -> None:
    monkeypatch.setattr("whatsapp.client.midias._PRAZO_S", 0.5)
    cru(pingar(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"))
    entregar("message__midia.json")

    drenar_saida()

    assert situacao() == ("pendente", "O servidor do WhatsApp não respondeu.")
    assert uma(EventoPendente, destino="whatsapp.midia").motivo == "retry"
    assert guardados(pasta) == []


def test_while_the_server_is_down_a_file_waits_for_days(
    entregar: Entregador, waha: Servidor, settings: Any
) -> None:
    waha.respostas = [(500, {})] * 5
    entregar("message__midia.json")

    for _ in range(5):
        valkey.cliente().flushdb()
        insistir(1)

    assert uma(EventoPendente, destino="whatsapp.midia").motivo == "cauda"
    assert situacao() == ("pendente", "O servidor do WhatsApp não respondeu.")


def test_a_worker_killed_after_writing_leaves_one_file(
    entregar: Entregador, waha: Servidor, pasta: Path
) -> None:
    waha.respostas = [(200, JPEG), (200, JPEG)]
    entregar("message__midia.json")
    drenar_saida()
    with na(uma(Midia).organizacao_id):
        # As if the process had died between the file and the row.
        Midia.objects.update(status="pendente", arquivo="")
        EventoPendente.objects.update(status="pending", motivo="")

    insistir(1)

    assert uma(Midia).status == "pronta"
    assert len(guardados(pasta)) == 1


def test_a_message_deleted_meanwhile_leaves_no_file(
    entregar: Entregador,
    waha: Servidor,
    pasta: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:
    waha.respostas = [(200, JPEG)]
    entregar("message__midia.json")
    drenar_saida()
    assert len(guardados(pasta)) == 1

    with (
        django_capture_on_commit_callbacks(execute=True),
        na(uma(Mensagem).organizacao_id),
    ):
        midias.remover(Mensagem.objects.get())

    assert guardados(pasta) == []
    assert todas(Midia) == []


def test_a_download_whose_message_is_gone_does_nothing(
    entregar: Entregador, waha: Servidor, pasta: Path
) -> None:
    entregar("message__midia.json")
    with na(uma(Midia).organizacao_id):
        Midia.objects.all().delete()

    drenar_saida()

    assert uma(EventoPendente, destino="whatsapp.midia").status == "completed"
    assert waha.pedidos == []
    assert guardados(pasta) == []


# --- Out -------------------------------------------------------------------------


def preparar(conversa: Conversa, autor: Any, nome: str, dados: bytes) -> Mensagem:
    [anexo] = midias.conferir([SimpleUploadedFile(nome, dados)])
    with na(conversa.organizacao_id):
        return envios.enviar_arquivo(
            conversa, anexo=anexo, legenda="segue 📎", autor=autor
        )


@pytest.mark.parametrize(
    ("nome", "dados", "endpoint", "mimetype"),
    [
        ("foto.jpg", JPEG, "sendImage", "image/jpeg"),
        ("nota.pdf", b"%PDF-1.4\n%%EOF", "sendFile", "application/pdf"),
        ("lista.csv", b"a;b\n1;2\n", "sendFile", "text/csv"),
        ("pagina.jpg", HTML, "sendFile", "application/octet-stream"),
    ],
)
def test_a_file_goes_out_as_what_it_is(
    parada: Conversa,
    servidor: Servidor,
    gente: Any,
    nome: str,
    dados: bytes,
    endpoint: str,
    mimetype: str,
) -> None:
    mensagem = preparar(parada, gente.ana, nome, dados)
    servidor.respostas = [(201, {"key": {"id": "3EB0A", "fromMe": True}})]

    id_externo = no_whatsapp.enviar(
        WahaClient(servidor.url, CHAVE),
        uma(SessaoWhatsapp),
        CHAT,
        mensagem,
        no_whatsapp.ler_anexo(mensagem),
        ID,
    )

    [(_, caminho, corpo)] = servidor.pedidos
    assert id_externo == "3EB0A"
    assert caminho == f"/api/{endpoint}"
    assert b64decode(corpo["file"]["data"]) == dados
    assert (corpo["file"]["filename"], corpo["file"]["mimetype"]) == (nome, mimetype)
    assert (corpo["caption"], corpo["reply_to"]) == ("segue 📎", ID)


def test_the_queue_sends_a_file_with_its_text_and_its_quote(
    parada: Conversa, waha: Servidor, gente: Any
) -> None:
    citada = uma(Mensagem)
    waha.respostas = [(201, {"key": {"id": "3EB0B", "fromMe": True}})]
    [anexo] = midias.conferir([SimpleUploadedFile("foto.jpg", JPEG)])
    with na(parada.organizacao_id):
        mensagem = envios.enviar_arquivo(
            parada, anexo=anexo, legenda="aqui", autor=gente.ana, cita=citada.pk
        )

    drenar_saida()

    [(_, caminho, corpo)] = waha.pedidos
    assert (caminho, corpo["caption"]) == ("/api/sendImage", "aqui")
    assert corpo["reply_to"] == f"false_{CHAT}_{citada.id_externo}"
    assert uma(Mensagem, pk=mensagem.pk).status == "enviada"


def test_a_lost_file_is_not_sent(parada: Conversa, waha: Servidor, gente: Any) -> None:
    [anexo] = midias.conferir([SimpleUploadedFile("foto.jpg", JPEG)])
    with na(parada.organizacao_id):
        mensagem = envios.enviar_arquivo(
            parada, anexo=anexo, legenda="aqui", autor=gente.ana
        )
    arquivos.remover(uma(Midia).arquivo)

    drenar_saida()

    perdida = uma(Mensagem, pk=mensagem.pk)
    assert perdida.status == "falhou"
    assert "não está mais guardado" in perdida.motivo
    assert waha.pedidos == []
