"""What WhatsApp is to the rest of the house: its card, its work, its demo."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from conexoes.models import CredencialGlobal
from conexoes.provedores import (
    Codigo,
    Conexoes,
    Destino,
    Provedor,
    Recurso,
    Verbos,
)
from conexoes.retentativas import OPERACOES, Operacao
from crm.services.assuntos import da_conversa, da_mensagem, do_arquivo, do_contato
from whatsapp.cartao import TONS, cartao
from whatsapp.client import WahaClient
from whatsapp.models import SessaoWhatsapp
from whatsapp.qr import qr_na_tela
from whatsapp.services import (
    conferencia,
    historico,
    lids,
    lotes,
    mensagens,
    presenca,
    prontidao,
    recebimento,
    ritmo,
    servidor,
    sessoes,
    sinais,
)
from whatsapp.services.assuntos import da_sessao, ligacoes
from whatsapp.services.demonstracao import conversa_antiga
from whatsapp.services.midias import baixar_midia, download_mudou
from whatsapp.services.situacao import situacao

Status = SessaoWhatsapp.Status

RECURSO: Final = Recurso(
    "whatsapp_session",
    gettext_lazy("WhatsApp por QR Code"),
    gettext_lazy("Cada pessoa conecta o próprio número lendo um QR Code."),
)
# Our own side is slow to give up on what a customer said.
_RECEBER: Final = Operacao(8, 1, "exponencial", 10)
# WAHA drops a file after minutes, so soon; while it is down, for three days.
_MIDIA: Final = Operacao(5, 2, "exponencial", 45)
# A courtesy: tried once.
_VISTO: Final = Operacao(1, 1, "linear", 15, cauda_longa=False)
# Nobody waits for a number that WhatsApp hides.
_LID: Final = Operacao(5, 30, "exponencial", 15)
# What was missed is read back as soon as the server lets us.
_HISTORICO: Final = Operacao(8, 5, "exponencial", 15)
# A person waits in front of the screen.
_SESSAO: Final = replace(OPERACOES["enviar_whatsapp"], tentativas=5)


def testar_credencial(credencial: CredencialGlobal) -> str:
    """Ask the server its version with the key; errors as ``conexoes.transport``.

    A second line, when there is one, is a warning.
    """
    versao = WahaClient(credencial.url, credencial.segredo).versao()
    resposta = _(
        "O servidor respondeu: WAHA %(versao)s, motor %(engine)s, edição %(tier)s."
    ) % {
        "versao": versao.versao or "?",
        "engine": versao.engine or "?",
        "tier": versao.tier or "?",
    }
    if versao.limitada:
        resposta += "\n" + _(
            "Este WAHA Core é antigo: aceita uma única sessão, chamada “default”, e "
            "não envia nem recebe arquivos, então nenhum número vai conectar por aqui. "
            "Atualize o servidor para a versão 2026.6.1 ou mais nova."
        )
    return resposta


def conexoes() -> Iterator[Conexoes]:
    """Everybody's numbers by state, for the super admin."""
    contadas = Counter(
        (sessao.organizacao_id, situacao(sessao))
        for sessao in SessaoWhatsapp.objects.filter(deletado_em=None).only(
            *("organizacao_id", "status", "status_do_provedor", "ligada"),
            *("numero_em_duvida", "quarentena_em"),
        )
    )
    for (organizacao_id, agora), quantas in contadas.items():
        yield Conexoes(organizacao_id, str(agora.label), TONS[agora], quantas)


def demonstrar(organizacao: Any) -> None:
    """An old conversation, and the sandbox unless somebody configured a server."""
    conversa_antiga(organizacao)
    if not settings.SANDBOX_URL:
        return
    url, chave = f"{settings.SANDBOX_URL}/waha", settings.SANDBOX_CHAVE
    credencial, _nova = CredencialGlobal.objects.get_or_create(
        provedor=sessoes.PROVEDOR, defaults={"url": url, "segredo": chave}
    )
    if credencial.url != url and credencial.segredo == chave:
        # The key is the sandbox's own, and it listens elsewhere this time.
        credencial.url = url
        credencial.save(update_fields=["url", "atualizado_em"])


def codigo(usuario: Any) -> Codigo | None:
    """The QR code on the person's screen now."""
    sessao = sessoes.sessao_de(usuario)
    qr = qr_na_tela(sessao) if sessao else None
    return Codigo(qr.imagem, qr.segundos) if qr else None


PROVEDOR = Provedor(
    slug="whatsapp",
    # Document 000's name of the card.
    apelidos=("whatsapp_session",),
    verbos=Verbos(
        estado=conferencia.estado,
        conectar=conferencia.conectar,
        desconectar=conferencia.desconectar,
        testar=conferencia.testar,
        conferir=conferencia.conferir,
        codigo=codigo,
    ),
    nome="WhatsApp",
    descricao=gettext_noop(
        "Receba e responda as mensagens do seu número dentro do CRM."
    ),
    icone="message-circle",
    tom="verde",
    url="whatsapp:pagina",
    acao_permitida="whatsapp.conectar",
    cartao=cartao,
    destinos={
        "waha.webhook": Destino(
            recebimento.receber_evento,
            _RECEBER,
            nome=gettext_lazy("Aviso do WhatsApp"),
            em_lote=lotes.receber_juntos,
        ),
        "whatsapp.envio": Destino(
            mensagens.enviar_mensagem,
            OPERACOES["enviar_whatsapp"],
            nome=gettext_lazy("Mensagem"),
            descrever=da_mensagem(gettext_lazy("Mensagem para %(nome)s")),
            chama_fora=True,
            conferir=mensagens.conferir_envio,
            ao_mudar=mensagens.envio_mudou,
            travar=mensagens.travar_envio,
        ),
        "whatsapp.midia": Destino(
            baixar_midia,
            _MIDIA,
            nome=gettext_lazy("Arquivo recebido"),
            descrever=do_arquivo,
            chama_fora=True,
            ao_mudar=download_mudou,
        ),
        "whatsapp.reacao": Destino(
            sinais.enviar_reacao,
            OPERACOES["enviar_whatsapp"],
            nome=gettext_lazy("Reação"),
            descrever=da_mensagem(gettext_lazy("Reação a uma mensagem de %(nome)s")),
            chama_fora=True,
            ao_mudar=sinais.reacao_mudou,
        ),
        "whatsapp.lid": Destino(
            lids.descobrir_telefone,
            _LID,
            nome=gettext_lazy("Número oculto"),
            descrever=do_contato(gettext_lazy("Descobrir o telefone de %(nome)s")),
            chama_fora=True,
        ),
        "whatsapp.visto": Destino(
            presenca.marcar_vistas,
            _VISTO,
            nome=gettext_lazy("Confirmação de leitura"),
            descrever=da_conversa(gettext_lazy("Mostrar a %(nome)s que foi lido")),
            chama_fora=True,
        ),
        "whatsapp.sessao": Destino(
            servidor.cuidar_da_sessao,
            _SESSAO,
            nome=gettext_lazy("Cuidado com a conexão"),
            descrever=da_sessao,
            chama_fora=True,
            ao_mudar=servidor.intento_falhou,
            travar=servidor.travar_sessao,
        ),
        "whatsapp.historico": Destino(
            historico.ler_de_volta,
            _HISTORICO,
            nome=gettext_lazy("Histórico"),
            descrever=da_sessao,
            chama_fora=True,
        ),
        "whatsapp.desligamento": Destino(
            servidor.cuidar_da_sessao,
            replace(_SESSAO, cauda_longa=True),
            nome=gettext_lazy("Desligamento"),
            descrever=da_sessao,
            chama_fora=True,
        ),
    },
    eventos={"conversa.lida": "whatsapp.visto"},
    abrir_conversa=sessoes.abrir_conversa,
    impedimento=ritmo.impedimento,
    espera=prontidao.espera,
    demonstrar=demonstrar,
    credencial=sessoes.PROVEDOR,
    testar_credencial=testar_credencial,
    recurso=RECURSO,
    ligacoes=ligacoes,
    conexoes=conexoes,
)
