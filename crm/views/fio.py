"""The thread of one conversation: which messages, and how each is shown."""

from __future__ import annotations

from functools import partial
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from conexoes import listas
from conexoes.acesso import pode
from conexoes.arquivos import MEGABYTE
from conexoes.requisicao import Requisicao
from crm.forms import NotaForm, RespostaForm
from crm.models import Conversa, Mensagem, Usuario
from crm.services import atendimento, envios, midias, rascunhos, saida
from crm.services import conversas as servico
from crm.views.lista import enfeitar, sem

_MENSAGENS: Final = 50
_MAXIMO_NA_TELA: Final = 500
# Messages shown on either side of one that was looked for.
_EM_VOLTA: Final = 25


def contexto_do_fio(request: Requisicao, conversa: Conversa) -> dict[str, Any]:
    """One page of messages, the newest or those around ``?ver=``, and the composer."""
    usuario: Any = request.user
    todas = (
        Mensagem.da(conversa.organizacao_id)
        .filter(conversa=conversa)
        .select_related("autor", "cita")
        .prefetch_related("midias", "reacoes")
    )
    vista = _de_chave(todas, request.GET.get("ver", ""))
    linhas, proxima = (
        _em_volta(todas, vista) if vista else _as_mais_novas(request, todas)
    )
    novas = _primeira_nova(request, conversa, linhas)
    # A tab in the background fetches too; nobody has seen what it got.
    a_vista = request.headers.get("X-Pagina-Visivel", "1") == "1"
    if listas.PARAMETRO not in request.GET and a_vista and not vista:
        servico.marcar_como_lida(conversa, usuario=usuario)
    enfeitar(conversa)
    _explicar_espera(linhas)
    _mostrar_midias(linhas)
    anteriores = reverse("crm:mensagens", args=[conversa.pk]) + proxima
    return {
        "conversa": conversa,
        "mensagens": linhas,
        "anteriores": anteriores if proxima else "",
        "atualizar": _consulta(linhas, vista, novas),
        "vista": vista,
        "novas": novas,
        **_do_compositor(conversa, usuario),
    }


def _do_compositor(conversa: Conversa, usuario: Usuario) -> dict[str, Any]:
    """What somebody may do in a conversation, and what they were writing in it."""
    motivo = saida.motivo_de_bloqueio(conversa, usuario)
    return {
        "pode_atribuir": atendimento.pode_atribuir(conversa, usuario),
        "pode_responder": not motivo,
        "motivo_bloqueio": motivo,
        # Asked only where it is shown.
        "esperar": partial(saida.motivo_de_espera, conversa),
        "form": RespostaForm(initial={"texto": rascunhos.texto_de(conversa, usuario)}),
        "form_nota": NotaForm(),
        "pode_anotar": pode(usuario, "conversas.anotar"),
        "ve_a_fila": pode(usuario, "fila.ver"),
        "texto_maximo": envios.TEXTO_MAXIMO,
        "arquivos_maximo": settings.ARQUIVOS_ENVIADO_MB * MEGABYTE,
    }


def _as_mais_novas(
    request: Requisicao, todas: QuerySet[Mensagem]
) -> tuple[list[Mensagem], str]:
    """The newest page, or the one asked for, oldest first; and where it goes on."""
    pagina = listas.pagina(
        todas,
        campo="momento",
        decrescente=True,
        parametros=sem(request.GET, "desde", "novas"),
        tamanho=_quantas(request, todas),
    )
    return pagina.linhas[::-1], pagina.proxima


def _em_volta(todas: QuerySet[Mensagem], vista: Mensagem) -> tuple[list[Mensagem], str]:
    """What was said before and after one message, oldest first."""
    igual = Q(momento=vista.momento)
    ate = todas.filter(Q(momento__lt=vista.momento) | igual & Q(pk__lte=vista.pk))
    depois = todas.filter(Q(momento__gt=vista.momento) | igual & Q(pk__gt=vista.pk))
    antes = list(ate.order_by("-momento", "-pk")[: _EM_VOLTA + 1])
    proxima = ""
    if len(antes) > _EM_VOLTA:
        antes = antes[:_EM_VOLTA]
        chave = {listas.PARAMETRO: listas.chave(antes[-1], "momento")}
        proxima = f"?{urlencode(chave)}"
    return antes[::-1] + list(depois.order_by("momento", "pk")[:_EM_VOLTA]), proxima


def _primeira_nova(
    request: Requisicao, conversa: Conversa, linhas: list[Mensagem]
) -> UUID | None:
    """Above which message "new messages" stands: where it stood, or the first unread
    one when the conversation is opened."""
    if chave := _chave(request.GET.get("novas", "")):
        return chave
    if request.GET.keys() & {"desde", listas.PARAMETRO} or not conversa.nao_lidas:
        return None
    recebidas = [m for m in linhas if m.direcao == Mensagem.Direcao.ENTRADA]
    nao_vistas = recebidas[-conversa.nao_lidas :]
    return nao_vistas[0].pk if nao_vistas else None


def _consulta(
    linhas: list[Mensagem], vista: Mensagem | None, novas: UUID | None
) -> str:
    """How the thread is fetched again as it stands on screen."""
    parametros = {"ver": vista.pk} if vista else {}
    if linhas and not vista:
        parametros["desde"] = linhas[0].pk
    if novas:
        parametros["novas"] = novas
    return f"?{urlencode(parametros)}" if parametros else ""


def _quantas(request: Requisicao, todas: QuerySet[Mensagem]) -> int:
    """How many messages: a page, or all back to the first one already on screen."""
    desde = _de_chave(todas, request.GET.get("desde", ""))
    if desde is None:
        return _MENSAGENS
    na_tela = todas.filter(momento__gte=desde.momento)[:_MAXIMO_NA_TELA].count()
    return max(na_tela, _MENSAGENS)


def _de_chave(todas: QuerySet[Mensagem], texto: str) -> Mensagem | None:
    chave = _chave(texto)
    return todas.filter(pk=chave).first() if chave else None


def _chave(texto: str) -> UUID | None:
    try:
        return UUID(texto)
    except ValueError:
        return None


def _explicar_espera(linhas: list[Any]) -> None:
    """Say why a message that is still here has not gone out."""
    em_duvida = False
    for mensagem in linhas:
        if mensagem.status == Mensagem.Status.PENDENTE:
            mensagem.espera = mensagem.motivo or (
                _("Espera a decisão sobre a mensagem em dúvida acima.")
                if em_duvida
                else ""
            )
        em_duvida = em_duvida or mensagem.status == Mensagem.Status.INCERTA


def _mostrar_midias(linhas: list[Any]) -> None:
    """Give each message its file, if it has one, and say how the file is shown."""
    for mensagem in linhas:
        mensagem.midia = next(iter(mensagem.midias.all()), None)
        if mensagem.midia:
            mensagem.midia.mensagem = mensagem
            mensagem.midia.exibicao = midias.exibicao(mensagem.midia)
