"""Arranging and reading rows, whoever's they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

from django.db.models import Model

from conexoes.models import CredencialGlobal, SegredoWebhook
from conexoes.tenancy import na, sistema
from crm.models import Contato, Conversa, IdentidadeContato, Mensagem
from crm.services import envios
from tests.sandbox.conftest import CHAVE
from whatsapp.models import AckAdiantado, SessaoWhatsapp
from whatsapp.services import sessoes

FIXTURES = Path(__file__).parent / "fixtures"
SEGREDO = "segredo-de-teste-dos-webhooks"
# Of message__texto.json, in seconds; its customer and the old form of their number.
HORA = 1_795_313_287
CLIENTE, CHAT = "+5531988887777", "553188887777@c.us"

Linha = TypeVar("Linha", bound=Model)


def carregar(nome: str) -> dict[str, Any]:
    """A fixture's body, free to change."""
    return json.loads((FIXTURES / nome).read_text())


def todas(modelo: type[Linha], **filtros: Any) -> list[Linha]:
    """Rows of every organisation, oldest first."""
    with sistema("comando"):
        return list(modelo._default_manager.filter(**filtros).order_by("pk"))


def uma(modelo: type[Linha], **filtros: Any) -> Linha:
    """The only row there is, and never the first of many."""
    with sistema("comando"):
        return modelo._default_manager.get(**filtros)


def nada_no_dominio() -> bool:
    """Whether nobody was met and nothing was said, in any organisation."""
    modelos = (Contato, IdentidadeContato, Conversa, Mensagem, AckAdiantado)
    return not any(todas(modelo) for modelo in modelos)


def criar_sessao(usuario: Any, **campos: Any) -> SessaoWhatsapp:
    """A person's connected session, without having asked any server."""
    with na(usuario.organizacao_id):
        SegredoWebhook.objects.get_or_create(
            organizacao_id=usuario.organizacao_id,
            provedor="waha",
            defaults={"segredo": SEGREDO},
        )
        return SessaoWhatsapp.objects.create(
            organizacao_id=usuario.organizacao_id,
            usuario=usuario,
            session_name=sessoes.nome_da_sessao(usuario),
            **{
                "status": SessaoWhatsapp.Status.CONNECTED,
                "ligada": True,
                "phone_number": "+5511999990000",
                "phone_name": "Ana Vendas",
            }
            | campos,
        )


def mudar_sessao(sessao: SessaoWhatsapp, **campos: Any) -> None:
    """Change columns of a session behind the product's back."""
    with sistema("comando"):
        SessaoWhatsapp.objects.filter(pk=sessao.pk).update(**campos)


def usar_servidor(url: str, chave: str = CHAVE) -> None:
    """What the super admin does: the installation's WAHA server and its key."""
    with sistema("comando"):
        CredencialGlobal.objects.update_or_create(
            provedor="waha", defaults={"url": url}, create_defaults={"url": url}
        )
        credencial = CredencialGlobal.objects.get(provedor="waha")
        credencial.segredo = chave
        credencial.save()


def escrever(conversa: Conversa, texto: str, autor: Any) -> Mensagem:
    """A rep's answer: the row and its intent; nothing is sent yet."""
    with na(conversa.organizacao_id):
        return envios.enviar_texto(conversa, texto=texto, autor=autor)
