"""What happens to a message afterwards: reactions, edits, deletions."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from conexoes.erros import ConexaoIndisponivel
from conexoes.models import EventoPendente, Status
from conexoes.notificacoes import notificar
from conexoes.tenancy import na
from crm.models import Mensagem, Usuario
from crm.services import emendas, enderecos, reacoes
from whatsapp import payloads
from whatsapp.models import SessaoWhatsapp
from whatsapp.payloads import Evento, MensagemWaha
from whatsapp.services.servidor import cliente

# Where a group's message keeps the address of who wrote it: its full id ends with it.
_PARTICIPANTE: Final = "participante"


def receber_reacao(sessao: SessaoWhatsapp, evento: Evento) -> bool:
    """Put an emoji on a message, or take it off; False when it is not here (yet)."""
    lida = payloads.ler_reacao(evento.payload)
    mensagem = _mensagem(sessao, lida.id)
    if mensagem:
        reacoes.registrar(mensagem, de=lida.de, emoji=lida.emoji, momento=evento.em)
    return mensagem is not None


def receber_edicao(sessao: SessaoWhatsapp, evento: Evento) -> bool:
    """Replace a message's text; False when it is not here (yet)."""
    id_, texto = payloads.ler_editada(evento.payload)
    mensagem = _mensagem(sessao, id_)
    if mensagem:
        emendas.editar(mensagem, texto=texto, momento=evento.em)
    return mensagem is not None


def receber_exclusao(sessao: SessaoWhatsapp, evento: Evento) -> bool:
    """Forget what a message said; False when it is not here (yet)."""
    mensagem = _mensagem(sessao, payloads.ler_apagada(evento.payload))
    if mensagem:
        emendas.apagar(mensagem, momento=evento.em)
    return mensagem is not None


def enviar_reacao(evento: EventoPendente) -> None:
    """Show the other side the emoji we have on a message by now, or none.

    Raises ``ConexaoIndisponivel`` while the session is not connected. Safe to repeat:
    WhatsApp keeps one reaction per person.
    """
    with na(evento.organizacao_id):
        mensagem = (
            Mensagem.da(evento.organizacao_id)
            .select_related("conversa")
            .filter(pk=evento.payload["mensagem_id"], apagada_em=None)
            .exclude(id_externo="")
            .first()
        )
        if mensagem is None:
            return
        sessao = _sessao(evento.organizacao_id, mensagem.conexao_id)
        emoji = reacoes.nossa(mensagem)
    cliente().reagir(sessao.session_name, id_completo(mensagem), emoji)


def reacao_mudou(evento: EventoPendente) -> None:
    """Take off an emoji that will never arrive, and tell who chose it."""
    if evento.status != Status.FALHOU:
        return
    mensagem = (
        Mensagem.da(evento.organizacao_id)
        .select_related("conversa")
        .filter(pk=evento.payload["mensagem_id"])
        .first()
    )
    if mensagem is None or not reacoes.nossa(mensagem):
        return
    reacoes.desfazer(mensagem)
    notificar(
        Usuario.objects.filter(pk=evento.payload.get("autor_id")),
        titulo=_("Sua reação não foi enviada"),
        texto=evento.ultimo_erro or str(evento.get_motivo_display()),
        url=mensagem.conversa.get_absolute_url(),
        tom="alerta",
        tipo="atendimento",
        chave=f"whatsapp.reacao:{evento.pk}",
    )


def id_completo(mensagem: Mensagem) -> str:
    """``true_5531...@c.us_3EB0...``, as WAHA names a message in its API."""
    de_quem = "true" if mensagem.direcao == Mensagem.Direcao.SAIDA else "false"
    partes = [de_quem, enderecos.onde(mensagem), mensagem.id_externo]
    return "_".join([*partes, *filter(None, [mensagem.dados.get(_PARTICIPANTE)])])


def participante(lida: MensagemWaha) -> dict[str, str]:
    """What to keep of who wrote in a group, beside their name."""
    return {_PARTICIPANTE: lida.remetente} if lida.remetente else {}


def _mensagem(sessao: SessaoWhatsapp, id_externo: str) -> Mensagem | None:
    if not id_externo:
        return None
    return (
        Mensagem.da(sessao.organizacao_id)
        .filter(conexao_id=sessao.pk, id_externo=id_externo)
        .first()
    )


def _sessao(organizacao_id: UUID, conexao_id: UUID | None) -> SessaoWhatsapp:
    sessao = SessaoWhatsapp.da(organizacao_id).filter(pk__in=[conexao_id]).first()
    if sessao is None or sessao.status != SessaoWhatsapp.Status.CONNECTED:
        raise ConexaoIndisponivel(
            _("O WhatsApp está desconectado. A reação sai quando ele voltar.")
        )
    return sessao
