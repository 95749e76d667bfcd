"""``manage.py demonstracao``: two organisations to try everything with; idempotent."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from conexoes import provedores
from conexoes.tenancy import na, sistema
from crm.demonstracao import ORGANIZACOES, SENHA, SUPER_ADMIN
from crm.models import Contato, Organizacao, Usuario
from crm.services.contatos import salvar_contato
from crm.services.demonstracao import demonstrar
from crm.telefones import normalizar


class Command(BaseCommand):
    help = "Cria as organizações, pessoas e conversas de demonstração (uma vez só)."

    def handle(self, *args: Any, **opcoes: Any) -> None:
        if settings.PRODUCAO:
            raise CommandError("A demonstração não entra em produção.")
        for nome, pessoas, contatos in ORGANIZACOES:
            self._organizacao(nome, pessoas, contatos)
        email, nome = SUPER_ADMIN
        with sistema("comando"):
            if not Usuario.objects.filter(email=email).exists():
                Usuario.objects.create_superuser(email, SENHA, nome=nome)
            organizacoes = list(Organizacao.objects.all())
            for organizacao in organizacoes:
                for provedor in provedores.todos():
                    if provedor.demonstrar:
                        provedor.demonstrar(organizacao)
        for organizacao in organizacoes:
            if organizacao.nome == ORGANIZACOES[0][0]:
                with na(organizacao):
                    demonstrar(organizacao)
        self.stdout.write("Demonstração pronta.")

    def _organizacao(
        self,
        nome: str,
        pessoas: tuple[tuple[str, str, str], ...],
        contatos: tuple[tuple[str, str, str], ...],
    ) -> None:
        with sistema("comando"):
            if Organizacao.objects.filter(nome=nome).exists():
                return
            organizacao = Organizacao.objects.create(nome=nome)
            for email, nome_da_pessoa, papel in pessoas:
                Usuario.objects.create_user(
                    email,
                    SENHA,
                    nome=nome_da_pessoa,
                    papel=papel,
                    organizacao=organizacao,
                )
        with na(organizacao):
            for campos in contatos:
                _contato(organizacao, *campos)


def _contato(organizacao: Organizacao, nome: str, telefone: str, email: str) -> Contato:
    contato = Contato(organizacao=organizacao, origem="manual")
    return salvar_contato(
        contato, nome=nome, telefone=normalizar(telefone), email=email
    )
