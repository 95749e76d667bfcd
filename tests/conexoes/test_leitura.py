import pytest

from conexoes.erros import WebhookInvalido
from conexoes.leitura import ler_json, texto


def objeto(profundidade: int) -> bytes:
    return b'{"a":' * profundidade + b"1" + b"}" * profundidade


@pytest.mark.parametrize(
    ("corpo", "valor"),
    [
        (b'{"a": [1, 2.5, null, true, "x"]}', {"a": [1, 2.5, None, True, "x"]}),
        (b"[]", []),
        (b'"x"', "x"),
        (b"\xef\xbb\xbf{}", {}),
        ("é".join(['"', '"']).encode("utf-16"), "é"),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b"9" * 64, int("9" * 64)),
        (b"1e308", 1e308),
    ],
)
def test_what_is_sound_is_read_as_it_is(corpo, valor):
    assert ler_json(corpo) == valor


@pytest.mark.parametrize(
    "corpo",
    [
        b"",
        b"{",
        b"{}{}",
        b"NaN",
        b'{"a": Infinity}',
        b"[-Infinity]",
        b"1e999",
        b"-1e999",
        b"9" * 65,
        b"9" * 5000,
        b"0." + b"1" * 63,
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"\xff\xfe",
        b"\x80",
    ],
    ids=lambda corpo: f"{corpo[:12]!r} {len(corpo)}",
)
def test_what_is_doubtful_is_refused(corpo):
    with pytest.raises(WebhookInvalido) as erro:
        ler_json(corpo)

    assert erro.value.status == 400
    assert erro.value.mensagem == "O conteúdo recebido não pôde ser lido."


def test_depth_ends_at_thirty_two_levels():
    assert ler_json(objeto(31)) is not None
    with pytest.raises(WebhookInvalido):
        ler_json(objeto(32))


def test_size_ends_at_twenty_thousand_values():
    assert len(ler_json(b"[" + b"1," * 19_998 + b"1]")) == 19_999
    with pytest.raises(WebhookInvalido):
        ler_json(b"[" + b"1," * 19_999 + b"1]")


@pytest.mark.parametrize(
    ("cru", "limpo"),
    [
        (rb'"a\u0000b"', "ab"),
        (rb'"a\ud800b"', "a?b"),
        (rb'"\ud83d\ude00"', "😀"),
        (rb'"e\u0301"', "é"),
        (rb'{"\u0000k\ud800": ["\u0000"]}', {"k?": [""]}),
    ],
)
def test_text_postgresql_refuses_is_mended(cru, limpo):
    assert ler_json(cru) == limpo


@pytest.mark.parametrize(
    ("valor", "lido"),
    [("abcdef", "abc"), ("ab", "ab"), ("", ""), (None, ""), (5, ""), (["a"], "")],
)
def test_text_is_cut_and_nothing_else_is_text(valor, lido):
    assert texto(valor, maximo=3) == lido
