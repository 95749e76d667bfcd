"""``manage.py cofre gerar|testar``: make a key, prove the ones in use."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from conexoes import chaveiro, cofre


class Command(BaseCommand):
    help = "Gera uma chave para INTEGRATIONS_KEY ou confere as que estão em uso."
    # A key has to be made before anything else can work.
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        acoes = parser.add_subparsers(dest="acao", required=True)
        acoes.add_parser("gerar", help="escreve uma chave nova na saída padrão")
        acoes.add_parser("testar", help="cifra e decifra com cada chave do ambiente")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["acao"] == "gerar":
            self.stdout.write(chaveiro.gerar_chave())
            return
        try:
            cofre.canario()
            ativa, *antigas = chaveiro.atual().cifras
        except ImproperlyConfigured as erro:
            raise CommandError(str(erro)) from None
        self.stdout.write(f"Cofre em ordem. Chave ativa: {ativa}.")
        if antigas:
            self.stdout.write(f"Só para leitura: {', '.join(antigas)}.")
