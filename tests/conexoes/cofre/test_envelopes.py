"""What is sealed opens in its place, by a key of the ring."""

import base64
import io

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from conexoes import chaveiro, cofre
from conexoes.cofre import Contexto, cifrar, decifrar
from conexoes.erros import CredencialIlegivel
from tests.conexoes.cofre.chaves import CHAVE, OUTRA, b64

AQUI = Contexto("conexoes_meta", "access_token", "org", "linha")


@pytest.mark.parametrize("texto", ["EAAB", "", "ção 🔑", "x" * 10_000, "a\0b\n"])
def test_what_is_sealed_opens_in_its_place(texto):
    envelope = cifrar(texto, contexto=AQUI)

    assert decifrar(envelope, contexto=AQUI) == texto
    assert envelope.isascii()
    assert envelope.startswith("v1.")


def test_the_same_text_never_looks_the_same():
    assert len({cifrar("EAAB", contexto=AQUI) for _ in range(50)}) == 50


@pytest.mark.parametrize("parte", Contexto._fields)
def test_it_opens_nowhere_else(parte):
    envelope = cifrar("EAAB", contexto=AQUI)

    with pytest.raises(CredencialIlegivel):
        decifrar(envelope, contexto=AQUI._replace(**{parte: "outro"}))


def test_any_changed_character_is_refused():
    envelope = cifrar("EAAB", contexto=AQUI)

    for posicao in range(len(envelope) - 1):
        trocado = "A" if envelope[posicao] != "A" else "B"
        falso = envelope[:posicao] + trocado + envelope[posicao + 1 :]
        with pytest.raises(CredencialIlegivel):
            decifrar(falso, contexto=AQUI)


@pytest.mark.parametrize(
    "lixo", ["", "EAAB", "v1", "v1..", "v1.x.", "v1.{kid}.", "v1.{kid}.AAAA", "v2.a.b"]
)
def test_garbage_is_refused_and_not_shown(lixo):
    lixo = lixo.format(kid=chaveiro.atual().ativa)

    with pytest.raises(CredencialIlegivel) as erro:
        decifrar(lixo, contexto=AQUI)

    assert not lixo or lixo not in f"{erro.value!r} {erro.value.detalhe}"


def test_an_unknown_key_is_refused(settings):
    envelope = cifrar("EAAB", contexto=AQUI)
    settings.INTEGRATIONS_KEY = b64(OUTRA)

    with pytest.raises(CredencialIlegivel) as erro:
        decifrar(envelope, contexto=AQUI)

    assert erro.value.detalhe == "chave desconhecida"


def test_another_key_under_the_same_name_is_refused(settings):
    settings.INTEGRATIONS_KEY = f"a:{b64(CHAVE)}"
    envelope = cifrar("EAAB", contexto=AQUI)
    settings.INTEGRATIONS_KEY = f"a:{b64(OUTRA)}"

    with pytest.raises(CredencialIlegivel):
        decifrar(envelope, contexto=AQUI)


@pytest.mark.parametrize(
    "escrita",
    [
        b64(CHAVE),
        b64(CHAVE).rstrip("="),
        base64.urlsafe_b64encode(CHAVE).decode(),
        CHAVE.hex(),
        CHAVE.hex().upper(),
        CHAVE.decode(),
        f"  {b64(CHAVE)}\n",
    ],
)
def test_one_key_may_be_written_in_many_ways(escrita, settings):
    envelope = cifrar("EAAB", contexto=AQUI)

    settings.INTEGRATIONS_KEY = escrita

    assert decifrar(envelope, contexto=AQUI) == "EAAB"


def test_url_and_standard_alphabet_are_the_same_key(settings):
    chave = b"\xfb\xff" * 16
    settings.INTEGRATIONS_KEY = base64.b64encode(chave).decode()
    envelope = cifrar("EAAB", contexto=AQUI)

    settings.INTEGRATIONS_KEY = base64.urlsafe_b64encode(chave).decode()

    assert decifrar(envelope, contexto=AQUI) == "EAAB"


def test_the_first_of_several_keys_seals_and_all_of_them_open(settings):
    settings.INTEGRATIONS_KEY = f"velha:{b64(CHAVE)}"
    antigo = cifrar("EAAB", contexto=AQUI)

    settings.INTEGRATIONS_KEY = f"nova:{OUTRA.hex()}, velha:{b64(CHAVE)}"

    assert cifrar("x", contexto=AQUI).startswith("v1.nova.")
    assert decifrar(antigo, contexto=AQUI) == "EAAB"


@pytest.mark.parametrize(
    "ruim",
    [
        "",
        "   ",
        "curta",
        "senha-secreta-demais",
        b64(CHAVE[:16]),
        f"a:{b64(CHAVE)},b:curta",
        f"a:{b64(CHAVE)},a:{b64(OUTRA)}",
        f"com espaço:{b64(CHAVE)}",
        f"{b64(CHAVE)},{b64(OUTRA)}",
        f"a:{b64(CHAVE)},",
    ],
)
def test_a_bad_ring_says_so_and_does_not_repeat_the_key(ruim, settings):
    settings.INTEGRATIONS_KEY = ruim

    with pytest.raises(ImproperlyConfigured, match="INTEGRATIONS_KEY") as erro:
        cofre.canario()

    for parte in ruim.replace(",", ":").split(":"):
        assert len(parte.strip()) < 4 or parte not in str(erro.value)


@pytest.mark.parametrize("ruim", ["", "curta"])
def test_a_bad_ring_says_how_to_mend_it(ruim, settings):
    settings.INTEGRATIONS_KEY = ruim

    with pytest.raises(ImproperlyConfigured, match="manage.py cofre gerar"):
        cofre.canario()


def test_no_key_is_shown_when_the_ring_is_printed():
    assert "0123456789" not in repr(chaveiro.atual())


def test_a_kept_canary_tells_another_key(settings):
    guardado = cofre.canario()
    cofre.conferir_canario(guardado)

    settings.INTEGRATIONS_KEY = b64(OUTRA)

    with pytest.raises(ImproperlyConfigured, match="chave original"):
        cofre.conferir_canario(guardado)


def test_the_command_makes_a_key_that_works(settings):
    saida = io.StringIO()
    settings.INTEGRATIONS_KEY = ""

    call_command("cofre", "gerar", stdout=saida)

    settings.INTEGRATIONS_KEY = saida.getvalue().strip()
    call_command("cofre", "testar", stdout=saida)
    assert "Cofre em ordem." in saida.getvalue()


def test_the_command_says_what_is_wrong(settings):
    settings.INTEGRATIONS_KEY = "curta"

    with pytest.raises(CommandError, match="manage.py cofre gerar"):
        call_command("cofre", "testar")
