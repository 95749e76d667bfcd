"""What the demo shows before anybody has connected a number."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from crm.models import Contato, Conversa, Mensagem
from crm.services import conversas
from crm.services.conversas import Conteudo


def conversa_antiga(organizacao: Any) -> None:
    """A conversation from before any number was connected here: it can be read."""
    contato = Contato.da(organizacao).exclude(telefone="").order_by("criado_em").first()
    if contato is None or Conversa.da(organizacao).exists():
        return
    conversa = Conversa.objects.create(
        organizacao_id=contato.organizacao_id,
        contato=contato,
        canal="whatsapp",
        endereco=f"{contato.telefone[1:]}@c.us",
    )
    ontem = timezone.now() - timedelta(days=1)
    conversas.registrar_entrada(
        conversa,
        Conteudo(
            id_externo="DEMO-1",
            texto="Bom dia! Vocês ainda têm horário esta semana?",
            tipo=Mensagem.Tipo.TEXTO,
            momento=ontem,
        ),
    )
    conversas.registrar_saida_de_fora(
        conversa,
        Conteudo(
            id_externo="DEMO-2",
            texto="Bom dia! Temos sim. Qual dia fica melhor para você?",
            tipo=Mensagem.Tipo.TEXTO,
            momento=ontem + timedelta(minutes=4),
        ),
        do_celular=True,
    )
