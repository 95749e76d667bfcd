"""Conversations of two contacts that are one person: poured together, taken apart."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Greatest

from conexoes.models import EventoPendente, Status
from crm.models import Contato, Conversa, Mensagem, Rascunho, Usuario
from crm.services import enderecos
from crm.services.conversas import avisar, refazer_resumo

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
    if conversa.endereco != destino.endereco:
        enderecos.lembrar(conversa)
        enderecos.lembrar(destino)
    mensagens = Mensagem.da(conversa.organizacao_id).filter(conversa=conversa)
    ids = [str(pk) for pk in mensagens.values_list("pk", flat=True)]
    mensagens.update(conversa=destino)
    _mudar_ordem(conversa.organizacao_id, str(conversa.pk), str(destino.pk))
    novos: dict[str, Any] = {"nao_lidas": F("nao_lidas") + conversa.nao_lidas}
    if conversa.ultima_mensagem_em > destino.ultima_mensagem_em:
        # The next answer goes where the person last wrote from.
        novos["endereco"] = conversa.endereco
    novos |= _atendimento(conversa, destino)
    Conversa.da(destino.organizacao_id).filter(pk=destino.pk).update(**novos)
    _mover_rascunhos(conversa, destino)
    apagar(conversa)
    # Whoever has it open is led to the one that took it in.
    avisar(conversa.organizacao_id, conversa.pk)
    refazer_resumo(destino)
    campos = {nome: getattr(conversa, nome) for nome in _DA_CONVERSA}
    return campos | {
        "id": str(conversa.pk),
        "para": str(destino.pk),
        "endereco_antes": destino.endereco,
        "conexao_id": _texto(conversa.conexao_id),
        "responsavel_id": _texto(conversa.responsavel_id),
        "atendente_id": _texto(conversa.atendente_id),
        "concluida_em": _texto(conversa.concluida_em),
        "mensagens": ids,
    }


def _atendimento(conversa: Conversa, destino: Conversa) -> dict[str, Any]:
    """Who attends the two as one, and whether it is done: only if both were."""
    novos: dict[str, Any] = {}
    if destino.atendente_id is None:
        novos["atendente"] = conversa.atendente_id
    if conversa.concluida_em is None:
        novos["concluida_em"] = None
    # A conversation begun today was begun today, whatever it is called now.
    inicios = (destino.iniciada_por_nos_em, conversa.iniciada_por_nos_em)
    if any(inicios):
        novos["iniciada_por_nos_em"] = max(filter(None, inicios))
    return novos


def _mover_rascunhos(conversa: Conversa, destino: Conversa) -> None:
    """What somebody had begun to write stays theirs; two drafts become one."""
    daqui = Rascunho.da(conversa.organizacao_id)
    la = {r.usuario_id: r for r in daqui.filter(conversa=destino)}
    for rascunho in daqui.filter(conversa=conversa):
        if outro := la.get(rascunho.usuario_id):
            outro.texto = f"{outro.texto}\n{rascunho.texto}"
            outro.save(update_fields=["texto", "atualizado_em"])
            rascunho.delete()
        else:
            rascunho.conversa = destino
            rascunho.save(update_fields=["conversa", "atualizado_em"])


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
        # United before these were kept, it has none of them.
        atendente=_quem_segue(guardada.get("atendente_id")),
        concluida_em=guardada.get("concluida_em"),
        **{nome: guardada[nome] for nome in _DA_CONVERSA} | {"nao_lidas": nao_lidas},
    )
    movidas = Mensagem.da(mantido.organizacao_id).filter(
        pk__in=guardada["mensagens"], conversa=unida
    )
    ids = [str(pk) for pk in movidas.values_list("pk", flat=True)]
    movidas.update(conversa=refeita)
    _mudar_ordem(mantido.organizacao_id, str(unida.pk), str(refeita.pk), ids)
    novos: dict[str, Any] = {"nao_lidas": Greatest(F("nao_lidas") - nao_lidas, 0)}
    if unida.endereco == guardada["endereco"] != guardada["endereco_antes"]:
        enderecos.lembrar(unida)
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


def _quem_segue(pessoa_id: str | None) -> Usuario | None:
    """The person, unless they left meanwhile."""
    if not pessoa_id:
        return None
    return Usuario.objects.filter(pk=pessoa_id, is_active=True).first()


def _texto(valor: UUID | datetime | None) -> str | None:
    return str(valor) if valor else None
