"""What a phone's authenticator does, and the journey that links it to an account."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time
from typing import Any

from django.test import Client


def codigo(segredo: str, *, passo: int = 0) -> str:
    """The code of RFC 6238 that counts now, or ``passo`` half minutes later.

    Today's holds for half a minute more. Another is never told in the last moments of
    its half minute, which a slow machine would let pass.
    """
    resta = 30 - time.time() % 30
    if passo and resta < 5:
        time.sleep(resta)
    contador = struct.pack(">Q", int(time.time()) // 30 + passo)
    resumo = hmac.new(base64.b32decode(segredo), contador, hashlib.sha1).digest()
    inicio = resumo[-1] & 15
    (numero,) = struct.unpack(">I", resumo[inicio : inicio + 4])
    return f"{(numero & 0x7FFFFFFF) % 1_000_000:06d}"


def ativar(navegador: Client, senha: str) -> str:
    """Activate by the pages, as a person does; the secret."""
    navegador.post("/conta/reautenticar/", {"password": senha})
    pagina = navegador.get("/conta/duas-etapas/ativar/")
    segredo = segredo_na(pagina)
    resposta = navegador.post("/conta/duas-etapas/ativar/", {"code": codigo(segredo)})
    assert resposta.status_code == 302, resposta.content.decode()[-3000:]
    assert resposta["Location"] == "/conta/duas-etapas/reserva/"
    return segredo


def segredo_na(pagina: Any) -> str:
    achado = re.search(r'id="segredo"[^>]*>(\w+)<', pagina.content.decode())
    assert achado
    return achado[1]


def reservas(navegador: Client) -> list[str]:
    """The recovery codes on the person's page."""
    pagina = navegador.get("/conta/duas-etapas/reserva/").content.decode()
    return re.findall(r"<li>(\d{8})</li>", pagina)
