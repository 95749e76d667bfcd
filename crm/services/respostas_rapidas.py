"""Ready texts of the team, and the blanks in them."""

from __future__ import annotations

import re
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from conexoes import auditoria
from conexoes.erros import ErroDeDominio
from crm.models import Conversa, RespostaRapida, Usuario

LACUNA: Final = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def salvar(
    resposta: RespostaRapida, *, atalho: str, texto: str, autor: Usuario
) -> None:
    """Store a ready text; ``ErroDeDominio`` when its shortcut is taken."""
    nova = resposta._state.adding
    resposta.atalho, resposta.texto = atalho, texto
    if nova:
        resposta.autor = autor
    try:
        with transaction.atomic():
            resposta.save()
    except IntegrityError:
        raise ErroDeDominio(
            _("Já existe uma resposta com o atalho /%(atalho)s.") % {"atalho": atalho}
        ) from None
    acao = "resposta_rapida.criada" if nova else "resposta_rapida.alterada"
    _registrar(acao, resposta, autor)


def apagar(resposta: RespostaRapida, *, autor: Usuario) -> None:
    """Delete a ready text; what was sent with it stays."""
    _registrar("resposta_rapida.apagada", resposta, autor)
    resposta.delete()


def preencher(texto: str, conversa: Conversa, autor: Usuario) -> str:
    """``texto`` with its blanks filled in; what is not known here stays as it is."""
    nome = "" if conversa.contato.e_grupo else conversa.contato.nome
    # A contact known by its number only has no name to greet.
    nome = "" if nome == conversa.contato.numero_legivel else nome
    valores = {
        "nome": nome,
        "primeiro_nome": nome.split()[0] if nome.split() else "",
        "atendente": autor.nome,
        "empresa": str(conversa.organizacao),
    }
    return LACUNA.sub(lambda lacuna: valores.get(lacuna[1]) or lacuna[0], texto)


def _registrar(acao: str, resposta: RespostaRapida, autor: Any) -> None:
    auditoria.registrar(
        acao,
        organizacao=resposta.organizacao_id,
        autor=autor,
        objeto=f"resposta_rapida:{resposta.pk}",
    )
