"""Files of messages: those that come, with their download, and those that go out."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import arquivos, fila, idioma, repeticao
from conexoes.arquivos import MEGABYTE, Guardado
from conexoes.erros import ErroDeDominio
from conexoes.models import EventoPendente
from crm.models import Mensagem, Midia
from crm.services.conversas import avisar

Status = Midia.Status
Tipo = Mensagem.Tipo

ARQUIVOS_POR_RESPOSTA: Final = 10
# WhatsApp refuses larger images, videos and audios; as a document they may pass.
MIDIA_MAXIMA: Final = 16 * MEGABYTE
# What a browser may show or play inside a page, judged by content.
MOSTRAVEIS: Final = {
    "image/gif": Tipo.IMAGEM,
    "image/jpeg": Tipo.IMAGEM,
    "image/png": Tipo.IMAGEM,
    "image/webp": Tipo.IMAGEM,
    "video/mp4": Tipo.VIDEO,
    "video/webm": Tipo.VIDEO,
    "audio/mp4": Tipo.AUDIO,
    "audio/mpeg": Tipo.AUDIO,
    "audio/ogg": Tipo.AUDIO,
    "audio/x-wav": Tipo.AUDIO,
}
# What goes out as something better than a document.
_ENVIAVEIS: Final = {
    "image/jpeg": Tipo.IMAGEM,
    "image/png": Tipo.IMAGEM,
    "video/mp4": Tipo.VIDEO,
    "video/quicktime": Tipo.VIDEO,
    "video/webm": Tipo.VIDEO,
    "audio/aac": Tipo.AUDIO,
    "audio/mp4": Tipo.AUDIO,
    "audio/mpeg": Tipo.AUDIO,
    "audio/ogg": Tipo.AUDIO,
    "audio/x-wav": Tipo.AUDIO,
}


@dataclass(frozen=True)
class Anexo:
    """A file that a person chose to send: what it is called and what it is."""

    nome: str
    tipo: Mensagem.Tipo
    conteudo: Any


def anexar(mensagem: Mensagem, *, origem: str, mimetype: str, nome: str) -> Midia:
    """Note that a received message has a file, and fetch it soon.

    ``origem`` tells the channel where from; "" means that it does not have the file,
    and nothing is fetched unless somebody asks.
    """
    midia, nova = Midia.objects.get_or_create(
        organizacao_id=mensagem.organizacao_id,
        mensagem=mensagem,
        defaults={
            "origem": origem,
            "mimetype": mimetype[:100],
            "nome": arquivos.nome_limpo(nome),
            "status": Status.PENDENTE if origem else Status.FALHOU,
            "motivo": "" if origem else _("O WhatsApp não entregou este arquivo."),
        },
    )
    if nova and origem:
        _guardar_intento(midia)
    return midia


def baixar_de_novo(midia: Midia) -> None:
    """Fetch once more a file that failed; one on its way or here already is fine.

    Raises ``ErroDeDominio`` while the last attempt is still being worked on.
    """
    if midia.status != Status.FALHOU:
        return
    evento = (
        EventoPendente.da(midia.organizacao_id)
        .filter(chave=_chave_do_intento(midia))
        .first()
    )
    # The row of work first, as the worker does.
    if evento:
        repeticao.repetir(evento, mesmo_concluida=True)
    else:
        _guardar_intento(midia)
    _mudar(midia, status=Status.PENDENTE, motivo="")


def marcar_pronta(midia: Midia, guardado: Guardado) -> bool:
    """The file is here; False when its message is gone meanwhile."""
    return _mudar(
        midia,
        status=Status.PRONTA,
        motivo="",
        arquivo=guardado.chave,
        tamanho=guardado.tamanho,
        sha256=guardado.sha256,
        mimetype=guardado.mimetype,
    )


def marcar_espera(midia: Midia, *, motivo: str) -> None:
    """Say why the file has not come yet."""
    _mudar(midia, status=Status.PENDENTE, motivo=motivo[:300])


def marcar_falha(midia: Midia, *, motivo: str) -> None:
    """Say why the file will not come by itself any more."""
    _mudar(midia, status=Status.FALHOU, motivo=motivo[:300])


def remover(mensagem: Mensagem) -> None:
    """Forget the files of a message, here and, after the commit, in the store."""
    for midia in Midia.da(mensagem.organizacao_id).filter(mensagem=mensagem):
        midia.delete()
        onde = arquivos.chave(midia.organizacao_id, mensagem.pk)
        transaction.on_commit(partial(arquivos.remover, onde))


def conferir(enviados: Sequence[Any]) -> list[Anexo]:
    """What a person wants to send, judged; ``ErroDeDominio`` says what is wrong."""
    if len(enviados) > ARQUIVOS_POR_RESPOSTA:
        raise ErroDeDominio(
            _("Envie até %(n)d arquivos de cada vez.") % {"n": ARQUIVOS_POR_RESPOSTA}
        )
    if sum(um.size for um in enviados) > settings.ARQUIVOS_ENVIADO_MB * MEGABYTE:
        raise ErroDeDominio(
            _("Os arquivos passam de %(maximo)d MB. Envie menos, ou menores.")
            % {"maximo": settings.ARQUIVOS_ENVIADO_MB}
        )
    return [_julgar(um) for um in enviados]


def guardar_enviada(mensagem: Mensagem, anexo: Anexo) -> Midia:
    """Keep the file of a message that goes out."""

    def copiar(destino: BinaryIO) -> None:
        anexo.conteudo.seek(0)
        shutil.copyfileobj(anexo.conteudo, destino)

    onde = arquivos.chave(mensagem.organizacao_id, mensagem.pk)
    guardado = arquivos.guardar(onde, copiar)
    return Midia.objects.create(
        organizacao_id=mensagem.organizacao_id,
        mensagem=mensagem,
        status=Status.PRONTA,
        nome=anexo.nome,
        arquivo=guardado.chave,
        tamanho=guardado.tamanho,
        sha256=guardado.sha256,
        mimetype=guardado.mimetype,
    )


def exibicao(midia: Midia) -> str:
    """How a page shows it: by its content once it is here, until then as announced."""
    anunciado = midia.mensagem.tipo
    if midia.status != Status.PRONTA:
        return str(anunciado)
    mostravel = MOSTRAVEIS.get(midia.mimetype, Tipo.DOCUMENTO)
    if anunciado == Tipo.FIGURINHA and mostravel == Tipo.IMAGEM:
        return str(Tipo.FIGURINHA)
    # What was sent as a document stays one: nobody asked to see it large.
    return str(Tipo.DOCUMENTO if anunciado == Tipo.DOCUMENTO else mostravel)


def _julgar(enviado: Any) -> Anexo:
    with idioma.guardando():
        # The customer gets it under this name.
        nome = arquivos.nome_limpo(enviado.name or "") or _("arquivo")
    if not enviado.size:
        raise ErroDeDominio(_("O arquivo “%(nome)s” está vazio.") % {"nome": nome})
    tipo = _ENVIAVEIS.get(arquivos.julgar(enviado), Tipo.DOCUMENTO)
    if tipo != Tipo.DOCUMENTO and enviado.size > MIDIA_MAXIMA:
        raise ErroDeDominio(
            _("“%(nome)s” passa de %(maximo)d MB, o máximo do WhatsApp para %(tipo)s.")
            % {
                "nome": nome,
                "maximo": MIDIA_MAXIMA // MEGABYTE,
                "tipo": str(tipo.label).lower(),
            }
        )
    return Anexo(nome, tipo, enviado)


def _mudar(midia: Midia, **campos: Any) -> bool:
    mudou = (
        Midia.da(midia.organizacao_id)
        .filter(pk=midia.pk)
        .update(**campos, atualizado_em=timezone.now())
    )
    if mudou:
        avisar(midia.organizacao_id, midia.mensagem.conversa_id)
    return bool(mudou)


def _guardar_intento(midia: Midia) -> None:
    mensagem = midia.mensagem
    canal = mensagem.conversa.canal
    fila.guardar(
        midia.organizacao_id,
        tipo=f"{canal}_midia",
        destino=f"{canal}.midia",
        chave=_chave_do_intento(midia),
        payload={"midia_id": str(midia.pk)},
        conexao_id=mensagem.conexao_id,
    )


def _chave_do_intento(midia: Midia) -> str:
    chave: UUID = midia.pk
    return f"midia:{chave}"
