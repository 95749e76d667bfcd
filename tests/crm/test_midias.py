"""Files of messages in the domain: what may go out, and what one answer becomes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from conexoes import arquivos
from conexoes.erros import ErroDeDominio
from conexoes.models import EventoPendente
from conexoes.tenancy import na
from crm.models import Conversa, Mensagem, Midia
from crm.services import midias
from crm.services.respostas import LEGENDA_MAXIMA, enviar_resposta
from tests.crm.conftest import nova_conversa, nova_mensagem

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
OGG = b"OggS\0\2" + bytes(22) + b"OpusHead" + bytes(40)
PDF = b"%PDF-1.4\n%%EOF"
MEGA = 1024 * 1024


@pytest.fixture(autouse=True)
def pasta(settings: Any, tmp_path: Path) -> Path:
    settings.ARQUIVOS_DIR = str(tmp_path / "arquivos")
    return tmp_path / "arquivos"


def arquivo(nome: str = "foto.png", conteudo: bytes = PNG) -> SimpleUploadedFile:
    return SimpleUploadedFile(nome, conteudo)


@pytest.fixture
def mandar(conversa: Conversa, gente: SimpleNamespace) -> Callable[..., list[Mensagem]]:
    def _mandar(*enviados: Any, texto: str = "", **mais: Any) -> list[Mensagem]:
        with na(conversa.organizacao_id):
            return enviar_resposta(
                conversa,
                texto=texto,
                anexos=midias.conferir(enviados),
                autor=gente.bruno,
                **{"chave": uuid4()} | mais,
            )

    return _mandar


def saidas(conversa: Conversa) -> list[tuple[str, str]]:
    with na(conversa.organizacao_id):
        todas = Mensagem.objects.filter(direcao="saida").order_by("momento", "id")
        return [(m.tipo, m.texto) for m in todas]


def quantos(pasta: Path) -> int:
    return sum(1 for a in pasta.rglob("*") if a.is_file())


# --- What may go out -------------------------------------------------------------


@pytest.mark.parametrize(
    ("nome", "conteudo", "tipo"),
    [
        ("foto.png", PNG, "imagem"),
        ("foto.exe", PNG, "imagem"),
        ("voz.ogg", OGG, "audio"),
        ("nota.pdf", PDF, "documento"),
        ("foto.jpg", b"MZ\x90\0" + bytes(100), "documento"),
        ("animada.gif", b"GIF89a\1\0\1\0\0\0\0;", "documento"),
        ("notas.txt", "olá".encode(), "documento"),
    ],
)
def test_what_a_file_is_comes_from_its_content(
    nome: str, conteudo: bytes, tipo: str
) -> None:
    [anexo] = midias.conferir([arquivo(nome, conteudo)])

    assert anexo.tipo == tipo


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(ErroDeDominio, match="O arquivo “vazio.txt” está vazio."):
        midias.conferir([arquivo("vazio.txt", b"")])


def test_an_image_past_the_limit_of_whatsapp_is_refused() -> None:
    grande = arquivo(conteudo=PNG + bytes(16 * MEGA))

    with pytest.raises(ErroDeDominio) as recusa:
        midias.conferir([grande])

    assert recusa.value.mensagem == (
        "“foto.png” passa de 16 MB, o máximo do WhatsApp para imagem."
    )


def test_a_document_of_that_size_may_go(settings: Any) -> None:
    [anexo] = midias.conferir([arquivo("nota.pdf", PDF + bytes(17 * MEGA))])

    assert anexo.tipo == "documento"


def test_files_are_capped_together(settings: Any) -> None:
    settings.ARQUIVOS_ENVIADO_MB = 1
    metade = bytes(MEGA // 2)
    midias.conferir([arquivo("a", metade), arquivo("b", metade)])

    with pytest.raises(ErroDeDominio, match="passam de 1 MB"):
        midias.conferir([arquivo("a", metade), arquivo("b", metade + b"x")])


def test_ten_files_at_a_time() -> None:
    assert len(midias.conferir([arquivo()] * 10)) == 10

    with pytest.raises(ErroDeDominio, match="até 10 arquivos"):
        midias.conferir([arquivo()] * 11)


# --- What one answer becomes -----------------------------------------------------


def test_a_file_is_one_message_one_row_one_intent(
    conversa: Conversa, mandar: Any, pasta: Path
) -> None:
    [mensagem] = mandar(arquivo("férias 🏖️.png"), texto="olha só")

    with na(conversa.organizacao_id):
        midia = Midia.objects.get()
        evento = EventoPendente.objects.get()
        resumo = Conversa.objects.get().ultima_mensagem_texto
    assert (mensagem.tipo, mensagem.texto) == ("imagem", "olha só")
    assert (midia.status, midia.nome, midia.mimetype, midia.tamanho) == (
        "pronta",
        "férias 🏖️.png",
        "image/png",
        len(PNG),
    )
    assert evento.payload == {"mensagem_id": str(mensagem.pk)}
    assert evento.destino == "whatsapp.envio"
    assert resumo == "olha só"
    with arquivos.abrir(midia.arquivo) as guardado:
        assert guardado.read() == PNG


def test_the_text_goes_with_the_first_file_that_can_show_it(
    conversa: Conversa, mandar: Any
) -> None:
    mandar(arquivo("voz.ogg", OGG), arquivo(), arquivo("n.pdf", PDF), texto="segue")

    assert saidas(conversa) == [("audio", ""), ("imagem", "segue"), ("documento", "")]


@pytest.mark.parametrize(
    ("enviado", "texto"),
    [(("voz.ogg", OGG), "ouça"), (("foto.png", PNG), "x" * (LEGENDA_MAXIMA + 1))],
)
def test_a_text_that_fits_under_no_file_goes_ahead(
    conversa: Conversa, mandar: Any, enviado: tuple[str, bytes], texto: str
) -> None:
    mandar(arquivo(*enviado), texto=texto)

    [primeira, segunda] = saidas(conversa)
    assert primeira == ("texto", texto)
    assert segunda[1] == ""


def test_a_form_sent_twice_is_sent_once(
    conversa: Conversa, mandar: Any, pasta: Path
) -> None:
    chave = uuid4()
    for _ in range(2):
        mandar(arquivo(), arquivo("n.pdf", PDF), texto="segue", chave=chave)

    assert saidas(conversa) == [("imagem", "segue"), ("documento", "")]
    assert quantos(pasta) == 2
    with na(conversa.organizacao_id):
        assert EventoPendente.objects.count() == 2


def test_who_may_not_answer_leaves_no_file(
    gente: SimpleNamespace, rita: Any, pasta: Path
) -> None:
    da_ana = nova_conversa(rita, gente.ana)

    with na(gente.aurora), pytest.raises(ErroDeDominio, match="Ana Alves"):
        enviar_resposta(
            da_ana,
            texto="",
            anexos=midias.conferir([arquivo()]),
            autor=gente.bruno,
            chave=uuid4(),
        )

    assert saidas(da_ana) == []
    assert quantos(pasta) == 0


def test_a_store_that_cannot_write_keeps_no_message(
    conversa: Conversa, mandar: Any, pasta: Path
) -> None:
    pasta.parent.mkdir(exist_ok=True)
    pasta.write_text("no folder")

    with pytest.raises(OSError, match="arquivos"):
        mandar(arquivo())

    assert saidas(conversa) == []


# --- Quotes ------------------------------------------------------------------------


def test_an_answer_quotes_a_message_of_its_conversation(
    conversa: Conversa, mandar: Any
) -> None:
    citada = nova_mensagem(conversa, "Quanto\ncusta?")

    [mensagem] = mandar(texto="Dez reais", cita=citada.pk)

    assert mensagem.cita_id == citada.pk
    assert mensagem.citacao == "Quanto custa?"


def test_only_the_first_of_several_quotes(conversa: Conversa, mandar: Any) -> None:
    citada = nova_mensagem(conversa, "Manda as fotos?")

    mensagens = mandar(arquivo(), arquivo(), cita=citada.pk)

    assert [m.cita_id for m in mensagens] == [citada.pk, None]


def test_nothing_of_another_conversation_is_quoted(
    conversa: Conversa, rita: Any, gente: SimpleNamespace, alheia: Conversa, mandar: Any
) -> None:
    outra = nova_mensagem(nova_conversa(rita, gente.bruno), "de outra conversa")
    estranha = nova_mensagem(alheia, "de outra organização")

    for citada in (outra.pk, estranha.pk, uuid4()):
        with pytest.raises(ErroDeDominio, match="não está mais nesta conversa"):
            mandar(texto="Oi", cita=citada)

    assert saidas(conversa) == []


# --- How a page shows it -------------------------------------------------------------


@pytest.mark.parametrize(
    ("tipo", "mimetype", "exibicao"),
    [
        ("imagem", "image/jpeg", "imagem"),
        ("imagem", "application/octet-stream", "documento"),
        ("imagem", "image/heic", "documento"),
        ("imagem", "video/mp4", "video"),
        ("figurinha", "image/webp", "figurinha"),
        ("figurinha", "application/octet-stream", "documento"),
        ("audio", "audio/ogg", "audio"),
        ("documento", "image/png", "documento"),
        ("documento", "application/pdf", "documento"),
    ],
)
def test_a_page_shows_what_it_is(tipo: str, mimetype: str, exibicao: str) -> None:
    midia = Midia(status="pronta", mimetype=mimetype, mensagem=Mensagem(tipo=tipo))

    assert midias.exibicao(midia) == exibicao


def test_removing_keeps_what_the_commit_did_not_confirm(
    conversa: Conversa,
    mandar: Any,
    pasta: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:
    [mensagem] = mandar(arquivo())

    with django_capture_on_commit_callbacks(), na(conversa.organizacao_id):
        midias.remover(mensagem)
    assert quantos(pasta) == 1
