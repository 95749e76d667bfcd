"""Media both ways: what is sent, what is announced, and the files behind it."""

import base64
import zlib
from urllib.parse import urlsplit

import pytest
import requests

from .conftest import CHAVE, Receptor, Sandbox

CHAT = "553188887777@c.us"
DADOS = b"\x89PNG\r\n\x1a\nresto"
PNG = {"mimetype": "image/png", "data": base64.b64encode(DADOS).decode()}
ASSINATURAS = {
    "imagem": (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    "documento": (b"%PDF-1.4\n", "application/pdf", ".pdf"),
    "audio": (b"OggS", "audio/ogg; codecs=opus", ".oga"),
    "video": (b"\x00\x00\x00\x1cftyp", "video/mp4", ".mp4"),
    "figurinha": (b"RIFF", "image/webp", ".webp"),
}


def mandar(sandbox: Sandbox, verbo: str, **campos) -> requests.Response:
    corpo = {"session": "wpp-12-34", "chatId": CHAT, **campos}
    return sandbox.api("POST", f"/api/{verbo}", json=corpo)


def baixar(url: str, chave: str = CHAVE, **opcoes) -> requests.Response:
    opcoes.setdefault("timeout", 5)
    return requests.get(url, headers={"X-Api-Key": chave}, **opcoes)


def url_recebida(sandbox: Sandbox, receptor: Receptor, **campos) -> str:
    sandbox.conectar(receptor.url)
    sandbox.cliente(**{"tipo": "imagem", **campos})
    return receptor.esperar("message.any")[0]["payload"]["media"]["url"]


@pytest.mark.parametrize(
    ("verbo", "conteudo", "mimetype"),
    [
        ("sendImage", "imageMessage", "image/jpeg"),
        ("sendFile", "documentMessage", "application/pdf"),
        ("sendVoice", "audioMessage", "audio/ogg; codecs=opus"),
        ("sendVideo", "videoMessage", "video/mp4"),
    ],
)
def test_sent_medium_is_echoed_with_its_file(
    sandbox, receptor: Receptor, verbo, conteudo, mimetype
):
    sandbox.conectar(receptor.url)

    resposta = mandar(sandbox, verbo, file={**PNG, "mimetype": mimetype}, caption="eis")

    assert resposta.status_code == 201
    bruta = resposta.json()
    assert bruta["message"][conteudo]["mimetype"] == mimetype
    eco = receptor.esperar("message.any")[0]["payload"]
    assert eco["id"] == f"true_{CHAT}_{bruta['key']['id']}"
    assert (eco["source"], eco["hasMedia"], eco["body"]) == ("api", True, "eis")
    assert baixar(eco["media"]["url"]).content == DADOS


def test_file_to_send_is_fetched_from_this_machine_only(sandbox, receptor: Receptor):
    url = url_recebida(sandbox, receptor)
    daqui = f"{url}?x-api-key={CHAVE}"

    boa = mandar(sandbox, "sendImage", file={"mimetype": "image/png", "url": daqui})
    fora = {"mimetype": "image/png", "url": "https://example.com/a.png"}
    ruim = mandar(sandbox, "sendImage", file=fora)

    assert boa.status_code == 201
    assert ruim.status_code == 500
    assert ruim.json()["exception"]["message"] == "fetch failed"
    assert [m["midia"]["tipo"] for m in sandbox.mensagens()] == ["imagem", "imagem"]


@pytest.mark.parametrize(
    ("verbo", "mimetype"), [("sendVoice", "audio/mpeg"), ("sendVideo", "video/webm")]
)
def test_wrong_container_is_refused_unless_it_is_to_be_converted(
    sandbox, verbo, mimetype
):
    sandbox.conectar()
    arquivo = {**PNG, "mimetype": mimetype}

    recusada = mandar(sandbox, verbo, file=arquivo)
    convertida = mandar(sandbox, verbo, file=arquivo, convert=True)

    assert recusada.status_code == 422
    assert convertida.status_code == 201
    assert len(sandbox.mensagens()) == 1


@pytest.mark.parametrize(
    ("arquivo", "status"),
    [
        (None, 400),
        ("texto", 400),
        ({"mimetype": "image/png"}, 400),
        ({"data": "aGk="}, 400),
        ({"mimetype": "image/png", "data": "data:image/png;base64,aGk="}, 500),
    ],
)
def test_file_that_is_none_is_refused(sandbox, arquivo, status):
    sandbox.conectar()

    resposta = mandar(sandbox, "sendImage", file=arquivo)

    assert resposta.status_code == status
    assert sandbox.mensagens() == []


def test_body_of_twenty_megabytes_is_taken_and_of_sixty_is_not(sandbox):
    sandbox.conectar()
    grande = {"mimetype": "image/png", "data": "A" * 20_000_000}
    enorme = {"mimetype": "image/png", "data": "A" * 60_000_000}

    assert mandar(sandbox, "sendFile", file=grande).status_code == 201
    assert mandar(sandbox, "sendFile", file=enorme).status_code == 413
    assert len(sandbox.mensagens()) == 1


@pytest.mark.parametrize("tipo", ASSINATURAS)
def test_sample_of_every_kind_is_what_it_says(sandbox, receptor: Receptor, tipo):
    assinatura, mimetype, extensao = ASSINATURAS[tipo]

    url = url_recebida(sandbox, receptor, tipo=tipo)

    arquivo = baixar(url)
    assert arquivo.status_code == 200
    assert arquivo.headers["Content-Type"] == mimetype
    assert arquivo.content.startswith(assinatura)
    assert urlsplit(url).path.endswith(extensao)


def test_sample_image_can_be_decoded(sandbox, receptor: Receptor):
    corpo = baixar(url_recebida(sandbox, receptor)).content

    inicio = corpo.index(b"IDAT") + 4
    tamanho = int.from_bytes(corpo[inicio - 8 : inicio - 4], "big")
    assert len(zlib.decompress(corpo[inicio : inicio + tamanho])) == 96 * (96 * 3 + 1)


def test_medium_is_announced_after_a_later_text(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url)
    sandbox.controle("velocidade", fator=0.2)

    sandbox.cliente(tipo="imagem", texto="primeiro")
    sandbox.cliente(texto="segundo")

    assert sandbox.estado()["contagens"]["webhooks_pendentes"] > 0
    ditas = [e["payload"] for e in receptor.esperar("message.any", 2)]
    assert [m["body"] for m in ditas] == ["segundo", "primeiro"]
    assert ditas[1]["timestamp"] <= ditas[0]["timestamp"]


def test_file_needs_the_key_and_does_not_last(sandbox, receptor: Receptor):
    url = url_recebida(sandbox, receptor)

    assert baixar(url, "errada").status_code == 401
    assert baixar(url).status_code == 200
    assert requests.get(f"{url}?x-api-key={CHAVE}", timeout=5).status_code == 200
    sandbox.controle("arquivos/apagar")
    assert baixar(url).status_code == 404
    assert CHAVE not in str(sandbox.estado()["chamadas"])


def test_reading_the_chat_fetches_the_file_again(sandbox, receptor: Receptor):
    url = url_recebida(sandbox, receptor)
    sandbox.controle("arquivos/apagar")
    conversa = f"/api/wpp-12-34/chats/{CHAT}/messages"

    [sem] = sandbox.api("GET", conversa, params={"downloadMedia": "false"}).json()
    antes = baixar(url).status_code
    [com] = sandbox.api("GET", conversa, params={"downloadMedia": "true"}).json()

    assert (sem["hasMedia"], sem["media"], antes) == (True, None, 404)
    assert com["media"]["url"] == url
    assert baixar(url).status_code == 200


def test_failed_download_tells_where_and_offers_nothing(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url)

    sandbox.cliente(tipo="audio", defeito="erro")

    midia = receptor.esperar("message.any")[0]["payload"]["media"]
    assert midia["url"] is None
    assert "Failed to fetch stream" in midia["error"]["details"]


def test_medium_that_was_not_fetched_is_null(sandbox, receptor: Receptor):
    sandbox.conectar(receptor.url)

    sandbox.cliente(tipo="imagem", defeito="nula")

    recebida = receptor.esperar("message.any")[0]["payload"]
    assert (recebida["hasMedia"], recebida["media"]) == (True, None)


def test_missing_file_is_404(sandbox, receptor: Receptor):
    url = url_recebida(sandbox, receptor, defeito="sumiu")

    assert baixar(url).status_code == 404


@pytest.mark.parametrize(
    ("defeito", "inicio"), [("html", b"<!do"), ("programa", b"MZ")]
)
def test_other_bytes_come_under_the_type_of_an_image(
    sandbox, receptor: Receptor, defeito, inicio
):
    url = url_recebida(sandbox, receptor, defeito=defeito, mimetype="image/jpeg")

    arquivo = baixar(url)

    assert arquivo.headers["Content-Type"] == "image/jpeg"
    assert arquivo.content.startswith(inicio)


@pytest.mark.parametrize(
    ("defeito", "dito"),
    [("declara_enorme", str(2 * 2**30)), ("enorme", None), ("sem_fim", None)],
)
def test_file_without_measure_goes_on_and_others_are_served(
    sandbox, receptor: Receptor, defeito, dito
):
    url = url_recebida(sandbox, receptor, defeito=defeito)

    with baixar(url, stream=True) as arquivo:
        assert arquivo.headers.get("Content-Length") == dito
        lidos = 0
        while lidos < 30_000_000:
            lidos += len(arquivo.raw.read(1_000_000))
        assert sandbox.enviar().status_code == 201

    assert lidos >= 30_000_000


def test_file_that_drips_outlasts_a_short_patience(sandbox, receptor: Receptor):
    url = url_recebida(sandbox, receptor, defeito="gotas")

    with baixar(url, stream=True, timeout=(5, 0.2)) as arquivo:
        assert arquivo.raw.read(1) == b"\x89"
        with pytest.raises(requests.ConnectionError, match="Read timed out"):
            list(arquivo.iter_content(64))


def test_own_file_is_sent_under_its_own_name(sandbox, receptor: Receptor):
    dados = base64.b64encode(b"a,b\n1,2\n").decode()

    url = url_recebida(
        sandbox,
        receptor,
        tipo="documento",
        dados=dados,
        mimetype="text/csv",
        arquivo="planilha.csv",
    )

    assert baixar(url).content == b"a,b\n1,2\n"
    midia = receptor.eventos("message.any")[0]["payload"]["media"]
    assert (midia["filename"], midia["mimetype"]) == ("planilha.csv", "text/csv")


def test_unknown_kind_and_defect_are_refused(sandbox):
    sandbox.conectar()

    for campos in ({"tipo": "fax"}, {"tipo": "imagem", "defeito": "feio"}):
        resposta = sandbox.controle("sessoes/wpp-12-34/cliente", **campos)
        assert resposta.status_code == 422
    assert sandbox.mensagens() == []
