"""``manage.py demonstracao``: two organisations to try everything with; idempotent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from conexoes import provedores
from conexoes.tenancy import na, sistema
from crm.demonstracao import ORGANIZACOES, SENHA, SUPER_ADMIN
from crm.models import Contato, Conversa, Mensagem, Organizacao, Usuario
from crm.services import conversas
from crm.services.contatos import salvar_contato
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
            for organizacao in Organizacao.objects.all():
                for provedor in provedores.todos():
                    if provedor.demonstrar:
                        provedor.demonstrar(organizacao)
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
            feitos = [_contato(organizacao, *campos) for campos in contatos]
            _conversa_antiga(organizacao, feitos[0])


def _contato(organizacao: Organizacao, nome: str, telefone: str, email: str) -> Contato:
    contato = Contato(organizacao=organizacao, origem="manual")
    return salvar_contato(
        contato, nome=nome, telefone=normalizar(telefone), email=email
    )


def _conversa_antiga(organizacao: Organizacao, contato: Contato) -> None:
    """A conversation from before any number was connected here: it can be read."""
    conversa = Conversa.objects.create(
        organizacao=organizacao,
        contato=contato,
        canal="whatsapp",
        endereco=f"{contato.telefone[1:]}@c.us",
    )
    ontem = timezone.now() - timedelta(days=1)
    conversas.registrar_entrada(
        conversa,
        id_externo="DEMO-1",
        texto="Bom dia! Vocês ainda têm horário esta semana?",
        tipo=Mensagem.Tipo.TEXTO,
        momento=ontem,
    )
    conversas.registrar_saida_de_fora(
        conversa,
        id_externo="DEMO-2",
        texto="Bom dia! Temos sim. Qual dia fica melhor para você?",
        tipo=Mensagem.Tipo.TEXTO,
        momento=ontem + timedelta(minutes=4),
        do_celular=True,
    )
