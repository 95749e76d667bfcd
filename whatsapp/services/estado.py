"""Following what WAHA says of a session, and what that means for its person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from whatsapp.models import SessaoWhatsapp
from whatsapp.payloads import Eu, Evento
from whatsapp.services import numeros, passos, recados
from whatsapp.services.situacao import STATUS_DO_WAHA, pede_chave
from whatsapp.services.transicoes import (
    auditar,
    avisar,
    encerrar_qr,
    entrar,
    esquecer_codigos,
    esquecer_queda,
    gravar,
    motivo_do_login_perdido,
    mudar_status,
    por_em_quarentena,
)

Status = SessaoWhatsapp.Status

# The first code of a session lives a minute, the others 20 s; after six it fails.
# https://waha.devlike.pro/docs/how-to/sessions/
_PRIMEIRO_QR: Final = timedelta(seconds=60)
_OUTRO_QR: Final = timedelta(seconds=20)
QRS: Final = 6


@dataclass(frozen=True)
class Noticia:
    """What WAHA says of a session: its word now and before ("" when not told), whose
    account it is, and when. ``novo_qr``: it announces a code, not merely shows one."""

    palavra: str
    antes: str
    eu: Eu | None
    em: datetime
    novo_qr: bool = True


def receber_status(sessao: SessaoWhatsapp, evento: Evento) -> None:
    """Follow what WAHA reported; late and repeated news change nothing."""
    palavra = evento.payload.get("status")
    if not isinstance(palavra, str) or not palavra:
        return
    repetida = palavra == sessao.status_do_provedor
    ate_aqui = sessao.status_em
    if ate_aqui and (evento.em < ate_aqui or (evento.em == ate_aqui and repetida)):
        return
    sessao.status_em = evento.em
    antes = _palavra_antes(evento.payload.get("statuses"))
    seguir(sessao, Noticia(palavra, antes, evento.eu, evento.em))


def seguir(sessao: SessaoWhatsapp, noticia: Noticia) -> None:
    """Take over what WAHA says; the session is locked."""
    antes = noticia.antes or sessao.status_do_provedor
    sessao.status_do_provedor = noticia.palavra[:50]
    sessao.save(update_fields=["status_em", "status_do_provedor", "atualizado_em"])
    novo = STATUS_DO_WAHA.get(noticia.palavra)
    # A log-out restarts the session for a moment: the person's wish counts. And while
    # they have something to decide, only a connection changes what is shown.
    espera = sessao.quarentena_em or sessao.numero_em_duvida
    if not sessao.ligada or (espera and novo != Status.CONNECTED):
        return
    if novo is None:
        _estranhar(sessao, noticia.palavra)
    elif novo == Status.QR_PENDING:
        _anunciar_qr(sessao, novo=noticia.novo_qr)
    elif novo == Status.CONNECTED:
        _conectou(sessao, noticia)
    elif novo == Status.FAILED:
        _falhou(sessao, antes)
    elif novo == Status.DISCONNECTED:
        _parou(sessao)
    else:
        mudar_status(sessao, novo)


def _palavra_antes(pontos: Any) -> str:
    """The status before this one; WAHA tells the last three, oldest first."""
    if not isinstance(pontos, list) or len(pontos) < 2:
        return ""
    ponto = pontos[-2]
    palavra = ponto.get("status") if isinstance(ponto, dict) else None
    return palavra if isinstance(palavra, str) else ""


def _estranhar(sessao: SessaoWhatsapp, palavra: str) -> None:
    """A word that we do not follow: shown as it is, or as what has to be done."""
    if not pede_chave(palavra):
        avisar(sessao)
        return
    gravar(sessao, qr="", qr_expira_em=None)
    motivo = _(
        "O WhatsApp pediu uma chave de acesso (passkey), que não pode ser confirmada"
        " por aqui. Remova a chave no celular, em Configurações > Conta > Chaves de"
        " acesso, ou peça ajuda a quem administra o servidor do WhatsApp, e gere um"
        " novo QR Code."
    )
    mudar_status(sessao, Status.QR_PENDING, motivo=motivo)


def _anunciar_qr(sessao: SessaoWhatsapp, *, novo: bool) -> None:
    """Every repeat of SCAN_QR_CODE is a new code: fetch it, whatever we showed.

    Nobody asked for the codes of a session that was connected: its log-in is gone.
    """
    if sessao.queda_em or sessao.status == Status.CONNECTED:
        passos.pedir(sessao, "parar")
        por_em_quarentena(sessao, motivo_do_login_perdido())
        return
    numero = sessao.qr_numero + 1 if novo else max(sessao.qr_numero, 1)
    if numero > QRS:
        passos.pedir(sessao, "parar")
        encerrar_qr(sessao, _motivo_do_qr())
        return
    validade = _PRIMEIRO_QR if numero == 1 else _OUTRO_QR
    gravar(sessao, qr="", qr_numero=numero, qr_expira_em=timezone.now() + validade)
    mudar_status(sessao, Status.QR_PENDING)
    avisar(sessao)
    passos.pedir(sessao, "qr")


def _conectou(sessao: SessaoWhatsapp, noticia: Noticia) -> None:
    numero = numeros.numero_de(noticia.eu)
    if numeros.e_outro(sessao, numero):
        if numero != sessao.numero_em_duvida:
            _duvidar(sessao, numero, noticia)
        return
    if noticia.eu and numero and numero != sessao.phone_number:
        gravar(sessao, phone_number=numero)
    if noticia.eu and numero and noticia.eu.nome != sessao.phone_name:
        gravar(sessao, phone_name=noticia.eu.nome)
    if sessao.status == Status.CONNECTED:
        return
    # A line that flaps is no new connection.
    nova = sessao.queda_em is None
    entrar(sessao, desde=noticia.em)
    if nova:
        auditar("whatsapp.conectado", sessao, None)
        if outras := numeros.outras_com_o_numero(sessao):
            recados.mesmo_numero(sessao, outras)


def _duvidar(sessao: SessaoWhatsapp, numero: str, noticia: Noticia) -> None:
    """Another number than the conversations': hold everything and ask."""
    sessao.numero_em_duvida = numero[:20]
    sessao.nome_em_duvida = noticia.eu.nome if noticia.eu else ""
    sessao.conectado_em = noticia.em
    esquecer_queda(sessao)
    esquecer_codigos(sessao)
    sessao.save()
    motivo = _(
        "O número lido não é o desta conexão. Diga se o número novo está certo: até lá"
        " nada entra nem sai."
    )
    mudar_status(sessao, Status.FAILED, motivo=motivo)
    recados.numero_em_duvida(sessao)
    auditar("whatsapp.numero_em_duvida", sessao, None)


def _falhou(sessao: SessaoWhatsapp, antes: str) -> None:
    """FAILED has several causes; the status before it tells them apart."""
    if sessao.status == Status.FAILED:
        return
    if pede_chave(antes):
        motivo = _("A chave de acesso não foi confirmada. Gere um novo QR Code.")
        encerrar_qr(sessao, motivo)
    elif antes == "SCAN_QR_CODE" and not sessao.queda_em:
        encerrar_qr(sessao, _motivo_do_qr())
    elif antes in ("WORKING", "CONNECTED"):
        motivo = _("O aparelho foi desconectado no celular. Conecte de novo.")
        mudar_status(sessao, Status.FAILED, motivo=motivo)
    elif antes == "STARTING":
        motivo = _("O servidor não conseguiu falar com o WhatsApp. Tente de novo.")
        mudar_status(sessao, Status.FAILED, motivo=motivo)
    else:
        motivo = _("O WhatsApp interrompeu a conexão e não disse por quê.")
        mudar_status(sessao, Status.FAILED, motivo=motivo)


def _parou(sessao: SessaoWhatsapp) -> None:
    # Most of our own steps stop a session to start it again, and this news may come
    # when the step is done. The monitor finds one that stays stopped.
    if not passos.mexeu_ha_pouco(sessao):
        motivo = _("A sessão foi parada no servidor do WhatsApp.")
        mudar_status(sessao, Status.DISCONNECTED, motivo=motivo)


def _motivo_do_qr() -> str:
    return _("O QR Code expirou sem ser lido. Gere um novo quando quiser.")
