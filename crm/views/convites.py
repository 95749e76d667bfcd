"""Accepting an invitation: name, password, and in."""

from __future__ import annotations

from django.contrib.auth import login
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from conexoes.erros import ErroDeDominio
from conexoes.requisicao import Requisicao
from crm.forms import AceiteForm
from crm.models import Convite
from crm.services import convites


@require_http_methods(["GET", "POST"])
@never_cache
def aceitar(request: Requisicao, token: str) -> HttpResponse:
    convite = convites.aberto_com(token)
    if convite is None:
        # Used, expired, cancelled or invented: one answer for all.
        return render(request, "account/convite_invalido.html", status=404)
    form = AceiteForm(convite.email, request.POST or None)
    if request.method == "POST" and form.is_valid():
        resposta = _entrar(request, convite, form)
        if resposta is not None:
            return resposta
    contexto = {"convite": convite, "form": form}
    situacao = 422 if form.errors else 200
    resposta = render(request, "account/convite.html", contexto, status=situacao)
    # The address of this page opens the account: it goes nowhere, not even to our own
    # log. "no-referrer" would also hide the origin, and the form would be refused.
    resposta["Referrer-Policy"] = "strict-origin"
    return resposta


def _entrar(
    request: Requisicao, convite: Convite, form: AceiteForm
) -> HttpResponse | None:
    try:
        pessoa = convites.aceitar(
            convite, nome=form.cleaned_data["nome"], senha=form.cleaned_data["senha"]
        )
    except ErroDeDominio as erro:
        form.add_error(None, erro.mensagem)
        return None
    login(
        request,
        pessoa,
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    return redirect("inicio")
