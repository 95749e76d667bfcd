"""Files over HTTP: who gets them, how, and what a browser may do with them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from conexoes import arquivos
from conexoes.models import EventoPendente
from conexoes.tenancy import na
from crm.models import Contato, Conversa, Mensagem, Midia
from crm.views.midias import Trecho
from tests.crm.conftest import nova_conversa, nova_mensagem

pytestmark = pytest.mark.django_db

Entrar = Callable[[str], Client]
HTMX = {"HX-Request": "true"}
OGG = b"OggS\0\2" + bytes(22) + b"OpusHead" + bytes(range(200))
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
MEGA = 1024 * 1024


@pytest.fixture(autouse=True)
def pasta(settings: Any, tmp_path: Path) -> Path:
    settings.ARQUIVOS_DIR = str(tmp_path / "arquivos")
    return tmp_path / "arquivos"


def nova_midia(
    conversa: Conversa, conteudo: bytes = OGG, tipo: str = "audio", **campos: Any
) -> Midia:
    mensagem = nova_mensagem(conversa, "", tipo=tipo)
    guardado = arquivos.guardar(
        arquivos.chave(conversa.organizacao_id, mensagem.pk),
        lambda destino: destino.write(conteudo),
    )
    padrao = {
        "status": "pronta",
        "arquivo": guardado.chave,
        "tamanho": guardado.tamanho,
        "sha256": guardado.sha256,
        "mimetype": guardado.mimetype,
    }
    with na(conversa.organizacao_id):
        return Midia.objects.create(
            organizacao_id=conversa.organizacao_id, mensagem=mensagem, **padrao | campos
        )


def pegar(navegador: Client, midia: Midia, resto: str = "", **cabecalhos: str) -> Any:
    cabecalhos = {nome.replace("_", "-"): v for nome, v in cabecalhos.items()}
    return navegador.get(f"/conversas/midias/{midia.pk}/{resto}", headers=cabecalhos)


def corpo(resposta: Any) -> bytes:
    return b"".join(resposta.streaming_content)


# --- Who ---------------------------------------------------------------------


@pytest.mark.parametrize("quem", ["ana", "bruno"])
def test_whoever_reads_the_conversation_gets_its_files(
    conversa: Conversa, entrar: Entrar, quem: str
) -> None:
    resposta = pegar(entrar(quem), nova_midia(conversa))

    assert resposta.status_code == 200
    assert corpo(resposta) == OGG


@pytest.mark.parametrize("metodo", ["get", "post"])
def test_a_file_of_another_organisation_does_not_exist(
    alheia: Conversa, entrar: Entrar, metodo: str
) -> None:
    midia = nova_midia(alheia, status="falhou")
    url = f"/conversas/midias/{midia.pk}/" + ("" if metodo == "get" else "baixar/")

    for quem in ("ana", "bruno"):
        assert getattr(entrar(quem), metodo)(url).status_code == 404

    with na(alheia.organizacao_id):
        assert Midia.objects.get().status == "falhou"
        assert EventoPendente.objects.count() == 0


def test_a_stranger_is_sent_to_the_log_in(conversa: Conversa) -> None:
    resposta = pegar(Client(), nova_midia(conversa))

    assert resposta.status_code == 302
    assert resposta["Location"].startswith("/conta/entrar/")


def test_the_super_admin_gets_it_inside_the_organisation_and_not_outside(
    gente: SimpleNamespace, conversa: Conversa, entrar: Entrar
) -> None:
    midia, sofia = nova_midia(conversa), entrar("sofia")
    fora = pegar(sofia, midia)
    sofia.post("/organizacoes/trocar/", {"organizacao": str(gente.aurora.pk)})

    assert fora.status_code == 302
    assert pegar(sofia, midia).status_code == 200


@pytest.mark.parametrize("status", ["pendente", "falhou"])
def test_what_is_not_here_is_not_found(
    conversa: Conversa, entrar: Entrar, status: str
) -> None:
    assert (
        pegar(entrar("bruno"), nova_midia(conversa, status=status)).status_code == 404
    )


def test_a_file_lost_from_the_store_is_not_found(
    conversa: Conversa, entrar: Entrar
) -> None:
    midia = nova_midia(conversa)
    arquivos.remover(midia.arquivo)

    assert pegar(entrar("bruno"), midia).status_code == 404


# --- What a browser may do with it -------------------------------------------


def test_a_file_can_do_nothing_by_itself(conversa: Conversa, entrar: Entrar) -> None:
    resposta = pegar(entrar("bruno"), nova_midia(conversa))

    assert resposta["Content-Type"] == "audio/ogg"
    assert resposta["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert resposta["X-Content-Type-Options"] == "nosniff"
    assert resposta["Cross-Origin-Resource-Policy"] == "same-origin"
    assert resposta["Cache-Control"] == "private, max-age=3600"
    assert "Cookie" in resposta["Vary"]


@pytest.mark.parametrize(
    "conteudo",
    [
        b"<!doctype html><script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"MZ\x90\0" + bytes(100),
        b"%PDF-1.4",
    ],
)
def test_what_could_run_is_only_downloaded(
    conversa: Conversa, entrar: Entrar, conteudo: bytes
) -> None:
    midia = nova_midia(conversa, conteudo, tipo="imagem", nome="foto.jpg")

    resposta = pegar(entrar("bruno"), midia)

    assert resposta["Content-Disposition"] == 'attachment; filename="foto.jpg"'
    assert resposta["Content-Type"].split(";")[0] in (
        "application/octet-stream",
        "application/pdf",
    )


@pytest.mark.parametrize(
    ("nome", "disposicao"),
    [
        ("voz.ogg", 'inline; filename="voz.ogg"'),
        ('a"b.ogg', 'inline; filename="a\\"b.ogg"'),
        ("férias 🏖.ogg", "inline; filename*=utf-8''f%C3%A9rias%20%F0%9F%8F%96.ogg"),
        ("", 'inline; filename="audio-2026-03-10-120000.ogg"'),
    ],
)
def test_the_name_survives_whatever_it_is(
    conversa: Conversa, entrar: Entrar, nome: str, disposicao: str
) -> None:
    resposta = pegar(entrar("bruno"), nova_midia(conversa, nome=nome))

    assert resposta["Content-Disposition"] == disposicao


def test_a_picture_may_be_saved_too(conversa: Conversa, entrar: Entrar) -> None:
    midia = nova_midia(conversa, PNG, tipo="imagem", nome="foto.png")

    resposta = pegar(entrar("bruno"), midia, "?baixar=1")

    assert resposta["Content-Disposition"] == 'attachment; filename="foto.png"'


# --- Ranges and caches -------------------------------------------------------


@pytest.mark.parametrize(
    ("faixa", "inicio", "fim"),
    [
        ("bytes=0-", 0, len(OGG)),
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=-5", len(OGG) - 5, len(OGG)),
        (f"bytes=-{len(OGG) * 2}", 0, len(OGG)),
        (f"bytes=5-{len(OGG) * 2}", 5, len(OGG)),
    ],
)
def test_a_player_may_ask_for_a_part(
    conversa: Conversa, entrar: Entrar, faixa: str, inicio: int, fim: int
) -> None:
    resposta = pegar(entrar("bruno"), nova_midia(conversa), Range=faixa)

    inteiro = (inicio, fim) == (0, len(OGG))
    assert resposta.status_code == (200 if inteiro else 206)
    assert corpo(resposta) == OGG[inicio:fim]
    assert resposta["Content-Length"] == str(fim - inicio)
    if not inteiro:
        assert resposta["Content-Range"] == f"bytes {inicio}-{fim - 1}/{len(OGG)}"


@pytest.mark.parametrize("faixa", ["bytes=9999-", "bytes=-0"])
def test_a_part_that_is_not_there_is_refused(
    conversa: Conversa, entrar: Entrar, faixa: str
) -> None:
    resposta = pegar(entrar("bruno"), nova_midia(conversa), Range=faixa)

    assert resposta.status_code == 416
    assert resposta["Content-Range"] == f"bytes */{len(OGG)}"


@pytest.mark.parametrize(
    "faixa",
    ["bytes=0-1,5-6", "bytes=5-2", "bytes=-", "bytes=a-b", "linhas=0-1", "bytes=²-"],
)
def test_what_is_no_single_range_gets_the_whole(
    conversa: Conversa, entrar: Entrar, faixa: str
) -> None:
    resposta = pegar(entrar("bruno"), nova_midia(conversa), Range=faixa)

    assert resposta.status_code == 200
    assert corpo(resposta) == OGG


def test_a_known_file_is_not_sent_again(conversa: Conversa, entrar: Entrar) -> None:
    etag = f'"{hashlib.sha256(OGG).hexdigest()}"'
    midia, bruno = nova_midia(conversa), entrar("bruno")

    sabida = pegar(bruno, midia, If_None_Match=etag)
    outra = pegar(bruno, midia, If_None_Match='"outra"')
    mudou = pegar(bruno, midia, Range="bytes=0-0", If_Range='"outra"')

    assert (sabida.status_code, sabida.content) == (304, b"")
    assert (outra.status_code, outra["ETag"]) == (200, etag)
    assert mudou.status_code == 200


def test_an_asgi_server_gets_it_block_by_block(tmp_path: Path) -> None:
    grande = tmp_path / "grande"
    grande.write_bytes(bytes(3 * MEGA))
    arquivo = grande.open("rb")
    resposta = Trecho(arquivo, 10, 3 * MEGA)

    async def ler() -> list[int]:
        return [len(bloco) async for bloco in resposta]

    blocos = asyncio.run(ler())
    resposta.close()

    assert sum(blocos) == 3 * MEGA - 10
    assert max(blocos) == 256 * 1024
    assert arquivo.closed


def test_one_that_nobody_read_is_closed_too(tmp_path: Path) -> None:
    vazio = tmp_path / "vazio"
    vazio.write_bytes(b"x")
    arquivo = vazio.open("rb")

    Trecho(arquivo, 0, 1).close()

    assert arquivo.closed


# --- Bubbles -----------------------------------------------------------------


def pagina(navegador: Client, conversa: Conversa) -> str:
    return navegador.get(f"/conversas/{conversa.pk}/").content.decode()


def test_an_audio_gets_a_player_that_survives_an_update(
    conversa: Conversa, entrar: Entrar
) -> None:
    midia = nova_midia(conversa)

    html = pagina(entrar("bruno"), conversa)

    assert f'<audio id="midia-{midia.pk}" hx-preserve="true" controls' in html
    assert f'src="/conversas/midias/{midia.pk}/"' in html


def test_a_name_is_never_markup(conversa: Conversa, entrar: Entrar) -> None:
    nova_midia(
        conversa,
        b"%PDF-1.4",
        tipo="documento",
        nome='"><img src=x onerror=alert(1)>.pdf',
    )

    html = pagina(entrar("bruno"), conversa)

    assert "<img src=x" not in html
    assert "&quot;&gt;&lt;img src=x onerror=alert(1)&gt;.pdf" in html


def test_a_file_on_its_way_says_so(conversa: Conversa, entrar: Entrar) -> None:
    nova_midia(conversa, status="pendente", motivo="O serviço externo não respondeu.")

    html = pagina(entrar("bruno"), conversa)

    assert "Baixando…" in html
    assert "O serviço externo não respondeu. Tentaremos de novo." in html
    assert "<audio" not in html


def test_a_failed_file_says_why_and_is_fetched_again(
    conversa: Conversa, entrar: Entrar
) -> None:
    midia = nova_midia(conversa, status="falhou", motivo="O WhatsApp não tem mais.")
    bruno = entrar("bruno")
    assert "O WhatsApp não tem mais." in pagina(bruno, conversa)
    url = f"/conversas/midias/{midia.pk}/baixar/"

    respostas = [bruno.post(url, headers=HTMX) for _ in range(2)]

    assert [r.status_code for r in respostas] == [204, 204]
    with na(conversa.organizacao_id):
        assert Midia.objects.get().status == "pendente"
        evento = EventoPendente.objects.get()
    assert (evento.destino, evento.payload) == (
        "whatsapp.midia",
        {"midia_id": str(midia.pk)},
    )


def test_without_scripts_fetching_again_comes_back_to_the_page(
    conversa: Conversa, entrar: Entrar
) -> None:
    midia = nova_midia(conversa, status="falhou")

    resposta = entrar("bruno").post(f"/conversas/midias/{midia.pk}/baixar/")

    assert resposta.status_code == 302
    assert resposta["Location"] == f"/conversas/{conversa.pk}/"


# --- The composer ------------------------------------------------------------


def responder(navegador: Client, conversa: Conversa, **campos: Any) -> Any:
    return navegador.post(
        f"/conversas/{conversa.pk}/responder/",
        {"texto": "", "chave": str(uuid4())} | campos,
        headers=HTMX,
    )


def saidas(conversa: Conversa) -> list[tuple[str, str]]:
    with na(conversa.organizacao_id):
        todas = Mensagem.objects.filter(direcao="saida").order_by("momento", "id")
        return [(m.tipo, m.texto) for m in todas]


def foto(nome: str = "foto.png", conteudo: bytes = PNG) -> SimpleUploadedFile:
    return SimpleUploadedFile(nome, conteudo, content_type="text/html")


def test_files_and_a_text_go_out_together(conversa: Conversa, entrar: Entrar) -> None:
    bruno = entrar("bruno")

    resposta = responder(
        bruno, conversa, texto="olha", arquivos=[foto(), foto("b.pdf", b"%PDF-1")]
    )

    assert resposta.status_code == 200
    assert saidas(conversa) == [("imagem", "olha"), ("documento", "")]
    html = pagina(bruno, conversa)
    assert 'alt="Imagem enviada: olha"' in html
    assert "b.pdf" in html


def test_a_file_needs_no_text(conversa: Conversa, entrar: Entrar) -> None:
    assert responder(entrar("bruno"), conversa, arquivos=[foto()]).status_code == 200

    assert saidas(conversa) == [("imagem", "")]


@pytest.mark.parametrize(
    ("arquivos_", "erro"),
    [
        ([foto("vazio.pdf", b"")], "O arquivo “vazio.pdf” está vazio."),
        ([foto("a.bin", bytes(2 * MEGA))], "Os arquivos passam de 1 MB."),
        ([foto(f"{n}.png") for n in range(11)], "Envie até 10 arquivos de cada vez."),
    ],
)
def test_a_wrong_file_says_why_and_the_text_stays(
    conversa: Conversa,
    entrar: Entrar,
    settings: Any,
    pasta: Path,
    arquivos_: list[Any],
    erro: str,
) -> None:
    settings.ARQUIVOS_ENVIADO_MB = 1

    resposta = responder(
        entrar("bruno"), conversa, texto="texto caro", arquivos=arquivos_
    )

    html = resposta.content.decode()
    assert resposta.status_code == 422
    assert erro in html
    assert "texto caro</textarea>" in html
    assert saidas(conversa) == []
    assert not pasta.exists()


def test_a_text_of_thirty_thousand_characters_is_not_lost(
    conversa: Conversa, entrar: Entrar
) -> None:
    comprido = "palavra " * 3750

    resposta = responder(entrar("bruno"), conversa, texto=comprido)

    html = resposta.content.decode()
    assert resposta.status_code == 422
    assert "A mensagem passa de 4096 caracteres: tem 29999." in html
    assert comprido.strip() in html
    assert saidas(conversa) == []


def test_an_answer_may_quote(conversa: Conversa, entrar: Entrar) -> None:
    citada = nova_mensagem(conversa, "Quanto custa?")

    resposta = responder(entrar("bruno"), conversa, texto="Dez", cita=str(citada.pk))

    assert resposta.status_code == 200
    with na(conversa.organizacao_id):
        assert Mensagem.objects.get(texto="Dez").cita_id == citada.pk


def test_a_refused_answer_still_shows_what_it_quotes(
    conversa: Conversa, entrar: Entrar
) -> None:
    citada = nova_mensagem(conversa, "<b>Quanto custa?</b>")

    resposta = responder(
        entrar("bruno"), conversa, texto="x" * 5000, cita=str(citada.pk)
    )

    html = resposta.content.decode()
    assert resposta.status_code == 422
    assert f'name="cita" value="{citada.pk}"' in html
    assert "&lt;b&gt;Quanto custa?&lt;/b&gt;" in html


def test_a_quote_from_elsewhere_is_refused(
    conversa: Conversa, alheia: Conversa, rita: Contato, entrar: Entrar, gente: Any
) -> None:
    estranha = nova_mensagem(alheia, "segredo de Tito")
    outra = nova_mensagem(nova_conversa(rita, gente.bruno), "outra conversa")

    for cita in (estranha.pk, outra.pk):
        resposta = responder(entrar("bruno"), conversa, texto="Oi", cita=str(cita))
        html = resposta.content.decode()
        assert resposta.status_code == 422
        assert "não está mais nesta conversa" in html
        assert "segredo de Tito" not in html

    assert saidas(conversa) == []
