"""The key ring that ``INTEGRATIONS_KEY`` spells: one key, or several with names."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_KID: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
_COMO_GERAR: Final = (
    "Gere uma com `manage.py cofre gerar` e ponha-a em INTEGRATIONS_KEY; se já há "
    "credenciais guardadas, reponha a chave com que foram cifradas."
)


@dataclass(frozen=True)
class Chaveiro:
    """Ciphers by key id; ``ativa`` names the one that encrypts."""

    ativa: str
    cifras: dict[str, AESGCM] = field(repr=False)


def atual() -> Chaveiro:
    """The ring of the environment.

    Raises ``ImproperlyConfigured``, in words that say how to mend it.
    """
    return _montar(settings.INTEGRATIONS_KEY)


def gerar_chave() -> str:
    """A new random key, in the form that ``INTEGRATIONS_KEY`` accepts."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def de_base64(texto: str) -> bytes | None:
    """Bytes of strict base64, standard or URL alphabet, padded or not; else None."""
    corrido = texto.rstrip("=").replace("+", "-").replace("/", "_")
    if not re.fullmatch(r"[A-Za-z0-9_-]+", corrido):
        return None
    try:
        return base64.urlsafe_b64decode(corrido + "=" * (-len(corrido) % 4))
    except binascii.Error:
        return None


@lru_cache(maxsize=4)
def _montar(valor: str) -> Chaveiro:
    valor = valor.strip()
    if not valor:
        raise ImproperlyConfigured(f"INTEGRATIONS_KEY está vazia. {_COMO_GERAR}")
    sozinha = _ler_chave(valor)
    if sozinha is not None:
        kid = hashlib.sha256(b"kid|" + sozinha).hexdigest()[:8]
        return Chaveiro(kid, {kid: AESGCM(sozinha)})
    cifras: dict[str, AESGCM] = {}
    for posicao, par in enumerate(valor.split(","), start=1):
        kid, cifra = _ler_par(par.strip(), posicao)
        if kid in cifras:
            raise ImproperlyConfigured(f"INTEGRATIONS_KEY repete o nome “{kid}”.")
        cifras[kid] = cifra
    return Chaveiro(next(iter(cifras)), cifras)


def _ler_par(par: str, posicao: int) -> tuple[str, AESGCM]:
    kid, separador, texto = par.partition(":")
    chave = _ler_chave(texto.strip())
    # The value itself is never part of the message: it may be a real key.
    if not separador or not _KID.fullmatch(kid) or chave is None:
        raise ImproperlyConfigured(
            f"INTEGRATIONS_KEY: a {posicao}ª chave não tem 32 bytes em base64, "
            "hexadecimal ou texto puro (várias chaves: `nome:chave`, separadas por "
            f"vírgula, a ativa primeiro). {_COMO_GERAR}"
        )
    return kid, AESGCM(chave)


def _ler_chave(texto: str) -> bytes | None:
    """32 bytes written as hex (64), base64 (43 or 44) or raw text (32)."""
    if re.fullmatch(r"[0-9a-fA-F]{64}", texto):
        return bytes.fromhex(texto)
    if len(texto.encode()) == 32:
        return texto.encode()
    cru = de_base64(texto)
    return cru if cru is not None and len(cru) == 32 else None
