"""Our own side of a chat as WAHA tells it: echoes of our sends, and the phone's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet, UUIDField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from conexoes import fila
from conexoes.erros import ErroTransitorio
from conexoes.models import DESCARTADA_EM_DUVIDA, EventoPendente
from crm.models import Conversa, IdentidadeContato, Mensagem
from whatsapp.models import SessaoWhatsapp
from whatsapp.payloads import MensagemWaha
from whatsapp.services.mensagens import registrar_envio

_UM_DIA: Final = timedelta(days=1)
# WhatsApp counts whole seconds, and its clock and ours may differ.
_FOLGA: Final = timedelta(minutes=2)
_ANDANDO: Final = (Mensagem.Status.ENVIANDO, Mensagem.Status.INCERTA)
_ARQUIVOS: Final = frozenset(
    {
        Mensagem.Tipo.IMAGEM,
        Mensagem.Tipo.VIDEO,
        Mensagem.Tipo.AUDIO,
        Mensagem.Tipo.DOCUMENTO,
        Mensagem.Tipo.FIGURINHA,
    }
)


def e_eco_de_desconhecido(sessao: SessaoWhatsapp, lida: MensagemWaha) -> bool:
    """Settle the send that an echo from a hidden id nobody has seen belongs to.

    Only what it says can tell whose answer it is: two of a kind tell nothing.
    """
    if not lida.pela_api or _pessoa_conhecida(sessao, lida):
        return False
    iguais = _iguais(_envios_sem_id(sessao, lida), lida)
    if len(iguais) == 1:
        _assentar(iguais[0], lida.id)
    return len(iguais) == 1


def e_eco(sessao: SessaoWhatsapp, conversa: Conversa, lida: MensagemWaha) -> bool:
    """Settle the send of ``conversa`` that came back with its id.

    Raises ``ErroTransitorio`` while it may be the echo of a send whose outcome is not
    written yet.
    """
    sem_id = _envios_sem_id(sessao, lida).filter(conversa=conversa)
    for mensagem in _iguais(sem_id, lida):
        _assentar(mensagem, lida.id)
        return True
    if lida.pela_api and sem_id.filter(status__in=_ANDANDO).exists():
        raise ErroTransitorio(_("Há um envio em andamento nesta conversa."))
    return False


def _envios_sem_id(sessao: SessaoWhatsapp, lida: MensagemWaha) -> QuerySet[Mensagem]:
    """Sends of the last day that WhatsApp may know and we have no id of.

    One that a person said had arrived, or gave up not knowing, waits only for an echo
    of the API: the same words typed on the phone later are a message of their own.
    """
    quais = Q(status__in=_ANDANDO)
    if lida.pela_api:
        quais |= Q(status=Mensagem.Status.ENVIADA)
        quais |= Q(pk__in=_descartados_em_duvida(sessao))
    envios_ = Mensagem.da(sessao.organizacao_id).filter(
        quais,
        conexao_id=sessao.pk,
        id_externo="",
        momento__gte=lida.momento - _UM_DIA,
    )
    if not lida.pela_api:
        # Typed before we began to send, it is no echo of ours.
        envios_ = envios_.filter(momento__lte=lida.momento + _FOLGA)
    return envios_.order_by("momento", "id")


def _descartados_em_duvida(sessao: SessaoWhatsapp) -> QuerySet[Any]:
    """The messages whose send a person gave up, not knowing whether it arrived."""
    descartados = EventoPendente.da(sessao.organizacao_id).filter(
        DESCARTADA_EM_DUVIDA, conexao_id=sessao.pk
    )
    de_qual = Cast(KeyTextTransform("mensagem_id", "payload"), UUIDField())
    return descartados.values_list(de_qual)


def _iguais(envios_: QuerySet[Mensagem], lida: MensagemWaha) -> list[Mensagem]:
    return [mensagem for mensagem in envios_ if _diz_o_mesmo(mensagem, lida)]


def _diz_o_mesmo(mensagem: Mensagem, lida: MensagemWaha) -> bool:
    # What was sent as one kind of file may come back as another: WAHA converts.
    mesma_especie = (mensagem.tipo in _ARQUIVOS) == (lida.tipo in _ARQUIVOS)
    return mesma_especie and mensagem.texto.strip() == lida.texto.strip()


def _pessoa_conhecida(sessao: SessaoWhatsapp, lida: MensagemWaha) -> bool:
    return (
        bool(lida.telefone)
        or IdentidadeContato.da(sessao.organizacao_id)
        .filter(canal="whatsapp", identificador__in=lida.enderecos)
        .exists()
    )


def _assentar(mensagem: Mensagem, id_externo: str) -> None:
    evento = (
        EventoPendente.da(mensagem.organizacao_id)
        .filter(chave=mensagem.chave_do_envio)
        .first()
    )
    registrar_envio(mensagem, id_externo)
    if evento:
        fila.assentar(evento)
