"""Conversations of two contacts that are one person: poured together, taken apart."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Greatest

from conexoes.models import EventoPendente, Status
from crm.models import Contato, Conversa, Mensagem
from crm.services.conversas import refazer_resumo

_DA_CONVERSA: Final = ("canal", "conexao_nome", "endereco", "nao_lidas")
_ABERTOS: Final = (Status.PENDENTE, Status.PROCESSANDO)


def unir_conversas(de: Contato, para: Contato) -> dict[str, list[Any]]:
    """Give ``para`` the conversations of ``de``; what it takes to undo that."""
    todas = Conversa.da(de.organizacao_id).select_for_update()
    travadas = list(todas.filter(contato__in=[de, para]).order_by("pk"))
    destinos = {(c.canal, c.conexao_id): c for c in travadas if c.contato_id == para.pk}
    inteiras, unidas = [], []
    for conversa in travadas:
        if conversa.contato_id == para.pk:
            continue
        destino = destinos.get((conversa.canal, conversa.conexao_id))
        if destino is None:
            Conversa.da(de.organizacao_id).filter(pk=conversa.pk).update(contato=para)
            inteiras.append(str(conversa.pk))
        else:
            unidas.append(_derramar(conversa, destino))
    return {"conversas": inteiras, "conversas_unidas": unidas}


def _derramar(conversa: Conversa, destino: Conversa) -> dict[str, Any]:
    """Move all that was said into ``destino``; what it takes to undo that."""
    mensagens = Mensagem.da(conversa.organizacao_id).filter(conversa=conversa)
    ids = [str(pk) for pk in mensagens.values_list("pk", flat=True)]
    mensagens.update(conversa=destino)
    _mudar_ordem(conversa.organizacao_id, str(conversa.pk), str(destino.pk))
    novos: dict[str, Any] = {"nao_lidas": F("nao_lidas") + conversa.nao_lidas}
    if conversa.ultima_mensagem_em > destino.ultima_mensagem_em:
        # The next answer goes where the person last wrote from.
        novos["endereco"] = conversa.endereco
    Conversa.da(destino.organizacao_id).filter(pk=destino.pk).update(**novos)
    apagar(conversa)
    refazer_resumo(destino)
    campos = {nome: getattr(conversa, nome) for nome in _DA_CONVERSA}
    return campos | {
        "id": str(conversa.pk),
        "para": str(destino.pk),
        "endereco_antes": destino.endereco,
        "conexao_id": _texto(conversa.conexao_id),
        "responsavel_id": _texto(conversa.responsavel_id),
        "mensagens": ids,
    }


def separar_conversa(
    guardada: dict[str, Any], mantido: Contato, de_volta: Contato
) -> None:
    """Take one conversation out of the one it was poured into."""
    todas = Conversa.da(mantido.organizacao_id).select_for_update()
    unida = todas.filter(pk=guardada["para"], contato=mantido).first()
    if unida is None:
        return
    nao_lidas = min(guardada["nao_lidas"], unida.nao_lidas)
    refeita = Conversa.objects.create(
        id=UUID(guardada["id"]),
        organizacao_id=mantido.organizacao_id,
        contato=de_volta,
        conexao_id=guardada["conexao_id"],
        responsavel_id=guardada["responsavel_id"],
        **{nome: guardada[nome] for nome in _DA_CONVERSA} | {"nao_lidas": nao_lidas},
    )
    movidas = Mensagem.da(mantido.organizacao_id).filter(
        pk__in=guardada["mensagens"], conversa=unida
    )
    ids = [str(pk) for pk in movidas.values_list("pk", flat=True)]
    movidas.update(conversa=refeita)
    _mudar_ordem(mantido.organizacao_id, str(unida.pk), str(refeita.pk), ids)
    novos: dict[str, Any] = {"nao_lidas": Greatest(F("nao_lidas") - nao_lidas, 0)}
    if unida.endereco == guardada["endereco"]:
        novos["endereco"] = guardada["endereco_antes"]
    Conversa.da(unida.organizacao_id).filter(pk=unida.pk).update(**novos)
    refazer_resumo(unida)
    refazer_resumo(refeita)


def _mudar_ordem(
    organizacao_id: UUID, de: str, para: str, mensagens: list[str] | None = None
) -> None:
    """Let what waits to be sent keep its turn in the conversation it is in now."""
    abertos = EventoPendente.da(organizacao_id).filter(
        ordem=f"conversa:{de}", status__in=_ABERTOS
    )
    if mensagens is not None:
        abertos = abertos.filter(payload__mensagem_id__in=mensagens)
    abertos.update(ordem=f"conversa:{para}")


def apagar(linha: Contato | Conversa) -> None:
    """Delete the row alone.

    What was written for it this very moment is not seen here: its key then refuses the
    commit, where a cascade would delete it.
    """
    linhas: Any = type(linha).da(linha.organizacao_id).filter(pk=linha.pk)
    linhas._raw_delete(linhas.db)


def _texto(chave_: UUID | None) -> str | None:
    return str(chave_) if chave_ else None
