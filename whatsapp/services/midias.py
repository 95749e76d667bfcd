"""Files between WhatsApp and our store: down from WAHA, and up with a message."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from mimetypes import guess_type
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from conexoes import arquivos, fila
from conexoes.arquivos import Guardado
from conexoes.erros import ErroPermanente, ErroTransitorio
from conexoes.models import EventoPendente, Status
from conexoes.tenancy import na
from crm.models import Mensagem, Midia
from crm.services import enderecos, midias
from whatsapp.client import ArquivoSumiu, WahaClient
from whatsapp.models import SessaoWhatsapp
from whatsapp.services.servidor import cliente
from whatsapp.services.sinais import id_completo

# WAHA may still be fetching what it announced; after so many tries it is gone.
_TENTATIVAS_SE_SUMIU: Final = 3
# The name WAHA gives a file begins with its message: the chat as WhatsApp knew it then.
_ID_NO_CAMINHO: Final = re.compile(r"/((?:true|false)_([^_/]+@[^_/]+)_[^./]+)\.\w+$")


def baixar_midia(evento: EventoPendente) -> None:
    """Bring the file of a received message into our store.

    A file that WAHA has already dropped is asked for anew. Raises ``ErroPermanente``
    with words for the bubble when it is too large, elsewhere or gone.
    """
    with na(evento.organizacao_id):
        midia = _midia(evento)
        if midia is None or midia.status == Midia.Status.PRONTA:
            return
        sessao = SessaoWhatsapp.da(evento.organizacao_id).get(
            pk=midia.mensagem.conexao_id
        )
    guardado = _buscar(evento, midia, sessao)
    with na(evento.organizacao_id):
        if not midias.marcar_pronta(midia, guardado):
            # Its message was deleted while the file was coming.
            arquivos.remover(guardado.chave)


def download_mudou(evento: EventoPendente) -> None:
    """Show in the bubble what the queue decided about a download."""
    midia = _midia(evento)
    if midia is None or midia.status == Midia.Status.PRONTA:
        return
    if evento.status == Status.FALHOU:
        motivo = evento.ultimo_erro or str(evento.get_motivo_display())
        midias.marcar_falha(midia, motivo=motivo)
    else:
        midias.marcar_espera(midia, motivo=evento.ultimo_erro)


def tem_arquivo(mensagem: Mensagem) -> bool:
    """Whether the message goes out with a file."""
    return Midia.da(mensagem.organizacao_id).filter(mensagem=mensagem).exists()


@dataclass(frozen=True)
class Anexo:
    """The file of a message, read and ready to go."""

    midia: Midia
    conteudo: bytes = field(repr=False)


def ler_anexo(mensagem: Mensagem) -> Anexo:
    """The file of a message; ``ErroPermanente`` when our store has lost it."""
    with na(mensagem.organizacao_id):
        midia = Midia.da(mensagem.organizacao_id).get(mensagem=mensagem)
    try:
        with arquivos.abrir(midia.arquivo) as guardado:
            conteudo = guardado.read()
    except FileNotFoundError:
        raise ErroPermanente(
            _("O arquivo desta mensagem não está mais guardado aqui.")
        ) from None
    return Anexo(midia, conteudo)


def enviar(
    servidor: WahaClient,
    sessao: SessaoWhatsapp,
    endereco: str,
    mensagem: Mensagem,
    anexo: Anexo,
    responde_a: str = "",
) -> str:
    """Send a message with its file, the text as caption; WhatsApp's id of it.

    Raises as ``WahaClient.enviar_arquivo``.
    """
    return servidor.enviar_arquivo(
        sessao.session_name,
        endereco,
        tipo=mensagem.tipo,
        conteudo=anexo.conteudo,
        mimetype=_mimetype(anexo.midia),
        arquivo=anexo.midia.nome,
        legenda=mensagem.texto,
        responde_a=responde_a,
    )


def _buscar(evento: EventoPendente, midia: Midia, sessao: SessaoWhatsapp) -> Guardado:
    servidor = cliente()
    caminho = servidor.caminho_do_arquivo(midia.origem)
    if midia.origem and not caminho:
        raise ErroPermanente(
            _("O servidor WAHA guarda os arquivos em outro lugar, que não acessamos.")
        )
    guardado = _baixar(servidor, midia, caminho)
    if guardado is None:
        fila.renovar(evento)
        chat, id_completo = _na_conversa(midia, caminho)
        novo = servidor.arquivo_da_mensagem(sessao.session_name, chat, id_completo)
        fila.renovar(evento)
        caminho = servidor.caminho_do_arquivo(novo.url) if novo else ""
        guardado = _baixar(servidor, midia, caminho)
    if guardado is None:
        desistir = evento.tentativas >= _TENTATIVAS_SE_SUMIU
        raise (ErroPermanente if desistir else ErroTransitorio)(
            str(ArquivoSumiu.padrao)
        )
    return guardado


def _baixar(servidor: WahaClient, midia: Midia, caminho: str) -> Guardado | None:
    if not caminho:
        return None
    maximo = settings.ARQUIVOS_RECEBIDO_MB * arquivos.MEGABYTE
    try:
        return arquivos.guardar(
            arquivos.chave(midia.organizacao_id, midia.mensagem_id),
            partial(servidor.baixar_arquivo, caminho, maximo=maximo),
        )
    except ArquivoSumiu:
        # No failure yet: WhatsApp itself may still have it.
        return None


def _na_conversa(midia: Midia, caminho: str) -> tuple[str, str]:
    """Chat and full id of the message, as WAHA knows them."""
    if achado := _ID_NO_CAMINHO.search(caminho):
        return achado[2], achado[1]
    return enderecos.onde(midia.mensagem), id_completo(midia.mensagem)


def _mimetype(midia: Midia) -> str:
    """What the other side is told: text has no signature, only a name."""
    pelo_nome = guess_type(midia.nome)[0] or ""
    if midia.mimetype == arquivos.DESCONHECIDO and pelo_nome.startswith("text/"):
        return pelo_nome
    return midia.mimetype


def _midia(evento: EventoPendente) -> Midia | None:
    return (
        Midia.da(evento.organizacao_id)
        .select_related("mensagem__conversa")
        .filter(pk=evento.payload["midia_id"])
        .first()
    )
