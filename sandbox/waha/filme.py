"""A film that plays: H.264 frames of raw samples in an MP4, all of it written here.

Raw macroblocks (I_PCM) need no encoder: every decoder takes them as they are.
ITU-T H.264, clauses 7.3.2 (SPS, PPS), 7.3.3 (slice), 7.3.5 (macroblock).
"""

import struct
from collections.abc import Sequence

# Macroblocks (16 × 16 samples) across and down, frames, and frames in a second.
LARGURA, ALTURA, QUADROS, POR_SEGUNDO = 6, 6, 10, 5
_PERFIL = bytes([66, 0xC0, 10])  # Constrained Baseline, level 1
_I_PCM = 25
_MATRIZ = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def mp4() -> bytes:
    """Two seconds of a light that walks over a violet ground."""
    quadros = [_quadro(numero) for numero in range(QUADROS)]
    tipo = _caixa("ftyp", b"isom" + struct.pack(">I", 512) + b"isomavc1mp41")
    # The samples stand behind everything else: where that is depends on its size.
    comeco = len(tipo) + len(_moov(quadros, 0)) + 8
    return tipo + _moov(quadros, comeco) + _caixa("mdat", b"".join(quadros))


class _Bits:
    """Bits one after the other, as H.264 writes them."""

    def __init__(self) -> None:
        self._bits = ""

    def u(self, valor: int, bits: int = 1) -> "_Bits":
        self._bits += f"{valor:0{bits}b}"
        return self

    def ue(self, *valores: int) -> "_Bits":
        """Exp-Golomb codes."""
        for valor in valores:
            binario = f"{valor + 1:b}"
            self._bits += "0" * (len(binario) - 1) + binario
        return self

    def alinhar(self) -> "_Bits":
        self._bits += "0" * (-len(self._bits) % 8)
        return self

    def fim(self) -> bytes:
        """Closed by the stop bit."""
        return self.u(1).alinhar().bytes()

    def bytes(self) -> bytes:
        return int(f"1{self._bits}", 2).to_bytes(len(self._bits) // 8 + 1)[1:]


def _sps() -> bytes:
    # Id, frame numbers of four bits, output in order of decoding, no references.
    bits = _Bits().ue(0, 0, 2, 0).u(0).ue(LARGURA - 1, ALTURA - 1)
    return b"\x67" + _PERFIL + bits.u(1).u(1).u(0).u(0).fim()


def _pps() -> bytes:
    bits = _Bits().ue(0, 0).u(0).u(0).ue(0, 0, 0).u(0).u(0, 2).ue(0, 0, 0)
    # With it a slice says that nothing is to be smoothed.
    return b"\x68" + bits.u(1).u(0).u(0).fim()


def _quadro(numero: int) -> bytes:
    """One sample: a picture that needs no other."""
    corpo = b"\x65"
    for lugar in range(LARGURA * ALTURA):
        bits = _Bits()
        if not lugar:
            bits.ue(0, 7, 0).u(0, 4).ue(numero % 2).u(0).u(0).ue(0, 1)
            bits.ue(_I_PCM).alinhar()
        else:
            bits.ue(_I_PCM).alinhar()
        corpo += bits.bytes() + _macrobloco(numero, lugar)
    corpo = _sem_marcas(corpo + b"\x80")
    return struct.pack(">I", len(corpo)) + corpo


def _macrobloco(numero: int, lugar: int) -> bytes:
    """Brightness of 256 samples, then blue and red of 64 each."""
    aceso = lugar % LARGURA == numero % LARGURA
    luz = bytes((200 if aceso else 70) + x + y for y in range(16) for x in range(16))
    return luz + bytes([170]) * 64 + bytes([140]) * 64


def _sem_marcas(corpo: bytes) -> bytes:
    """No three bytes that would read as the start of another unit (7.4.1)."""
    limpo, zeros = bytearray(), 0
    for um in corpo:
        if zeros == 2 and um <= 3:
            limpo.append(3)
            zeros = 0
        limpo.append(um)
        zeros = zeros + 1 if um == 0 else 0
    return bytes(limpo)


def _moov(quadros: Sequence[bytes], comeco: int) -> bytes:
    duracao = len(quadros)
    mvhd = struct.pack(">IIIII", 0, 0, 0, POR_SEGUNDO, duracao)
    mvhd += struct.pack(">IHH8x", 0x10000, 0x100, 0) + _MATRIZ + bytes(24)
    mvhd += struct.pack(">I", 2)
    tamanho = struct.pack(">II", LARGURA * 16 << 16, ALTURA * 16 << 16)
    tkhd = struct.pack(">IIIIII", 7, 0, 0, 1, 0, duracao) + bytes(16)
    mdhd = struct.pack(">IIIIIHH", 0, 0, 0, POR_SEGUNDO, duracao, 0x55C4, 0)
    dinf = _caixa("dref", struct.pack(">II", 0, 1), _caixa("url ", b"\0\0\0\1"))
    minf = (
        _caixa("vmhd", struct.pack(">IHHHH", 1, 0, 0, 0, 0)),
        _caixa("dinf", dinf),
        _caixa("stbl", *_tabelas(quadros, comeco)),
    )
    mdia = (
        _caixa("mdhd", mdhd),
        _caixa("hdlr", bytes(8) + b"vide" + bytes(12) + b"filme\0"),
        _caixa("minf", *minf),
    )
    trilha = _caixa(
        "trak", _caixa("tkhd", tkhd + _MATRIZ + tamanho), _caixa("mdia", *mdia)
    )
    return _caixa("moov", _caixa("mvhd", mvhd), trilha)


def _tabelas(quadros: Sequence[bytes], comeco: int) -> list[bytes]:
    """Where and how long each sample is, and what it takes to read them."""
    quantos = len(quadros)
    tamanhos = struct.pack(f">{quantos}I", *map(len, quadros))
    return [
        _caixa("stsd", struct.pack(">II", 0, 1), _avc1()),
        _caixa("stts", struct.pack(">IIII", 0, 1, quantos, 1)),
        _caixa("stsc", struct.pack(">IIIII", 0, 1, 1, quantos, 1)),
        _caixa("stsz", struct.pack(">III", 0, 0, quantos), tamanhos),
        _caixa("stco", struct.pack(">III", 0, 1, comeco)),
    ]


def _avc1() -> bytes:
    sps, pps = _sps(), _pps()
    medidas = struct.pack(
        ">HHIIIH", LARGURA * 16, ALTURA * 16, 72 << 16, 72 << 16, 0, 1
    )
    campos = bytes(6) + struct.pack(">H", 1) + bytes(16) + medidas + bytes(32)
    campos += struct.pack(">Hh", 24, -1)
    avcc = b"\1" + _PERFIL + b"\xff\xe1" + struct.pack(">H", len(sps)) + sps
    avcc += b"\1" + struct.pack(">H", len(pps)) + pps
    return _caixa("avc1", campos, _caixa("avcC", avcc))


def _caixa(tipo: str, *conteudo: bytes) -> bytes:
    corpo = b"".join(conteudo)
    return struct.pack(">I", len(corpo) + 8) + tipo.encode() + corpo
