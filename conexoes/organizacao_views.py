"""The page of the organisation: its name, its choices, what it has."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from conexoes import auditoria, configuracoes, recursos
from conexoes.acesso import exige
from conexoes.organizacao_forms import OrganizacaoForm
from conexoes.requisicao import Requisicao


@require_http_methods(["GET", "POST"])
@exige("organizacao.configurar")
def pagina(request: Requisicao) -> HttpResponse:
    organizacao = request.organizacao
    escolhas = configuracoes.ler(organizacao)
    inicial = OrganizacaoForm.inicial(organizacao.nome, escolhas)
    form = OrganizacaoForm(request.POST or None, initial=inicial)
    if request.method == "POST" and form.is_valid():
        mudou = configuracoes.alterar(
            organizacao,
            form.mudancas,
            autor=request.user,
            ip=auditoria.endereco_ip(request),
        )
        texto = _("Configurações salvas.") if mudou else _("Nada mudou.")
        messages.success(request, texto)
        return redirect("conexoes:organizacao")
    contexto = {"form": form, "recursos": recursos.da_organizacao(organizacao)}
    situacao = 422 if form.errors else 200
    return render(request, "conexoes/organizacao.html", contexto, status=situacao)
