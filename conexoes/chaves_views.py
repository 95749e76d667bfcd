"""API keys: one's own, and for an admin those of the team."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from conexoes import chaves
from conexoes.acesso import exige, pode
from conexoes.api import limites
from conexoes.chaves import ESCOPOS
from conexoes.chaves_forms import ChaveForm
from conexoes.erros import ErroDeDominio
from conexoes.models import ChaveDeApi
from conexoes.requisicao import Requisicao

_MINHAS: Final = 50
_DA_EQUIPE: Final = 200


@require_GET
@exige("chaves_api.usar")
def lista(request: Requisicao) -> HttpResponse:
    ve_a_equipe = pode(request.user, "equipe.gerenciar")
    da_equipe = chaves.da_equipe(request.user)[:_DA_EQUIPE] if ve_a_equipe else []
    contexto = {
        "minhas": [_enfeitar(c) for c in chaves.da_pessoa(request.user)[:_MINHAS]],
        "da_equipe": [_enfeitar(c) for c in da_equipe],
        "recusadas_hoje": limites.recusadas_hoje(request.organizacao),
    }
    return render(request, "conexoes/chaves.html", contexto)


@never_cache
@require_http_methods(["GET", "POST"])
@exige("chaves_api.usar")
def nova(request: Requisicao) -> HttpResponse:
    form = ChaveForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            chave, segredo = chaves.criar(
                request.user,
                nome=form.cleaned_data["nome"],
                escopos=form.cleaned_data["escopos"],
                expira_em=form.expira_em,
                pk=form.cleaned_data["id"],
            )
        except ErroDeDominio as erro:
            form.add_error(None, erro.mensagem)
        else:
            # Shown in this answer and never again: there is no page to come back to.
            contexto = {"chave": _enfeitar(chave), "segredo": segredo}
            return render(request, "conexoes/chave_criada.html", contexto)
    situacao = 422 if form.errors else 200
    return render(request, "conexoes/chave_nova.html", {"form": form}, status=situacao)


@require_POST
@exige("chaves_api.usar")
def revogar(request: Requisicao, chave_id: UUID) -> HttpResponse:
    todas = ChaveDeApi.da(request.organizacao).select_related("usuario")
    if not pode(request.user, "equipe.gerenciar"):
        todas = todas.filter(usuario=request.user)
    chave = todas.filter(pk=chave_id).first()
    if chave is None:
        raise Http404
    if chaves.revogar(chave, autor=request.user):
        texto = _("A chave “%(nome)s” não vale mais.") % {"nome": chave.nome}
        messages.success(request, texto)
    if request.htmx:
        return HttpResponseClientRedirect(reverse("chaves:lista"))
    return redirect("chaves:lista")


def _enfeitar(chave: Any) -> ChaveDeApi:
    """Give a key its words: how it stands, and what it may do."""
    vencida = chave.expira_em is not None and chave.expira_em <= timezone.now()
    chave.vale = not vencida and chave.revogada_em is None
    chave.situacao = (
        _("Revogada") if chave.revogada_em else _("Vencida") if vencida else _("Ativa")
    )
    chave.pode_fazer = [str(ESCOPOS.get(e, e)) for e in chave.escopos]
    return chave  # type: ignore[no-any-return]
