"""Conversations: what was said, what goes out, and how far it got."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import aovivo, idioma
from conexoes.eventos import publicar
from crm.models import Contato, Conversa, Mensagem, Usuario
from crm.services import enderecos
from crm.services.saida import motivo_de_bloqueio


@dataclass(frozen=True)
class Via:
    """The connection a conversation runs through, as the domain sees it."""

    canal: str
    conexao_id: UUID
    nome: str
    responsavel_id: UUID | None


@dataclass(frozen=True)
class Conteudo:
    """One message as a channel brings it; ``tipo`` is a ``Mensagem.Tipo``.

    ``cita_externa`` is the channel's id of what it answers to, ``citacao`` the text
    that the quote shows: the quoted message may not be here.
    """

    id_externo: str
    texto: str
    tipo: str
    momento: datetime
    remetente: str = ""
    dados: dict[str, Any] = field(default_factory=dict)
    cita_externa: str = ""
    citacao: str = ""


def conversa_com(contato: Contato, via: Via, *, endereco: str) -> Conversa:
    """The conversation of ``contato`` through ``via``, locked until the commit.

    ``endereco`` is where the next answer goes; the latest one wins. A conversation
    from before any connection is taken up, so that its history goes on.
    """
    chaves = {
        "organizacao_id": contato.organizacao_id,
        "conexao_id": via.conexao_id,
        "contato": contato,
    }
    travadas = Conversa.objects.select_for_update()
    conversa = travadas.filter(**chaves).first()
    if conversa is None:
        # Rare, and dear: nearly every message finds its conversation at once.
        Conversa.da(contato.organizacao_id).filter(
            contato=contato, canal=via.canal, conexao_id=None
        ).exclude(contato__conversas__conexao_id=via.conexao_id).update(
            conexao_id=via.conexao_id
        )
        conversa, _nova = travadas.get_or_create(
            **chaves,
            defaults={
                "canal": via.canal,
                "conexao_nome": via.nome,
                "endereco": endereco,
                "responsavel_id": via.responsavel_id,
            },
        )
    novos = (endereco, via.nome, via.responsavel_id)
    if novos != (conversa.endereco, conversa.conexao_nome, conversa.responsavel_id):
        if endereco != conversa.endereco:
            enderecos.lembrar(conversa)
        conversa.endereco, conversa.conexao_nome, conversa.responsavel_id = novos
        conversa.save(update_fields=["endereco", "conexao_nome", "responsavel"])
    return conversa


def renomear_conexao(organizacao_id: UUID, conexao_id: UUID, nome: str) -> None:
    """Show the conversations of a connection under its new name."""
    Conversa.da(organizacao_id).filter(conexao_id=conexao_id).update(conexao_nome=nome)


def registrar_entrada(conversa: Conversa, conteudo: Conteudo) -> Mensagem | None:
    """Write what the customer said; None when this message is already here."""
    mensagem = _inserir(
        conversa,
        conteudo,
        direcao=Mensagem.Direcao.ENTRADA,
        status=Mensagem.Status.RECEBIDA,
    )
    if mensagem:
        # Whatever was concluded: the customer has something to say.
        _resumir(conversa, mensagem, nao_lidas=F("nao_lidas") + 1, concluida_em=None)
        publicar(conversa.organizacao_id, "mensagem.recebida", objeto_id=mensagem.pk)
    return mensagem


def registrar_saida_de_fora(
    conversa: Conversa, conteudo: Conteudo, *, do_celular: bool
) -> Mensagem | None:
    """Write what our side said outside this product, on the phone for instance."""
    mensagem = _inserir(
        conversa,
        conteudo,
        direcao=Mensagem.Direcao.SAIDA,
        status=Mensagem.Status.ENVIADA,
        do_celular=do_celular,
    )
    if mensagem:
        # Whoever answers on the phone has read what came before, and no more than that.
        _resumir(conversa, mensagem, se_ultima={"nao_lidas": 0} if do_celular else {})
    return mensagem


def marcar_inicio(conversa: Conversa) -> None:
    """Note that our side begins this conversation, before its first message exists."""
    agora = timezone.now()
    comecou = (
        Conversa.da(conversa.organizacao_id)
        .filter(pk=conversa.pk, ultima_direcao="", iniciada_por_nos_em=None)
        .update(iniciada_por_nos_em=agora)
    )
    if comecou:
        conversa.iniciada_por_nos_em = agora


def marcar_como_lida(conversa: Conversa, *, usuario: Usuario) -> None:
    """Clear the unread count when somebody who may answer opens the conversation."""
    if not conversa.nao_lidas or motivo_de_bloqueio(conversa, usuario):
        return
    Conversa.da(conversa.organizacao_id).filter(pk=conversa.pk).update(nao_lidas=0)
    conversa.nao_lidas = 0
    vista = (
        Mensagem.da(conversa.organizacao_id)
        .filter(conversa=conversa, direcao=Mensagem.Direcao.ENTRADA)
        .order_by("-momento", "-id")
        .values_list("pk", flat=True)
        .first()
    )
    if vista:
        publicar(
            conversa.organizacao_id,
            "conversa.lida",
            objeto_id=vista,
            conversa_id=str(conversa.pk),
        )
    aovivo.avisar(conversa.organizacao_id, "conversas")


def atualizar_resumo(conversa: Conversa, mensagem: Mensagem) -> None:
    """Show ``mensagem`` in the list unless a newer one is there already."""
    _resumir(conversa, mensagem)


def refazer_resumo(conversa: Conversa) -> None:
    """Read the list's line anew from the newest message: one was moved or changed."""
    ultima = (
        Mensagem.da(conversa.organizacao_id)
        .filter(conversa=conversa)
        .exclude(direcao=Mensagem.Direcao.INTERNA)
        .order_by("-momento", "-id")
        .first()
    )
    Conversa.da(conversa.organizacao_id).filter(pk=conversa.pk).update(
        ultima_mensagem_em=ultima.momento if ultima else conversa.criado_em,
        ultima_mensagem_texto=resumo(ultima) if ultima else "",
        ultima_direcao=ultima.direcao if ultima else "",
        ultimo_status=ultima.status if ultima else "",
    )
    avisar(conversa.organizacao_id, conversa.pk)


def resumo(mensagem: Mensagem) -> str:
    """One line of a message for the list of conversations; kept, so in Portuguese."""
    with idioma.guardando():
        return _resumo(mensagem)


def _resumo(mensagem: Mensagem) -> str:
    if mensagem.apagada_em:
        return _("Mensagem apagada")
    dito = mensagem.texto
    if not dito:
        cartoes = mensagem.dados.get("cartoes", [])
        nomes = [str(cartao.get("nome", "")) for cartao in cartoes]
        titulo = mensagem.dados.get("titulo") or ", ".join(filter(None, nomes))
        texto = mensagem.tipo == Mensagem.Tipo.TEXTO
        tipo = "" if texto else str(mensagem.get_tipo_display())
        dito = ": ".join(filter(None, (tipo, titulo)))
    if mensagem.remetente:
        dito = f"{mensagem.remetente}: {dito}"
    return " ".join(dito.split())[:200]


def avisar_lista(organizacao_id: UUID | None) -> None:
    """Tell open pages that the list of conversations has changed."""
    if organizacao_id:
        aovivo.avisar(organizacao_id, "conversas")


def avisar(organizacao_id: UUID, conversa_id: UUID) -> None:
    """Tell open pages that a conversation, and so the list, has changed."""
    aovivo.avisar(organizacao_id, "conversa", id=conversa_id)
    aovivo.avisar(organizacao_id, "conversas")


def _inserir(conversa: Conversa, conteudo: Conteudo, **campos: Any) -> Mensagem | None:
    mensagem, nova = Mensagem.objects.get_or_create(
        organizacao_id=conversa.organizacao_id,
        conexao_id=conversa.conexao_id,
        id_externo=conteudo.id_externo,
        defaults={
            "conversa": conversa,
            "texto": conteudo.texto,
            "tipo": conteudo.tipo,
            "momento": conteudo.momento,
            "remetente": conteudo.remetente,
            "dados": conteudo.dados,
            "cita_id": _citada(conversa, conteudo.cita_externa),
            "citacao": conteudo.citacao,
            **campos,
        },
    )
    return mensagem if nova else None


def _citada(conversa: Conversa, id_externo: str) -> UUID | None:
    if not id_externo:
        return None
    return (
        Mensagem.da(conversa.organizacao_id)
        .filter(conversa=conversa, id_externo=id_externo)
        .values_list("pk", flat=True)
        .first()
    )


def _resumir(
    conversa: Conversa,
    mensagem: Mensagem,
    *,
    se_ultima: Mapping[str, Any] | None = None,
    **campos: Any,
) -> None:
    # Messages may arrive out of order: an older one does not become "the last".
    e_a_ultima = Q(ultima_mensagem_em__lte=mensagem.momento) | Q(ultima_direcao="")
    novos = {
        "ultima_mensagem_em": mensagem.momento,
        "ultima_mensagem_texto": resumo(mensagem),
        "ultima_direcao": mensagem.direcao,
        "ultimo_status": mensagem.status,
        **(se_ultima or {}),
    }
    tabela: Any = Conversa._meta
    Conversa.objects.filter(pk=conversa.pk).update(
        **{
            nome: Case(
                When(e_a_ultima, then=Value(valor, tabela.get_field(nome))),
                default=F(nome),
            )
            for nome, valor in novos.items()
        },
        **campos,
    )
    avisar(conversa.organizacao_id, conversa.pk)
