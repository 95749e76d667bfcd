"""The private store of files: whole or not there, judged by what is in them.

Nothing here is under a public address: whoever may read a file gets it from a view.
A file is what its content says, never what its name or its sender claims.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import time
from typing import Any, BinaryIO, Final, cast
from uuid import UUID, uuid4

import filetype
from django.conf import settings
from django.core.files.storage import FileSystemStorage

MEGABYTE: Final = 1024 * 1024
DESCONHECIDO: Final = "application/octet-stream"
# Enough for the table of contents of an Office file.
_CABECA: Final = 8 * 1024
_PARTES: Final = "partes"
_RESTO_VELHO_S: Final = 3600
_NOME_MAXIMO: Final = 150
# Judged kinds that keep their name; a program or a page is only ever a download.
_FAMILIAS: Final = frozenset({"image", "audio", "video"})
_DOCUMENTOS: Final = (
    "application/pdf",
    "application/zip",
    "application/vnd.openxmlformats-officedocument.",
    "application/vnd.oasis.opendocument.",
)


@dataclass(frozen=True)
class Guardado:
    """A stored file: its key, bytes, SHA-256 in hex, and judged MIME type."""

    chave: str
    tamanho: int
    sha256: str
    mimetype: str


def chave(organizacao_id: UUID, identificador: UUID) -> str:
    """Where an organisation's file is kept: always the same place for the same id."""
    return f"{organizacao_id}/{identificador.hex[-2:]}/{identificador}"


def guardar(onde: str, escrever: Callable[[BinaryIO], object]) -> Guardado:
    """Keep what ``escrever`` writes under the key ``onde``, replacing what was there.

    The file appears whole or not at all, whatever is killed meanwhile. Raises what
    ``escrever`` raises.
    """
    deposito = _deposito()
    final = Path(deposito.path(onde))
    parte = Path(deposito.path(f"{_PARTES}/{uuid4()}"))
    os.makedirs(deposito.location, mode=0o700, exist_ok=True)
    for pasta in (parte.parent, final.parent.parent, final.parent):
        pasta.mkdir(mode=0o700, exist_ok=True)
    _varrer(parte.parent)
    try:
        with open(parte, "x+b", opener=_so_nosso) as arquivo:
            escrever(arquivo)
            guardado = _medir(onde, arquivo)
            os.fsync(arquivo.fileno())
        parte.replace(final)
    finally:
        parte.unlink(missing_ok=True)
    return guardado


def abrir(onde: str) -> BinaryIO:
    """The file under a key, to read; ``FileNotFoundError`` when it is not there."""
    return cast(BinaryIO, open(_deposito().path(onde), "rb"))  # noqa: SIM115


def remover(onde: str) -> None:
    """Delete the file under a key; one that is not there is fine."""
    _deposito().delete(onde)


def guardados_antes_de(momento: datetime) -> Iterator[str]:
    """The keys of files last written before ``momento``, in no order."""
    raiz, limite = Path(_deposito().location), momento.timestamp()
    for organizacao in _pastas(raiz):
        if organizacao.name == _PARTES:
            continue
        for pasta in _pastas(organizacao):
            for arquivo in pasta.iterdir():
                with suppress(FileNotFoundError):
                    if arquivo.stat().st_mtime < limite:
                        yield arquivo.relative_to(raiz).as_posix()


def julgar(arquivo: BinaryIO) -> str:
    """The MIME type that the first bytes tell; ``DESCONHECIDO`` for what is no media.

    Text, HTML and SVG have no signature: they are downloads and nothing else.
    """
    arquivo.seek(0)
    achado = filetype.guess_mime(arquivo.read(_CABECA))
    arquivo.seek(0)
    julgado = str(achado or DESCONHECIDO)
    conhecido = julgado.partition("/")[0] in _FAMILIAS or julgado.startswith(
        _DOCUMENTOS
    )
    return julgado if conhecido else DESCONHECIDO


def extensao(mimetype: str) -> str:
    """What a file of that judged type is called after its dot, dot included, or ""."""
    tipo = filetype.get_type(mime=mimetype)
    return f".{tipo.extension}" if tipo else ""


def nome_limpo(nome: str) -> str:
    """A file name as people may see it: one line, no path, no hidden direction marks.

    A right-to-left mark makes "gpj.exe" read "exe.jpg".
    """
    visivel = "".join(
        letra
        for letra in nome.replace("\\", "/").rpartition("/")[2]
        # Cc: control, Cf: direction and other marks, but not the joiner of emojis.
        if letra == "\u200d" or unicodedata.category(letra) not in ("Cc", "Cf", "Cs")
    )
    raiz, ponto, extensao = " ".join(visivel.split()).strip(". ").rpartition(".")
    if not ponto or len(extensao) > 10:
        raiz, ponto, extensao = raiz + ponto + extensao, "", ""
    return raiz[: _NOME_MAXIMO - len(extensao) - 1] + ponto + extensao


def _medir(onde: str, arquivo: BinaryIO) -> Guardado:
    arquivo.flush()
    mimetype = julgar(arquivo)
    resumo = hashlib.file_digest(cast(Any, arquivo), "sha256").hexdigest()
    return Guardado(onde, arquivo.tell(), resumo, mimetype)


def _varrer(partes: Path) -> None:
    """Drop what killed processes left behind; nothing else ever grows that old."""
    velho = time() - _RESTO_VELHO_S
    for resto in partes.iterdir():
        with suppress(FileNotFoundError):
            if resto.stat().st_mtime < velho:
                resto.unlink()


def _pastas(onde: Path) -> list[Path]:
    return [p for p in onde.iterdir() if p.is_dir()] if onde.is_dir() else []


def _deposito() -> FileSystemStorage:
    return FileSystemStorage(location=settings.ARQUIVOS_DIR)


def _so_nosso(caminho: str, opcoes: int) -> int:
    return os.open(caminho, opcoes, 0o600)
