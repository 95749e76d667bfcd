"""The private store: whole files, judged by content, under names nobody can abuse."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import zipfile
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from conexoes import arquivos

ORGANIZACAO = UUID("01990000-0000-7000-8000-000000000001")
IDENTIFICADOR = UUID("01990000-0000-7000-8000-0000000000ab")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@pytest.fixture
def pasta(settings: Any, tmp_path: Path) -> Path:
    settings.ARQUIVOS_DIR = str(tmp_path / "arquivos")
    return tmp_path / "arquivos"


def guardar(onde: str, conteudo: bytes) -> arquivos.Guardado:
    return arquivos.guardar(onde, lambda destino: destino.write(conteudo))


def ler(onde: str) -> bytes:
    with arquivos.abrir(onde) as arquivo:
        return arquivo.read()


def todos(pasta: Path) -> list[str]:
    return sorted(str(a.relative_to(pasta)) for a in pasta.rglob("*") if a.is_file())


def test_the_key_has_the_organisation_and_is_always_the_same() -> None:
    assert (
        arquivos.chave(ORGANIZACAO, IDENTIFICADOR)
        == f"{ORGANIZACAO}/ab/{IDENTIFICADOR}"
    )


def test_a_file_comes_back_as_it_was_measured_and_judged(pasta: Path) -> None:
    guardado = guardar("o/ab/x", PNG)

    assert ler("o/ab/x") == PNG
    assert guardado == arquivos.Guardado(
        "o/ab/x", len(PNG), hashlib.sha256(PNG).hexdigest(), "image/png"
    )


def test_nobody_else_on_the_machine_reads_it(pasta: Path) -> None:
    guardar("o/ab/x", PNG)

    caminhos = [pasta, *pasta.rglob("*")]
    modos = {c.is_dir(): stat.S_IMODE(c.stat().st_mode) for c in caminhos}
    assert modos == {True: 0o700, False: 0o600}


def test_writing_that_fails_leaves_nothing(pasta: Path) -> None:
    def falhar(destino: Any) -> None:
        destino.write(b"metade")
        raise ConnectionError

    with pytest.raises(ConnectionError):
        arquivos.guardar("o/ab/x", falhar)

    assert todos(pasta) == []


def test_a_failure_keeps_what_was_there_before(pasta: Path) -> None:
    guardar("o/ab/x", PNG)

    with pytest.raises(ZeroDivisionError):
        arquivos.guardar("o/ab/x", lambda destino: 1 / 0)

    assert ler("o/ab/x") == PNG


def test_the_same_key_replaces_and_never_adds(pasta: Path) -> None:
    guardar("o/ab/x", PNG)
    guardar("o/ab/x", b"outro")

    assert todos(pasta) == ["o/ab/x"]
    assert ler("o/ab/x") == b"outro"


def test_what_a_killed_process_left_is_swept_and_what_is_written_now_is_not(
    pasta: Path,
) -> None:
    guardar("o/ab/x", PNG)
    velho, novo = pasta / "partes" / "velho", pasta / "partes" / "novo"
    for resto in (velho, novo):
        resto.write_bytes(b"metade")
    os.utime(velho, (0, 0))

    guardar("o/ab/y", PNG)

    assert todos(pasta) == ["o/ab/x", "o/ab/y", "partes/novo"]


def test_removing_twice_is_fine(pasta: Path) -> None:
    guardar("o/ab/x", PNG)

    arquivos.remover("o/ab/x")
    arquivos.remover("o/ab/x")

    assert todos(pasta) == []
    with pytest.raises(FileNotFoundError):
        arquivos.abrir("o/ab/x")


@pytest.mark.parametrize("onde", ["../fora", "o/../../fora", "/etc/passwd"])
def test_no_key_leads_out_of_the_store(pasta: Path, onde: str) -> None:
    with pytest.raises(Exception, match="outside of the base path"):
        guardar(onde, b"x")

    assert not (pasta.parent / "fora").exists()


def office(pasta_interna: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as pacote:
        # ZipInfo is dated 1980: with the time of now each worker of the suite would
        # name the test that takes this differently, and none could run.
        pacote.writestr(zipfile.ZipInfo("[Content_Types].xml"), "<Types/>")
        pacote.writestr(zipfile.ZipInfo(f"{pasta_interna}/document.xml"), "<x/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("conteudo", "mimetype"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(40), "image/jpeg"),
        (b"GIF89a\1\0\1\0\0\0\0;", "image/gif"),
        (b"RIFF\x1a\0\0\0WEBPVP8L" + bytes(40), "image/webp"),
        (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(40), "video/mp4"),
        (b"OggS\0\2" + bytes(22) + b"OpusHead" + bytes(40), "audio/ogg"),
        (b"ID3\3\0\0\0\0\0\0" + bytes(40), "audio/mpeg"),
        (b"%PDF-1.4\n", "application/pdf"),
        (
            office("word"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (b"MZ\x90\0" + bytes(200), arquivos.DESCONHECIDO),
        (b"<!doctype html><script>alert(1)</script>", arquivos.DESCONHECIDO),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", arquivos.DESCONHECIDO),
        (b"\x7fELF" + bytes(100), arquivos.DESCONHECIDO),
        ("olá".encode(), arquivos.DESCONHECIDO),
        (b"", arquivos.DESCONHECIDO),
        (bytes(500), arquivos.DESCONHECIDO),
    ],
)
def test_a_file_is_what_its_content_says(conteudo: bytes, mimetype: str) -> None:
    assert arquivos.julgar(io.BytesIO(conteudo)) == mimetype


@pytest.mark.parametrize(
    ("nome", "limpo"),
    [
        ("orçamento.pdf", "orçamento.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ana\\foto.jpg", "foto.jpg"),
        ("fatura\u202egpj.exe", "faturagpj.exe"),
        ("linha\r\nSet-Cookie: a=b.txt", "linhaSet-Cookie: a=b.txt"),
        ('"><img src=x onerror=alert(1)>.png', '"><img src=x onerror=alert(1)>.png'),
        ("👩‍💻 férias 🏖️.jpeg", "👩‍💻 férias 🏖️.jpeg"),
        ("  espaços   demais .txt ", "espaços demais .txt"),
        ("...", ""),
        ("", ""),
        ("a" * 300 + ".pdf", "a" * 146 + ".pdf"),
        ("b" * 300, "b" * 149),
    ],
)
def test_a_name_is_one_line_without_tricks(nome: str, limpo: str) -> None:
    assert arquivos.nome_limpo(nome) == limpo
