"""Another number was scanned: its person says what shall be."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import idioma
from conexoes.erros import ErroDeDominio
from crm.models import Usuario
from crm.services.conversas import renomear_conexao
from crm.telefones import legivel
from whatsapp.models import SessaoWhatsapp
from whatsapp.services import passos
from whatsapp.services.situacao import STATUS_DO_WAHA
from whatsapp.services.transicoes import (
    auditar,
    entrar,
    esquecer_codigos,
    mudar_status,
    travar,
)

Status = SessaoWhatsapp.Status


def usar_numero_novo(sessao: SessaoWhatsapp, autor: Usuario) -> None:
    """Go on with the number that was scanned; its messages count from that moment.

    Raises ``ErroDeDominio`` when no number is in doubt.
    """
    _travar_em_duvida(sessao)
    sessao.phone_number = sessao.numero_em_duvida
    sessao.phone_name = sessao.nome_em_duvida
    sessao.numero_em_duvida = sessao.nome_em_duvida = ""
    # Nothing was written while it was in doubt, and nothing before it is ours.
    desde = sessao.conectado_em or timezone.now()
    sessao.historico_ate = sessao.numero_desde = desde
    # The groups that were let in are the other number's.
    fecha_grupos, sessao.recebe_grupos = sessao.recebe_grupos, False
    sessao.save()
    if fecha_grupos:
        passos.pedir(sessao, "configurar")
    renomear_conexao(
        sessao.organizacao_id, sessao.pk, legivel(sessao.phone_number or "")
    )
    passos.dispensar_historico(sessao)
    auditar("whatsapp.numero_trocado", sessao, autor)
    with idioma.guardando():
        if STATUS_DO_WAHA.get(sessao.status_do_provedor) == Status.CONNECTED:
            entrar(sessao, desde=desde)
        else:
            motivo = _(
                "O número novo se desconectou antes da sua resposta. Conecte de novo."
            )
            mudar_status(sessao, Status.FAILED, motivo=motivo)


def recusar_numero_novo(sessao: SessaoWhatsapp, autor: Usuario) -> None:
    """Log the scanned number out and go back to having none connected.

    Raises ``ErroDeDominio`` when no number is in doubt.
    """
    _travar_em_duvida(sessao)
    recusado = legivel(sessao.numero_em_duvida)
    sessao.numero_em_duvida = sessao.nome_em_duvida = ""
    sessao.ligada = False
    esquecer_codigos(sessao)
    sessao.save()
    with idioma.guardando():
        motivo = _("O número %(numero)s foi recusado e desconectado.") % {
            "numero": recusado
        }
    mudar_status(sessao, Status.DISCONNECTED, motivo=motivo)
    passos.pedir(sessao, "desconectar")
    auditar("whatsapp.numero_recusado", sessao, autor)


def _travar_em_duvida(sessao: SessaoWhatsapp) -> None:
    travar(sessao)
    if not sessao.numero_em_duvida:
        raise ErroDeDominio(_("Nenhum número novo espera uma resposta."))
