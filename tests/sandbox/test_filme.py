"""The film that the sandbox's customer sends: a real one, of pictures that decode."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from sandbox.waha.filme import mp4

_DENTRO = {"moov", "trak", "mdia", "minf", "stbl"}


def caixas(dados: bytes, base: int = 0) -> Iterator[tuple[str, int, bytes]]:
    """Every box with its place in the file, those inside others too."""
    lugar = 0
    while lugar < len(dados):
        tamanho, tipo = struct.unpack_from(">I4s", dados, lugar)
        corpo = dados[lugar + 8 : lugar + tamanho]
        yield tipo.decode(), base + lugar + 8, corpo
        if tipo.decode() in _DENTRO:
            yield from caixas(corpo, base + lugar + 8)
        lugar += tamanho


def test_a_film_is_two_seconds_of_samples_that_are_where_it_says() -> None:
    achadas = {tipo: (lugar, corpo) for tipo, lugar, corpo in caixas(mp4())}
    _fixos, quantos, *tamanhos = struct.unpack(">2I10I", achadas["stsz"][1][4:])
    (_uma, comeco) = struct.unpack(">II", achadas["stco"][1][4:])
    escala, duracao = struct.unpack(">II", achadas["mdhd"][1][12:20])

    assert (duracao / escala, quantos) == (2, 10)
    assert comeco == achadas["mdat"][0]
    assert sum(tamanhos) == len(achadas["mdat"][1])


def test_each_sample_is_one_picture_that_needs_no_other() -> None:
    achadas = {tipo: corpo for tipo, _lugar, corpo in caixas(mp4())}
    dados, lugar = achadas["mdat"], 0
    for tamanho in struct.unpack(">10I", achadas["stsz"][12:]):
        (dentro,) = struct.unpack_from(">I", dados, lugar)
        unidade = dados[lugar + 4 : lugar + tamanho]
        assert (dentro, unidade[0]) == (tamanho - 4, 0x65)
        # Nothing inside reads as the start of another unit.
        assert not any(bytes([0, 0, n]) in unidade for n in range(3))
        lugar += tamanho
