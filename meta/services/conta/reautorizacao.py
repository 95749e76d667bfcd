"""The account lost its access: found out for sure, told once, undone by a new one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import aovivo, auditoria, idioma
from conexoes.erros import (
    CredencialInvalida,
    ErroDoProvedor,
    PermissaoInsuficiente,
)
from conexoes.graph import codigo
from conexoes.tenancy import na
from meta.models import ConexaoMeta, PaginaMeta
from meta.payloads import Inspecao
from meta.services import recados
from meta.services.aplicativo.clientes import cliente
from meta.services.conta.autorizacao import faltando
from meta.services.leituras.proximas import antecipar
from meta.services.paginas.pedidos import pedir_paginas

Status = ConexaoMeta.Status

# The person removed our app at Facebook: they know, and nobody is nagged.
_REMOVIDO: Final = 458
# A page whose token died may get another one at its next look, which comes hourly.
_DURA: Final = timedelta(hours=2)
# Meta tells times in whole seconds.
_SEGUNDO: Final = timedelta(seconds=1)


@contextmanager
def atenta(conexao: ConexaoMeta, pagina: PaginaMeta | None = None) -> Iterator[None]:
    """Around calls of a worker: a refused token or permission is looked into.

    The error goes on its way. ``pagina`` is whose token makes the calls.
    """
    try:
        yield
    except (CredencialInvalida, PermissaoInsuficiente) as erro:
        investigar(conexao, erro, pagina)
        raise


def investigar(
    conexao: ConexaoMeta, erro: ErroDoProvedor, pagina: PaginaMeta | None = None
) -> None:
    """``marcar_para_reautorizar``, as far as Meta answers: the next refusal asks again.

    So that whoever was refused keeps their own error.
    """
    with suppress(ErroDoProvedor):
        marcar_para_reautorizar(conexao, erro, pagina)


def marcar_para_reautorizar(
    conexao: ConexaoMeta, erro: ErroDoProvedor, pagina: PaginaMeta | None = None
) -> bool:
    """Ask Meta whether the account's token lives, and if not say so; whether it died.

    An error of one page does not kill the account: then the page bears the problem.
    Nor does one of the installation's own app, or of a token replaced meanwhile. Calls
    Meta, so outside any transaction; its errors tell that nothing is known.
    """
    if isinstance(erro, CredencialInvalida) and erro.credencial_global:
        return False
    inspecao = _inspecionar(conexao)
    with na(conexao.organizacao_id):
        atual = ConexaoMeta.da(conexao.organizacao_id).select_for_update()
        agora = atual.filter(pk=conexao.pk, deletado_em=None).first()
        if agora is None or agora.versao_do_token != conexao.versao_do_token:
            return False
        vive, antes = inspecao is not None and inspecao.valido, agora.status
        if inspecao is not None and vive:
            _anotar_problema(agora, inspecao, erro, pagina)
        else:
            _, sub = codigo(erro)
            removida = _REMOVIDO in (inspecao.subcodigo if inspecao else 0, sub)
            # Its pages are read on: what one of them is told is no news of the account.
            if removida or agora.status == Status.ACTIVE:
                derrubar(agora, erro.mensagem, removida=removida)
        morta = agora.status != Status.ACTIVE
        if morta and pagina is not None and isinstance(erro, CredencialInvalida):
            # Who is told of the account right now need not hear of each page.
            _dar_por_recusada(agora, pagina, erro, contar=antes != Status.ACTIVE)
        return not vive


def derrubar(conexao: ConexaoMeta, motivo: str, *, removida: bool = False) -> None:
    """Enter ``expired``, or ``revoked`` when the person removed our app at Facebook.

    Told once for each token. In the caller's context, with the row locked.
    """
    novo = Status.REVOKED if removida else Status.EXPIRED
    if conexao.status == Status.ACTIVE:
        auditoria.registrar(
            "meta.revogada" if removida else "meta.expirada",
            organizacao=conexao.organizacao_id,
            objeto=f"meta:{conexao.pk}",
        )
    # Back again, it is asked at once for what came meanwhile.
    antecipar(conexao.organizacao_id, pagina__conexao=conexao)
    if conexao.avisada_em is None:
        conexao.avisada_em = timezone.now()
        recados.precisa_reconectar(conexao, motivo, removida=removida)
    conexao.status, conexao.ultimo_erro = novo, motivo
    conexao.revogada_na_meta = conexao.revogada_na_meta or removida
    conexao.save()
    avisar(conexao.organizacao_id)


def de_antes(quando: datetime) -> Q:
    """Connections whose token is not newer than ``quando``, Meta's clock in whole s."""
    return Q(conectada_em=None) | Q(conectada_em__lt=quando + _SEGUNDO)


def marcar_revogadas(meta_user_id: str, organizacao_id: Any, quando: datetime) -> int:
    """Meta says that a person removed our app: their connection of one organisation.

    One made or renewed after ``quando`` stays, and so does an account authorised since
    then that waits to be confirmed. How many it was of; for the deauthorise callback,
    in the caller's context.
    """
    linhas = ConexaoMeta.da(organizacao_id).select_for_update()
    for conexao in linhas.filter(conta_pendente__id=meta_user_id):
        _esquecer_pendente(conexao, quando)
    vivas = linhas.filter(de_antes(quando))
    achadas = list(vivas.filter(meta_user_id=meta_user_id, deletado_em=None))
    for conexao in achadas:
        with idioma.guardando():
            motivo = _(
                "Quem conectou a conta removeu o aplicativo no Facebook. Conecte de"
                " novo para continuar."
            )
        conexao.access_token = ""
        # What is on its way with the old tokens is not to bring them back.
        conexao.versao_do_token += 1
        derrubar(conexao, motivo, removida=True)
        for pagina in conexao.paginas.exclude(page_access_token=""):
            pagina.page_access_token = ""
            pagina.save(update_fields=["page_access_token", "atualizado_em"])
    return len(achadas)


def _esquecer_pendente(conexao: ConexaoMeta, quando: datetime) -> None:
    em = conexao.conta_pendente.get("em", "")
    if em and datetime.fromisoformat(em) >= quando + _SEGUNDO:
        return
    conexao.token_pendente, conexao.conta_pendente = "", {}
    conexao.save()
    avisar(conexao.organizacao_id)


def avisar(organizacao_id: Any) -> None:
    """Let the organisation's open pages show the account anew."""
    aovivo.avisar(organizacao_id, "meta")
    aovivo.avisar(organizacao_id, "conexoes")


def _inspecionar(conexao: ConexaoMeta) -> Inspecao | None:
    """What Meta says of the account's token; None when there is none to ask about."""
    if not conexao.access_token:
        return None
    return cliente().inspecionar(conexao.access_token)


def _anotar_problema(
    conexao: ConexaoMeta,
    inspecao: Inspecao,
    erro: ErroDoProvedor,
    pagina: PaginaMeta | None,
) -> None:
    """The account lives: it lacks something, or one page's token or role is gone."""
    conexao.scopes = list(inspecao.scopes)
    conexao.scopes_faltando = list(faltando(inspecao.scopes))
    conexao.save(update_fields=["scopes", "scopes_faltando", "atualizado_em"])
    if pagina is not None:
        _contar_se_durar(pagina, erro)
        PaginaMeta.da(conexao.organizacao_id).filter(pk=pagina.pk).update(
            problema=erro.mensagem, atualizado_em=timezone.now()
        )
        if isinstance(erro, CredencialInvalida):
            # The account may have another token for it by now: ask, now and then.
            pedir_paginas(conexao, vez=f"token:{timezone.now():%Y%m%d%H}")
    avisar(conexao.organizacao_id)


def _dar_por_recusada(
    conexao: ConexaoMeta, pagina: PaginaMeta, erro: ErroDoProvedor, *, contar: bool
) -> None:
    """With the account gone nothing brings another token: wait for a new log-in.

    Its leads were still being read, so people hear, once, that they are no more.
    """
    linhas = PaginaMeta.da(conexao.organizacao_id).select_for_update(of=("self",))
    aceitas = linhas.exclude(token_recusado_na=conexao.versao_do_token)
    atual = aceitas.select_related("conexao").filter(pk=pagina.pk).first()
    if atual is None:
        return
    atual.token_recusado_na = conexao.versao_do_token
    if contar and atual.ativo:
        atual.problema = erro.mensagem
        recados.pagina_com_problema(atual)
    atual.save(update_fields=["token_recusado_na", "problema", "atualizado_em"])
    antecipar(conexao.organizacao_id, pagina=atual)
    avisar(conexao.organizacao_id)


def _contar_se_durar(pagina: PaginaMeta, erro: ErroDoProvedor) -> None:
    """Tell, once, of a page that hourly looks could not bring back."""
    paginas = PaginaMeta.da(pagina.organizacao_id).select_related("conexao")
    ha_tempo = paginas.filter(
        pk=pagina.pk, ativo=True, verificada_em__lt=timezone.now() - _DURA
    )
    for parada in ha_tempo.exclude(problema=""):
        parada.problema = erro.mensagem
        recados.pagina_com_problema(parada)
