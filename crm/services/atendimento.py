"""Who takes care of a conversation, and when it is done."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import auditoria, idioma
from conexoes.acesso import pode
from conexoes.erros import ErroDeDominio
from conexoes.notificacoes import notificar
from crm.models import Conversa, Usuario
from crm.services.conversas import avisar


def pode_atribuir(conversa: Conversa, usuario: Usuario) -> bool:
    """Whether ``usuario`` may say who attends: whoever answers here may hand it on."""
    if not pode(usuario, "conversas.atribuir"):
        return False
    if usuario.papel == Usuario.Papel.ADMIN or conversa.responsavel_id is None:
        return True
    return usuario.pk in (conversa.responsavel_id, conversa.atendente_id)


def atendentes(organizacao: Any) -> QuerySet[Usuario]:
    """Who may be given a conversation, by name."""
    return Usuario.objects.filter(organizacao=organizacao, is_active=True).order_by(
        "nome", "pk"
    )


def de_quem(usuario: Usuario) -> Q:
    """The conversations a person takes care of: given to them, or to nobody and
    through their own number."""
    return Q(atendente=usuario) | Q(atendente=None, responsavel=usuario)


def atribuir(conversa: Conversa, para: Usuario | None, *, autor: Usuario) -> bool:
    """Give a conversation to ``para``, or to nobody; who gets it is told.

    False when it is so already. Raises ``ErroDeDominio`` when ``autor`` may not, and
    for somebody who left.
    """
    _travar(conversa)
    if not pode_atribuir(conversa, autor):
        raise ErroDeDominio(
            _("Só quem atende esta conversa ou a administração pode passá-la adiante.")
        )
    if para and not (para.is_active and para.organizacao_id == conversa.organizacao_id):
        raise ErroDeDominio(_("Esta pessoa não está mais na equipe."))
    if conversa.atendente_id == (para.pk if para else None):
        return False
    conversa.atendente = para
    conversa.save(update_fields=["atendente", "atualizado_em"])
    _registrar("conversa.atribuida", conversa, autor, para=str(para.pk if para else ""))
    if para and para.pk != autor.pk:
        with idioma.guardando():
            titulo = _("%(nome)s passou uma conversa para você") % {"nome": autor.nome}
        notificar(
            para,
            titulo=titulo,
            texto=conversa.contato.nome or conversa.contato.numero_legivel,
            url=conversa.get_absolute_url(),
            icone="user-round-check",
            tipo="atendimento",
            # Given back and again, it is news again.
            chave=f"conversa.atribuida:{conversa.pk}:{timezone.now().timestamp()}",
        )
    avisar(conversa.organizacao_id, conversa.pk)
    return True


def assumir_se_livre(conversa: Conversa, autor: Usuario) -> None:
    """Whoever answers what nobody attends takes care of it from then on."""
    assumida = (
        Conversa.da(conversa.organizacao_id)
        .filter(pk=conversa.pk, atendente=None)
        .update(atendente=autor)
    )
    if assumida:
        conversa.atendente = autor
        avisar(conversa.organizacao_id, conversa.pk)


def concluir(conversa: Conversa, *, autor: Usuario) -> None:
    """Take a conversation off everybody's list until the customer writes again.

    Raises ``ErroDeDominio`` when ``autor`` may not.
    """
    _mudar_conclusao(conversa, autor, concluida=True)


def reabrir(conversa: Conversa, *, autor: Usuario) -> None:
    """Bring a concluded conversation back; raises as ``concluir``."""
    _mudar_conclusao(conversa, autor, concluida=False)


def _mudar_conclusao(conversa: Conversa, autor: Usuario, *, concluida: bool) -> None:
    _travar(conversa)
    if not pode_atribuir(conversa, autor):
        raise ErroDeDominio(
            _("Só quem atende esta conversa ou a administração pode concluí-la.")
        )
    if bool(conversa.concluida_em) == concluida:
        return
    conversa.concluida_em = timezone.now() if concluida else None
    conversa.save(update_fields=["concluida_em", "atualizado_em"])
    acao = "conversa.concluida" if concluida else "conversa.reaberta"
    _registrar(acao, conversa, autor)
    avisar(conversa.organizacao_id, conversa.pk)


def _travar(conversa: Conversa) -> None:
    linhas = Conversa.da(conversa.organizacao_id).select_for_update(of=("self",))
    conversa.refresh_from_db(from_queryset=linhas)


def _registrar(acao: str, conversa: Conversa, autor: Usuario, **detalhes: str) -> None:
    auditoria.registrar(
        acao,
        organizacao=conversa.organizacao_id,
        autor=autor,
        objeto=f"conversa:{conversa.pk}",
        **detalhes,
    )
