"""Files of a message: told of, kept, and asked for again."""

from __future__ import annotations

from pathlib import Path

from crm.models import Midia
from tests.trabalho import apressar, drenar_saida
from tests.whatsapp.dominio import uma

JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\1" + bytes(200) + b"\xff\xd9"

HTML = b"<!doctype html><script>alert(1)</script>"

ID = "false_553188887777@c.us_3EB0C0FFEE0000000004"


def guardados(pasta: Path) -> list[str]:
    return [str(a.relative_to(pasta)) for a in pasta.rglob("*") if a.is_file()]


def situacao() -> tuple[str, str]:
    midia = uma(Midia)
    return midia.status, midia.motivo


def insistir(vezes: int) -> None:
    for _ in range(vezes):
        apressar()
        drenar_saida()
