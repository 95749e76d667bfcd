"""What happened to the account and its pages, told to who may mend it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from conexoes import idioma
from conexoes.notificacoes import NomeDoTipo, Tom, notificar
from crm.models import Usuario
from meta.models import ConexaoMeta, PaginaMeta


def responsaveis(organizacao_id: Any) -> list[Usuario]:
    """Who may connect the account: admins, and members whom they let."""
    podem = Q(papel=Usuario.Papel.ADMIN) | Q(permissoes_conexoes__meta_lead_ads=True)
    return list(
        Usuario.objects.filter(podem, organizacao=organizacao_id, is_active=True)
    )


def precisa_reconectar(
    conexao: ConexaoMeta, motivo: str, *, removida: bool = False
) -> None:
    """The account is dead for us; told once for each token.

    Its pages' own tokens outlive it, unless the person removed our app.
    """
    with idioma.guardando():
        texto = (
            _("%(motivo)s O que faltava ler fica guardado e espera a conta voltar.")
            if removida
            else _(
                "%(motivo)s Os leads continuam sendo lidos enquanto o Facebook aceitar"
                " o acesso próprio de cada página; o que ele recusar espera a conta"
                " voltar."
            )
        ) % {"motivo": motivo}
        titulo = _("O Facebook precisa ser conectado de novo")
    _contar(
        conexao,
        f"meta.reconectar:{conexao.pk}:{conexao.versao_do_token}",
        titulo,
        texto,
        tom="erro",
        tipo="queda",
    )


def voltou(conexao: ConexaoMeta) -> None:
    """Who was told that the account was dead learns that it works again."""
    with idioma.guardando():
        titulo = _("O Facebook voltou a funcionar")
        texto = _(
            "A conta %(conta)s foi reconectada. O que esperava por ela está andando."
        ) % {"conta": conexao.meta_user_name}
    _contar(
        conexao,
        f"meta.voltou:{conexao.pk}:{conexao.versao_do_token}",
        titulo,
        texto,
        tom="ok",
    )


def inscricao_consertada(pagina: PaginaMeta) -> None:
    """The page had stopped telling us of leads, and tells again."""
    with idioma.guardando():
        titulo = _("A página %(pagina)s voltou a avisar dos leads") % _nome(pagina)
        texto = _(
            "A inscrição da página no Facebook tinha sido removida e foi refeita. Os"
            " leads que chegaram nesse meio tempo são buscados pela conferência."
        )
    _contar(
        pagina.conexao,
        f"meta.inscricao:{pagina.pk}:{_marca(pagina)}",
        titulo,
        texto,
        tom="ok",
    )


def pagina_com_problema(pagina: PaginaMeta) -> None:
    """Leads of a page cannot be had, and somebody has to do something at Facebook."""
    with idioma.guardando():
        titulo = _("A página %(pagina)s não entrega os leads") % _nome(pagina)
    _contar(
        pagina.conexao,
        f"meta.problema:{pagina.pk}:{_marca(pagina)}",
        titulo,
        pagina.problema,
        tom="erro",
        tipo="queda",
    )


def pagina_liberada(pagina: PaginaMeta) -> None:
    """Who was told that a page lets no lead be read learns that it does again."""
    with idioma.guardando():
        titulo = _("A página %(pagina)s voltou a entregar os leads") % _nome(pagina)
        texto = _(
            "O Facebook voltou a deixar ler os leads desta página. Os que esperavam"
            " por isso já estão sendo lidos."
        )
    _contar(
        pagina.conexao,
        f"meta.liberada:{pagina.pk}:{_marca(pagina)}",
        titulo,
        texto,
        tom="ok",
    )


def _contar(
    conexao: ConexaoMeta,
    chave: str,
    titulo: str,
    texto: str,
    *,
    tom: Tom,
    tipo: NomeDoTipo = "conexao",
) -> None:
    notificar(
        responsaveis(conexao.organizacao_id),
        titulo=titulo,
        texto=texto,
        url=reverse("meta:pagina"),
        tom=tom,
        tipo=tipo,
        chave=chave,
        por_email=True,
    )


def _nome(pagina: PaginaMeta) -> dict[str, str]:
    return {"pagina": pagina.page_name or pagina.page_id}


def _marca(pagina: PaginaMeta) -> int:
    quando = pagina.verificada_em
    return int(quando.timestamp()) if quando else 0
