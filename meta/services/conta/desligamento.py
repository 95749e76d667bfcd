"""Leaving an account: what hangs on it, what is erased, what Meta is asked to undo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from uuid6 import uuid7

from conexoes import auditoria, cofre, fila, idioma
from conexoes.erros import (
    AindaNao,
    CredencialInvalida,
    ErroPermanente,
    PermissaoInsuficiente,
)
from conexoes.models import EventoPendente, Status
from conexoes.tenancy import na, sistema
from crm.models import Usuario
from meta.models import ConexaoMeta, FormularioLeadAds, LeadCapturado, PaginaMeta
from meta.services.aplicativo.clientes import cliente
from meta.services.conta.reautorizacao import avisar

# After a day nobody at Meta would understand why it happens.
_VALIDADE: Final = timedelta(days=1)
# The new account's pages are read at once; for so long if Meta does not answer.
_LISTA_ATE: Final = timedelta(hours=1)
_OLHAR_EM: Final = timedelta(seconds=20)
_EM_ESPERA: Final = (
    LeadCapturado.Status.A_LER,
    LeadCapturado.Status.SEM_MAPEAMENTO,
    LeadCapturado.Status.SEM_ACESSO,
)


@dataclass(frozen=True)
class Alcance:
    """What stops when the account goes, by name or by number."""

    paginas: list[str]
    formularios: list[str]
    leads_em_espera: int
    na_fila: int


def alcance(conexao: ConexaoMeta) -> Alcance:
    """What disconnecting the account stops, in the open context."""
    organizacao = conexao.organizacao_id
    formularios = FormularioLeadAds.da(organizacao).filter(
        pagina__conexao=conexao, ativo=True, deletado_em=None
    )
    leads = LeadCapturado.da(organizacao).filter(
        pagina__conexao=conexao, status__in=_EM_ESPERA
    )
    fila_da_conta = EventoPendente.da(organizacao).filter(
        conexao_id=conexao.pk, status__in=(Status.PENDENTE, Status.PROCESSANDO)
    )
    return Alcance(
        [str(pagina) for pagina in _ativas(conexao).order_by("page_name")],
        [str(formulario) for formulario in formularios.order_by("form_name")],
        leads.count(),
        fila_da_conta.count(),
    )


def desconectar(organizacao: Any, autor: Usuario) -> None:
    """Let the account go: no token is left here, mappings and leads stay.

    What Meta has to undo is asked of it as far as it lets us, later. In the open
    transaction; who is not connected stays so.
    """
    vivas = ConexaoMeta.da(organizacao).select_for_update()
    conexao = vivas.filter(deletado_em=None).first()
    if conexao is None:
        return
    deixar_conta(conexao)
    conexao.access_token = conexao.token_pendente = ""
    conexao.conta_pendente = {}
    conexao.token_expires_at = conexao.data_access_expires_at = None
    conexao.versao_do_token += 1
    conexao.deletado_em = timezone.now()
    conexao.save()
    conexao.paginas.update(ativo=False, problema="")
    auditoria.registrar(
        "meta.desconectada",
        organizacao=conexao.organizacao_id,
        autor=autor,
        objeto=f"meta:{conexao.pk}",
    )
    avisar(conexao.organizacao_id)


def deixar_conta(conexao: ConexaoMeta) -> None:
    """Forget the pages' tokens, and have Meta forget us; the row is locked.

    In no order with what else is asked of the account: Meta may put it off for hours,
    and somebody who is back by then is not to wait for that.
    """
    chave = f"meta.desligamento:{conexao.pk}:{uuid7()}"
    lugar = _lugar(conexao.organizacao_id, chave)
    travadas = conexao.paginas.select_for_update(no_key=True).order_by("pk")
    com_token = list(travadas.exclude(page_access_token=""))
    selar = {
        "user_id": conexao.meta_user_id,
        "token": cofre.cifrar(conexao.access_token, contexto=lugar),
        "paginas": [
            {
                "page_id": pagina.page_id,
                "token": cofre.cifrar(pagina.page_access_token, contexto=lugar),
            }
            for pagina in com_token
            # Given up a moment ago, it may still tell us.
            if pagina.ativo or pagina.subscribed_fields
        ],
    }
    for pagina in com_token:
        pagina.page_access_token = ""
        pagina.subscribed_fields, pagina.leadgen_inscrita_em = [], None
        pagina.save()
    if not conexao.access_token:
        return
    fila.guardar(
        conexao.organizacao_id,
        tipo="meta_desligamento",
        destino="meta.desligamento",
        chave=chave,
        payload={"conexao_id": str(conexao.pk), **selar},
        expira_em=timezone.now() + _VALIDADE,
    )


def desligar(evento: EventoPendente) -> None:
    """Undo at Meta what the account had set up, unless somebody else here needs it.

    Raises ``AindaNao`` until it is known which pages the account that took its place
    has: those it has not are ended while the old tokens live, which is not for long.
    """
    lugar = _lugar(evento.organizacao_id, evento.chave)
    soltas = [p for p in evento.payload["paginas"] if not _em_uso(evento, p["page_id"])]
    for pagina in soltas:
        token = cofre.decifrar(pagina["token"], contexto=lugar)
        if _tentar(lambda t=token, p=pagina: cliente(t).desinscrever(p["page_id"])):
            _dizer_que_parou(evento.organizacao_id, pagina["page_id"])
    user_id = evento.payload["user_id"]
    if user_id and not _pessoa_em_uso(user_id):
        token = cofre.decifrar(evento.payload["token"], contexto=lugar)
        _tentar(lambda: cliente(token).revogar(user_id))
    with na(evento.organizacao_id):
        # Done: the sealed tokens are of no use any more.
        EventoPendente.da(evento.organizacao_id).filter(pk=evento.pk).update(
            payload={"conexao_id": evento.payload["conexao_id"]}
        )


def _tentar(passo: Any) -> bool:
    """Do one step of leaving; False where Meta has let go of us already."""
    try:
        passo()
    except (CredencialInvalida, PermissaoInsuficiente, ErroPermanente) as erro:
        if isinstance(erro, CredencialInvalida) and erro.credencial_global:
            raise
        # The token is dead or the page gone.
        return False
    return True


def _em_uso(evento: EventoPendente, page_id: str) -> bool:
    """Whether a page's leads are still wanted: by another organisation, or by this one
    through the account that it has now."""
    with sistema("fila"):
        querem = PaginaMeta.objects.filter(page_id=page_id, ativo=True)
        daqui = querem.filter(organizacao_id=evento.organizacao_id).first()
        if querem.exclude(organizacao_id=evento.organizacao_id).exists():
            return True
    if daqui is None or daqui.sumiu_em is not None:
        return False
    conhecida = bool(daqui.page_access_token)
    if not conhecida and timezone.now() - evento.criado_em < _LISTA_ATE:
        quando = timezone.now() + _OLHAR_EM
        raise AindaNao(quando, _("Espera a lista de páginas da conta nova."))
    return True


def _dizer_que_parou(organizacao_id: Any, page_id: str) -> None:
    """Say on a page that is still chosen that nobody tells us of its leads any more."""
    with na(organizacao_id), idioma.guardando():
        sem_conta = PaginaMeta.da(organizacao_id).filter(
            page_id=page_id, ativo=True, sumiu_em__isnull=False
        )
        problema = _(
            "A conta conectada não lista esta página, e os avisos de leads que a conta"
            " anterior tinha ligado foram desligados. Peça a função na página e"
            " atualize a lista, ou retire a página daqui."
        )
        if sem_conta.update(problema=problema, atualizado_em=timezone.now()):
            avisar(organizacao_id)


def _pessoa_em_uso(user_id: str) -> bool:
    """Whether any organisation is connected with the same Facebook account, or about
    to be: taking our app off it would disconnect them all."""
    conectada = Q(meta_user_id=user_id, deletado_em=None)
    with sistema("fila"):
        return ConexaoMeta.objects.filter(
            conectada | Q(conta_pendente__id=user_id)
        ).exists()


def _ativas(conexao: ConexaoMeta) -> Any:
    return conexao.paginas.filter(ativo=True)


def _lugar(organizacao_id: Any, chave: str) -> cofre.Contexto:
    return cofre.Contexto("eventos_pendentes", "payload", str(organizacao_id), chave)
