"""Small real files for the customer to send, made here: no binary in the repository."""

import base64
import struct
import zlib
from collections.abc import Callable

from sandbox.waha.filme import mp4
from sandbox.waha.midias import Midia

LADO = 96
# The smallest lossless WebP there is: one transparent pixel.
WEBP = "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="
# 20 ms of silence, as the Opus encoder writes it.
SILENCIO = b"\xf8\xff\xfe"
QUADROS, AMOSTRAS_DO_QUADRO = 50, 960
VCARD = (
    "BEGIN:VCARD\nVERSION:3.0\nFN:{nome}\n"
    "TEL;type=CELL;type=VOICE;waid={numero}:+{numero}\nEND:VCARD"
)


def imagem() -> Midia:
    return Midia("imagem", "image/png", png())


def documento() -> Midia:
    return Midia("documento", "application/pdf", pdf(), nome="orçamento.pdf")


def audio() -> Midia:
    return Midia("audio", "audio/ogg; codecs=opus", ogg())


def video() -> Midia:
    return Midia("video", "video/mp4", mp4())


def figurinha() -> Midia:
    return Midia("figurinha", "image/webp", base64.b64decode(WEBP))


DE_CADA: dict[str, Callable[[], Midia]] = {
    "imagem": imagem,
    "documento": documento,
    "audio": audio,
    "video": video,
    "figurinha": figurinha,
}


def vcard(nome: str, numero: str) -> str:
    return VCARD.format(nome=nome, numero=numero)


def png(lado: int = LADO) -> bytes:
    """A square that fades from violet to green."""
    linhas = b"".join(
        b"\0"
        + bytes(
            cor for x in range(lado) for cor in (79 + y, 70 + x, 229 - (x + y) // 2)
        )
        for y in range(lado)
    )
    cabecalho = struct.pack(">IIBBBBB", lado, lado, 8, 2, 0, 0, 0)
    partes = ((b"IHDR", cabecalho), (b"IDAT", zlib.compress(linhas)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_pedaco(*parte) for parte in partes)


def _pedaco(nome: bytes, dados: bytes) -> bytes:
    soma = zlib.crc32(nome + dados)
    return struct.pack(">I", len(dados)) + nome + dados + struct.pack(">I", soma)


def pdf() -> bytes:
    """One page with one line, and a table of offsets that is right."""
    texto = b"BT /F1 24 Tf 72 760 Td (Documento de exemplo) Tj ET"
    objetos = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(texto), texto),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    corpo, onde = b"%PDF-1.4\n", []
    for numero, objeto in enumerate(objetos, 1):
        onde.append(len(corpo))
        corpo += b"%d 0 obj%s endobj\n" % (numero, objeto)
    tabela = b"".join(b"%010d 00000 n \n" % posicao for posicao in onde)
    quantos = len(objetos) + 1
    return corpo + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\n"
        b"startxref\n%d\n%%%%EOF\n" % (quantos, tabela, quantos, len(corpo))
    )


def ogg() -> bytes:
    """One second of silence in Opus."""
    cabeca = b"OpusHead" + struct.pack("<BBHIHB", 1, 1, 0, 48000, 0, 0)
    nomes = b"OpusTags" + struct.pack("<I", 7) + b"sandbox" + struct.pack("<I", 0)
    fim = QUADROS * AMOSTRAS_DO_QUADRO
    return (
        _pagina(0, 2, 0, [cabeca])
        + _pagina(1, 0, 0, [nomes])
        + _pagina(2, 4, fim, [SILENCIO] * QUADROS)
    )


def _pagina(ordem: int, marcas: int, granulo: int, pacotes: list[bytes]) -> bytes:
    """RFC 3533: the checksum is over the page with its own field at zero."""
    tamanhos = bytes(len(pacote) for pacote in pacotes)
    frente = b"OggS" + struct.pack("<BBqII", 0, marcas, granulo, 1, ordem)
    resto = bytes([len(pacotes)]) + tamanhos + b"".join(pacotes)
    soma = _soma(frente + bytes(4) + resto)
    return frente + struct.pack("<I", soma) + resto


def _soma(dados: bytes) -> int:
    soma = 0
    for octeto in dados:
        soma ^= octeto << 24
        for _ in range(8):
            soma = (soma << 1) ^ (0x04C11DB7 if soma & 0x80000000 else 0)
        soma &= 0xFFFFFFFF
    return soma
