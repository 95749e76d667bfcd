"""Create the database roles, or print the SQL that does."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from conexoes import papeis


class Command(BaseCommand):
    help = (
        "Cria os papéis conexoes_dono, conexoes_app e conexoes_sistema e o banco de"
        " dados, com as senhas de DATABASE_OWNER_URL e DATABASE_URL. Pode ser repetido."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--url",
            default=os.environ.get("DATABASE_SUPERUSER_URL", ""),
            help="endereço de um superusuário (ou a variável DATABASE_SUPERUSER_URL)",
        )
        parser.add_argument(
            "--imprimir",
            action="store_true",
            help="só escreve o SQL, para o psql; contém as duas senhas",
        )

    def handle(self, *args: Any, **opcoes: Any) -> None:
        banco = str(settings.DATABASES["default"]["NAME"])
        senhas = {
            "senha_app": _senha(_url("DATABASE_URL"), papeis.APP),
            "senha_dono": _senha(_url("DATABASE_OWNER_URL"), papeis.DONO),
        }
        if opcoes["imprimir"]:
            self.stdout.write(papeis.roteiro(banco, **senhas))
            return
        if not opcoes["url"]:
            raise CommandError(
                "Diga --url com o endereço de um superusuário, ou use --imprimir."
            )
        try:
            papeis.aplicar(opcoes["url"], banco, **senhas)
        except psycopg.Error as erro:
            raise CommandError(f"O PostgreSQL recusou: {erro}") from erro
        self.stdout.write(f"Papéis e banco de dados “{banco}” prontos.")


def _url(variavel: str) -> str:
    # Read here and not in the settings: they keep only the one log-in of the process.
    endereco = os.environ.get(variavel, "")
    if not endereco:
        raise CommandError(f"Defina {variavel}: as senhas dos papéis vêm de lá.")
    return endereco


def _senha(endereco: str, papel: str) -> str:
    partes = urlsplit(endereco)
    if partes.username != papel or not partes.password:
        raise CommandError(
            f"O endereço precisa ter o usuário {papel} e uma senha:"
            " postgresql://usuario:senha@servidor/banco"
        )
    return unquote(partes.password)
