"""``manage.py duas_etapas zerar EMAIL``: for who lost the phone and the codes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from conexoes.tenancy import sistema
from crm.models import Usuario
from crm.services import duas_etapas


class Command(BaseCommand):
    help = (
        "Zera a verificação em duas etapas de alguém; as sessões dessa pessoa acabam."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        acoes = parser.add_subparsers(dest="acao", required=True)
        zerar = acoes.add_parser("zerar", help="tira a segunda etapa desta conta")
        zerar.add_argument("email", help="o e-mail da conta")

    def handle(self, *args: Any, **options: Any) -> None:
        with sistema("comando"):
            pessoa = Usuario.objects.filter(email=options["email"].lower()).first()
            if pessoa is None:
                raise CommandError("Não há conta com este e-mail.")
            zerou = duas_etapas.zerar(pessoa, autor=None)
        self.stdout.write(
            "Pronto: a conta entra só com a senha, e as sessões dela acabaram."
            if zerou
            else "Esta conta já entra só com a senha."
        )
