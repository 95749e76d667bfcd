"""Notes between colleagues, in the thread and out of the customer's sight."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import auditoria, idioma
from conexoes.erros import ErroDeDominio
from conexoes.notificacoes import notificar
from crm.models import Conversa, Mensagem, Usuario
from crm.services.atendimento import atendentes
from crm.services.conversas import avisar
from crm.telefones import sem_acentos


def anotar(conversa: Conversa, *, texto: str, autor: Usuario) -> Mensagem:
    """Write a note into the thread; colleagues named with "@" are told.

    It is never sent, never the conversation's last message, and nobody's unread one.
    """
    nota = Mensagem.objects.create(
        organizacao_id=conversa.organizacao_id,
        conversa=conversa,
        direcao=Mensagem.Direcao.INTERNA,
        status=Mensagem.Status.NOTA,
        texto=texto,
        autor=autor,
        momento=timezone.now(),
    )
    with idioma.guardando():
        titulo = _("%(nome)s citou você em uma nota") % {"nome": autor.nome}
    notificar(
        mencionados(texto, atendentes(conversa.organizacao_id).exclude(pk=autor.pk)),
        titulo=titulo,
        texto=texto[:200],
        url=f"{conversa.get_absolute_url()}?ver={nota.pk}",
        icone="at-sign",
        tipo="atendimento",
        chave=f"nota:{nota.pk}",
    )
    avisar(conversa.organizacao_id, conversa.pk)
    return nota


def apagar_nota(nota: Mensagem, *, autor: Usuario) -> None:
    """Take a note back; that there was one stays. Raises ``ErroDeDominio`` unless it
    is ``autor``'s own."""
    if nota.direcao != Mensagem.Direcao.INTERNA or nota.autor_id != autor.pk:
        raise ErroDeDominio(_("Só quem escreveu a nota pode apagá-la."))
    if nota.apagada_em:
        return
    nota.apagada_em, nota.texto = timezone.now(), ""
    nota.save(update_fields=["apagada_em", "texto", "atualizado_em"])
    auditoria.registrar(
        "nota.apagada",
        organizacao=nota.organizacao_id,
        autor=autor,
        objeto=f"mensagem:{nota.pk}",
    )
    avisar(nota.organizacao_id, nota.conversa_id)


def mencionados(texto: str, pessoas: QuerySet[Usuario]) -> list[Usuario]:
    """Who is named after an "@", by the whole name or by a first name that is one
    person's alone."""
    dito = sem_acentos(texto)
    if "@" not in dito:
        return []
    todas = list(pessoas)
    primeiros = [sem_acentos(pessoa.nome).split()[:1] for pessoa in todas]
    return [
        pessoa
        for pessoa, primeiro in zip(todas, primeiros, strict=True)
        if f"@{sem_acentos(pessoa.nome)}" in dito
        or (
            primeiros.count(primeiro) == 1
            and primeiro
            and f"@{primeiro[0]}" in dito.replace(",", " ").replace(".", " ").split()
        )
    ]
