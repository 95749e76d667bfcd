"""The second step of the log-in: who has it, and what follows when it changes.

Its table is in reach of the system's context alone.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conexoes import auditoria, idioma
from conexoes.erros import ErroDeDominio
from conexoes.notificacoes import notificar
from crm.models import Usuario
from crm.services.equipe import avancar_geracao


def protegidas(organizacao: Any) -> set[UUID]:
    """The people of an organisation whose log-in asks for a code."""
    ativas = Authenticator.objects.filter(
        type=Authenticator.Type.TOTP, user__organizacao=organizacao
    )
    return set(ativas.values_list("user_id", flat=True))


def ativada(pessoa: Usuario) -> bool:
    """Whether the person's log-in asks for a code."""
    todas = Authenticator.objects.filter(user=pessoa)
    return bool(todas.filter(type=Authenticator.Type.TOTP).exists())


def ligou(pessoa: Usuario) -> None:
    """What follows the activation: every session ends, it is audited and told."""
    avancar_geracao(pessoa)
    _registrar("usuario.duas_etapas_ativadas", pessoa, pessoa)
    _contar(
        pessoa,
        gettext_lazy("Verificação em duas etapas ativada"),
        gettext_lazy("Agora o acesso pede também um código do seu celular."),
    )


def desligou(pessoa: Usuario) -> None:
    """What follows the deactivation: every session ends, it is audited and told."""
    avancar_geracao(pessoa)
    _registrar("usuario.duas_etapas_desativadas", pessoa, pessoa)
    _contar(
        pessoa,
        gettext_lazy("Verificação em duas etapas desativada"),
        gettext_lazy(
            "O acesso voltou a pedir só a senha. Se não foi você, mude a senha agora."
        ),
    )


def renovou_reserva(pessoa: Usuario) -> None:
    """Audit that the recovery codes of before count no more."""
    _registrar("usuario.codigos_de_reserva_trocados", pessoa, pessoa)


def zerar(pessoa: Usuario, *, autor: Usuario | None) -> bool:
    """Take the second step from somebody who lost the phone; their sessions end.

    ``autor`` is None at the server's own console. Returns whether there was one.
    Raises ``ErroDeDominio`` for one's own.
    """
    if autor is not None and pessoa.pk == autor.pk:
        raise ErroDeDominio(_("A sua própria verificação se desativa no seu perfil."))
    tinha = ativada(pessoa)
    Authenticator.objects.filter(user=pessoa).delete()
    if not tinha:
        return False
    avancar_geracao(pessoa)
    _registrar("usuario.duas_etapas_zeradas", pessoa, autor)
    _contar(
        pessoa,
        gettext_lazy("Sua verificação em duas etapas foi zerada"),
        gettext_lazy(
            "Foi pela administração. Entre com a senha e ative-a de novo no seu perfil."
        ),
    )
    return True


def _contar(pessoa: Usuario, titulo: Any, texto: Any) -> None:
    # Notifications live in an organisation, and a super admin has none.
    if pessoa.organizacao_id is None:
        return
    with idioma.guardando():
        notificar(
            [pessoa],
            titulo=str(titulo),
            texto=str(texto),
            url="/conta/perfil/",
            tom="alerta",
            icone="shield-check",
            por_email=True,
            chave=f"duas_etapas:{timezone.now().timestamp()}",
        )


def _registrar(acao: str, pessoa: Usuario, autor: Usuario | None) -> None:
    auditoria.registrar(
        acao,
        organizacao=pessoa.organizacao_id,
        autor=autor,
        objeto=f"usuario:{pessoa.pk}",
    )
