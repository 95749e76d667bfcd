"""The team: who is in it, what each may do, who is invited, who leaves."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from conexoes import listas
from conexoes.acesso import exige
from conexoes.erros import ErroDeDominio
from conexoes.middleware import sem_transacao
from conexoes.requisicao import Requisicao
from conexoes.tenancy import na, sistema
from crm.forms import ConvitesForm, PessoaForm
from crm.models import Convite, Usuario
from crm.services import convites, duas_etapas, equipe
from crm.services.atendimento import atendentes

_POR_PAGINA: Final = 50
_CONVITES: Final = 50


@require_GET
@sem_transacao
@exige("equipe.gerenciar")
def lista(request: Requisicao) -> HttpResponse:
    protegidas = _protegidas(request)
    with na(request.organizacao, request.user, papel="admin"):
        return render(request, "crm/equipe.html", _equipe(request, protegidas))


def _equipe(request: Requisicao, protegidas: set[UUID]) -> dict[str, Any]:
    busca = request.GET.get("busca", "").replace("\x00", "").strip()[:100]
    inativas = request.GET.get("filtro") == "inativas"
    pessoas = _pessoas(request).filter(is_active=not inativas)
    if busca:
        pessoas = equipe.procurar(pessoas, busca)
    pagina = listas.pagina(
        pessoas,
        campo="nome",
        decrescente=False,
        parametros=request.GET,
        tamanho=_POR_PAGINA,
    )
    return {
        "pessoas": pagina.linhas,
        "protegidas": protegidas,
        "proxima": pagina.proxima,
        "busca": busca,
        "inativas": inativas,
        "convites": _com_o_correio(request),
    }


def _com_o_correio(request: Requisicao) -> list[tuple[Convite, str]]:
    """The open invitations, each with why its mail did not go; "" where it did."""
    linhas = convites.abertos(request.organizacao).order_by("-pk")[:_CONVITES]
    devolvidos = convites.devolvidos(request.organizacao, linhas)
    return [(convite, devolvidos.get(convite.pk, "")) for convite in linhas]


@require_http_methods(["GET", "POST"])
@sem_transacao
@exige("equipe.gerenciar")
def pessoa(request: Requisicao, pessoa_id: UUID) -> HttpResponse:
    protegida = pessoa_id in _protegidas(request)
    with na(request.organizacao, request.user, papel="admin"):
        return _pessoa(request, pessoa_id, protegida=protegida)


def _pessoa(request: Requisicao, pessoa_id: UUID, *, protegida: bool) -> HttpResponse:
    quem = _buscar(request, pessoa_id)
    usuario: Any = request.user
    inicial = {"nome": quem.nome, "papel": quem.papel} | {
        p: bool(quem.permissoes_conexoes.get(p)) for p in equipe.PERMISSOES
    }
    form = PessoaForm(request.POST or None, initial=inicial)
    if request.method == "POST" and form.is_valid():
        try:
            equipe.alterar(quem, **form.dados, autor=usuario)
        except ErroDeDominio as erro:
            form.add_error("papel", erro.mensagem)
        else:
            messages.success(request, _("As mudanças já estão valendo."))
            return redirect("crm:equipe")
    contexto = {
        "pessoa": quem,
        "form": form,
        "sou_eu": quem.pk == usuario.pk,
        "protegida": protegida,
    }
    situacao = 422 if form.errors else 200
    return render(request, "crm/equipe_pessoa.html", contexto, status=situacao)


@require_http_methods(["GET", "POST"])
@exige("equipe.gerenciar")
def desativar(request: Requisicao, pessoa_id: UUID) -> HttpResponse:
    quem = _buscar(request, pessoa_id)
    usuario: Any = request.user
    recusa = ""
    if request.method == "POST":
        try:
            equipe.desativar(quem, conversas_para=_herdeiro(request), autor=usuario)
        except ErroDeDominio as erro:
            recusa = erro.mensagem
        else:
            texto = _("%(nome)s não entra mais no sistema.") % {"nome": quem.nome}
            messages.success(request, texto)
            return redirect("crm:equipe")
    contexto = {
        "pessoa": quem,
        "alcance": equipe.alcance(quem),
        "colegas": atendentes(request.organizacao).exclude(pk=quem.pk),
        "recusa": recusa,
    }
    situacao = 422 if recusa else 200
    return render(request, "crm/equipe_desativar.html", contexto, status=situacao)


@require_POST
@exige("equipe.gerenciar")
def reativar(request: Requisicao, pessoa_id: UUID) -> HttpResponse:
    quem = _buscar(request, pessoa_id)
    equipe.reativar(quem, autor=request.user)
    messages.success(request, _("%(nome)s pode entrar de novo.") % {"nome": quem.nome})
    return redirect("crm:equipe")


@require_POST
@exige("equipe.gerenciar")
def encerrar_sessoes(request: Requisicao, pessoa_id: UUID) -> HttpResponse:
    quem = _buscar(request, pessoa_id)
    equipe.encerrar_sessoes(quem, autor=request.user)
    texto = _("%(nome)s saiu de todos os aparelhos.") % {"nome": quem.nome}
    messages.success(request, texto)
    return redirect("crm:equipe_pessoa", quem.pk)


@require_POST
@sem_transacao
@exige("equipe.gerenciar")
def zerar_duas_etapas(request: Requisicao, pessoa_id: UUID) -> HttpResponse:
    with sistema("autenticacao"):
        quem = _buscar(request, pessoa_id)
        try:
            zerou = duas_etapas.zerar(quem, autor=request.user)
        except ErroDeDominio as erro:
            messages.error(request, erro.mensagem)
        else:
            texto = (
                _("%(nome)s entra só com a senha e saiu de todos os aparelhos.")
                if zerou
                else _("%(nome)s já entra só com a senha.")
            )
            messages.success(request, texto % {"nome": quem.nome})
    return redirect("crm:equipe_pessoa", quem.pk)


@require_http_methods(["GET", "POST"])
@exige("equipe.gerenciar")
def convidar(request: Requisicao) -> HttpResponse:
    form = ConvitesForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        enviados = _convidar_todos(request, form)
        if not form.errors:
            texto = ngettext(
                "%(n)d convite a caminho.", "%(n)d convites a caminho.", enviados
            ) % {"n": enviados}
            messages.success(request, texto)
            return redirect("crm:equipe")
    situacao = 422 if form.errors else 200
    return render(request, "crm/equipe_convidar.html", {"form": form}, status=situacao)


@require_POST
@exige("equipe.gerenciar")
def reenviar_convite(request: Requisicao, convite_id: UUID) -> HttpResponse:
    convite = _convite(request, convite_id)
    try:
        convites.reenviar(convite, autor=request.user)
    except ErroDeDominio as erro:
        messages.error(request, erro.mensagem)
    else:
        texto = _("Outro convite vai para %(email)s.") % {"email": convite.email}
        messages.success(request, texto)
    return redirect("crm:equipe")


@require_POST
@exige("equipe.gerenciar")
def cancelar_convite(request: Requisicao, convite_id: UUID) -> HttpResponse:
    convites.cancelar(_convite(request, convite_id), autor=request.user)
    messages.success(request, _("O convite não vale mais."))
    return redirect("crm:equipe")


def _convidar_todos(request: Requisicao, form: ConvitesForm) -> int:
    """Invite each address; those that cannot be are said, and left in the form."""
    enviados, sobram = 0, []
    for email in form.cleaned_data["emails"]:
        try:
            convites.convidar(
                request.organizacao, email=email, **form.dados, autor=request.user
            )
            enviados += 1
        except ErroDeDominio as erro:
            form.add_error("emails", erro.mensagem)
            sobram.append(email)
    if sobram:
        dados: Any = request.POST.copy()
        dados["emails"] = "\n".join(sobram)
        form.data = dados
    return enviados


def _protegidas(request: Requisicao) -> set[UUID]:
    # In reach of the system's context alone, which no person's request may open.
    with sistema("autenticacao"):
        return duas_etapas.protegidas(request.organizacao)


def _pessoas(request: Requisicao) -> QuerySet[Usuario]:
    return Usuario.objects.filter(organizacao=request.organizacao)


def _buscar(request: Requisicao, pessoa_id: UUID) -> Usuario:
    achada = _pessoas(request).filter(pk=pessoa_id).first()
    if achada is None:
        raise Http404
    return achada


def _herdeiro(request: Requisicao) -> Usuario | None:
    pedido = request.POST.get("conversas_para", "")
    if not pedido:
        return None
    try:
        return _buscar(request, UUID(pedido))
    except ValueError:
        raise Http404 from None


def _convite(request: Requisicao, convite_id: UUID) -> Convite:
    achado = Convite.da(request.organizacao).filter(pk=convite_id).first()
    if achado is None:
        raise Http404
    return achado
