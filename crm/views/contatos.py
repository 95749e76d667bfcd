"""Contacts: list, detail, form."""

from __future__ import annotations

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from conexoes import listas, origens, provedores
from conexoes.acesso import exige, pode
from conexoes.avisos import com_aviso
from conexoes.erros import ErroDeDominio
from conexoes.requisicao import Requisicao
from crm import telefones
from crm.forms import ContatoForm, GrupoForm
from crm.models import Contato, Conversa, Oportunidade, Tag
from crm.services import campos, tags, unioes
from crm.services.contatos import TelefoneOcupado, salvar_contato
from crm.views.oportunidades import uuid_de

_POR_PAGINA: Final = 50
_UNIOES: Final = 20
_OPORTUNIDADES: Final = 20
_TAGS_SUGERIDAS: Final = 200


@require_GET
@exige("contatos.ver")
def contatos(request: Requisicao) -> HttpResponse:
    busca = request.GET.get("busca", "").replace("\x00", "").strip()[:100]
    # A group is found where it speaks: in the conversations.
    linhas = Contato.da(request.organizacao).filter(e_grupo=False)
    if tag := _tag(request):
        linhas = linhas.filter(etiquetas__tag=tag)
    for termo in telefones.termos_de_busca(busca):
        linhas = linhas.filter(busca__contains=termo)
    pagina = listas.pagina(
        linhas,
        campo="busca",
        decrescente=False,
        parametros=request.GET,
        tamanho=_POR_PAGINA,
    )
    contexto = {
        "contatos": pagina.linhas,
        "tags": tags.tags_dos(request.organizacao, [c.pk for c in pagina.linhas]),
        "tag": tag,
        "busca": busca,
        "proxima": pagina.proxima,
        "pode_editar": pode(request.user, "contatos.editar"),
    }
    so_a_lista = request.htmx and not request.htmx.boosted
    modelo = "crm/_lista_contatos.html" if so_a_lista else "crm/contatos.html"
    return render(request, modelo, contexto)


@require_GET
@exige("contatos.ver")
def contato(request: Requisicao, contato_id: UUID) -> HttpResponse:
    pessoa = buscar_contato(request, contato_id)
    proprios = list(campos.campos_da(pessoa.organizacao_id))
    contexto = {
        "contato": pessoa,
        "conversas": Conversa.da(pessoa.organizacao_id)
        .filter(contato=pessoa)
        .order_by("-ultima_mensagem_em")[:20],
        "oportunidades": Oportunidade.da(pessoa.organizacao_id)
        .filter(contato=pessoa)
        .select_related("etapa", "funil")
        .order_by("-criado_em", "-pk")[:_OPORTUNIDADES],
        "unioes": unioes.unioes_de(pessoa)[:_UNIOES],
        "preenchidos": campos.preenchidos(proprios, pessoa.campos),
        "origens": origens.do_contato(
            pessoa.organizacao_id, pessoa.pk, partial(pode, request.user)
        ),
        "pode_conversar": pode(request.user, "conversas.responder")
        and not pessoa.e_grupo,
        "pode_vender": pode(request.user, "oportunidades.editar")
        and not pessoa.e_grupo,
    } | contexto_das_tags(request, pessoa)
    return render(request, "crm/contato.html", contexto)


@require_http_methods(["GET", "POST"])
@exige("contatos.editar")
def novo_contato(request: Requisicao) -> HttpResponse:
    organizacao: Any = request.organizacao
    pessoa = Contato(organizacao=organizacao, origem="manual")
    # A contact card that a customer sent fills the form.
    pessoa.nome = request.GET.get("nome", "").replace("\x00", "")[:255]
    pessoa.telefone = telefones.normalizar(request.GET.get("telefone", "")[:40])
    return _formulario(request, pessoa)


@require_http_methods(["GET", "POST"])
@exige("contatos.editar")
def editar_contato(request: Requisicao, contato_id: UUID) -> HttpResponse:
    pessoa = buscar_contato(request, contato_id)
    formulario = _formulario_do_grupo if pessoa.e_grupo else _formulario
    return formulario(request, pessoa)


@require_POST
@exige("conversas.responder")
def iniciar_conversa(request: Requisicao, contato_id: UUID) -> HttpResponse:
    pessoa = buscar_contato(request, contato_id)
    recusa = ""
    for provedor in provedores.todos():
        if provedor.abrir_conversa is None:
            continue
        try:
            conversa = provedor.abrir_conversa(request.user, pessoa)
        except ErroDeDominio as erro:
            recusa = erro.mensagem
        else:
            return HttpResponseClientRedirect(conversa.get_absolute_url())
    return com_aviso(HttpResponse(status=204), recusa, "erro")


def contexto_das_tags(request: Requisicao, pessoa: Contato) -> dict[str, Any]:
    """What a contact's tags and its mark of a qualified lead are shown from."""
    return {
        "contato": pessoa,
        "tags_do_contato": tags.tags_dos(pessoa.organizacao_id, [pessoa.pk])[pessoa.pk],
        "todas_as_tags": tags.tags_da(pessoa.organizacao_id)[:_TAGS_SUGERIDAS],
        "pode_editar": pode(request.user, "contatos.editar"),
    }


def _formulario(request: Requisicao, pessoa: Contato) -> HttpResponse:
    proprios = list(campos.campos_da(pessoa.organizacao_id))
    form = ContatoForm(request.POST or None, contato=pessoa, proprios=proprios)
    if request.method == "POST" and form.is_valid():
        try:
            salvar_contato(pessoa, **form.dados)
        except ErroDeDominio as erro:
            do_telefone = isinstance(erro, TelefoneOcupado)
            form.add_error("telefone" if do_telefone else None, erro.mensagem)
        else:
            return redirect("crm:contato", pessoa.pk)
    contexto = {"form": form, "contato": None if pessoa._state.adding else pessoa}
    situacao = 422 if form.is_bound else 200
    return render(request, "crm/contato_form.html", contexto, status=situacao)


def _formulario_do_grupo(request: Requisicao, grupo: Contato) -> HttpResponse:
    form = GrupoForm(request.POST or None, initial={"nome": grupo.nome})
    if request.method == "POST" and form.is_valid():
        salvar_contato(grupo, nome=form.cleaned_data["nome"])
        return redirect("crm:contato", grupo.pk)
    contexto = {"form": form, "contato": grupo}
    situacao = 422 if form.is_bound else 200
    return render(request, "crm/contato_form.html", contexto, status=situacao)


def _tag(request: Requisicao) -> Tag | None:
    """The tag that the list is filtered by; 404 for one that is not here."""
    escrita = request.GET.get("tag", "")
    if not escrita:
        return None
    tag = Tag.da(request.organizacao).filter(pk=uuid_de(escrita)).first()
    if tag is None:
        raise Http404
    return tag


def buscar_contato(request: Requisicao, contato_id: UUID) -> Contato:
    """A contact of the organisation; 404 otherwise."""
    pessoa = (
        Contato.da(request.organizacao)
        .select_related("responsavel")
        .filter(pk=contato_id)
        .first()
    )
    if pessoa is None:
        raise Http404
    return pessoa
