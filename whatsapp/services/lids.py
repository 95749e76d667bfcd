"""Hidden ids (``@lid``): asking WhatsApp for the number behind one."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import aovivo, fila
from conexoes.erros import AindaNao
from conexoes.models import EventoPendente
from conexoes.tenancy import na
from crm.models import Contato
from crm.services.contatos import revelar_telefone
from crm.telefones import normalizar
from whatsapp.models import SessaoWhatsapp
from whatsapp.services.servidor import cliente

# WhatsApp keeps a number hidden until the person shows it: asked a few times, ever
# more rarely, and then left alone.
_DE_NOVO_APOS: Final = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))


def e_oculto(endereco: str) -> bool:
    """Whether an address hides the person's number."""
    return endereco.endswith("@lid")


def perguntar(sessao: SessaoWhatsapp, contato: Contato, lid: str) -> None:
    """Keep the intent to ask for a contact's number, once per contact."""
    fila.guardar(
        sessao.organizacao_id,
        tipo="whatsapp_lid",
        destino="whatsapp.lid",
        chave=f"lid:{contato.pk}",
        payload={
            "contato_id": str(contato.pk),
            "sessao_id": str(sessao.pk),
            "lid": lid,
        },
        conexao_id=sessao.pk,
    )


def descobrir_telefone(evento: EventoPendente) -> None:
    """Ask WhatsApp who is behind a hidden id, and complete the contact for good.

    Raises ``AindaNao`` while the number stays hidden and is worth asking again.
    """
    with na(evento.organizacao_id):
        contato = _ainda_sem_telefone(evento)
        sessao = (
            SessaoWhatsapp.da(evento.organizacao_id)
            .filter(pk=evento.payload["sessao_id"])
            .first()
        )
    if contato is None or sessao is None:
        return
    servidor = cliente()
    visto = servidor.telefone_do_lid(sessao.session_name, evento.payload["lid"])
    telefone = normalizar(visto) if visto else ""
    if not telefone:
        _esperar(evento)
        return
    with na(evento.organizacao_id):
        contato = _ainda_sem_telefone(evento)
        if contato is not None:
            revelar_telefone(contato, telefone)
            aovivo.avisar(evento.organizacao_id, "conversas")


def _ainda_sem_telefone(evento: EventoPendente) -> Contato | None:
    contatos = Contato.da(evento.organizacao_id)
    return contatos.filter(pk=evento.payload["contato_id"], telefone="").first()


def _esperar(evento: EventoPendente) -> None:
    agora = timezone.now()
    for espera in _DE_NOVO_APOS:
        if evento.criado_em + espera > agora:
            raise AindaNao(
                evento.criado_em + espera,
                _("O WhatsApp ainda não mostra o número desta pessoa."),
            )
