"""What somebody has written and not sent: theirs alone, on any device."""

from __future__ import annotations

from django.db.models import QuerySet

from crm.models import Conversa, Rascunho, Usuario


def guardar(conversa: Conversa, *, texto: str, usuario: Usuario) -> None:
    """Keep the draft of one person in one conversation; nothing but spaces is none."""
    if not texto.strip():
        descartar(conversa, usuario=usuario)
        return
    Rascunho.objects.update_or_create(
        organizacao_id=conversa.organizacao_id,
        usuario=usuario,
        conversa=conversa,
        defaults={"texto": texto},
    )


def descartar(conversa: Conversa, *, usuario: Usuario) -> None:
    """Forget the draft: it was sent, or emptied."""
    _meus(conversa, usuario).delete()


def texto_de(conversa: Conversa, usuario: Usuario) -> str:
    """What ``usuario`` had written here, "" for nothing."""
    return _meus(conversa, usuario).values_list("texto", flat=True).first() or ""


def _meus(conversa: Conversa, usuario: Usuario) -> QuerySet[Rascunho]:
    # An admin's reach over others is not used: drafts are nobody else's business.
    return Rascunho.da(conversa.organizacao_id).filter(
        conversa=conversa, usuario=usuario
    )
