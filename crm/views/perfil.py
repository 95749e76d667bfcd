"""One's own page: name, look, language, safety, and what belongs to one.

It runs in the context of ``/conta/``, which alone may read the second step's state.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from conexoes import idioma
from conexoes.notificacoes import nao_lidas
from conexoes.requisicao import Requisicao
from crm.forms import PerfilForm
from crm.models import Usuario
from crm.services import duas_etapas, equipe
from crm.services import perfil as servico


@require_http_methods(["GET", "POST"])
@login_required
def perfil(request: Requisicao) -> HttpResponse:
    pessoa = Usuario.objects.select_related("organizacao").get(pk=request.user.pk)
    inicial = {"nome": pessoa.nome, "tema": pessoa.tema, "idioma": idioma.de(pessoa)}
    form = PerfilForm(request.POST or None, initial=inicial)
    if request.method == "POST" and form.is_valid():
        servico.alterar(pessoa, **form.mudados)
        messages.success(request, _("Perfil salvo."))
        return redirect("perfil")
    contexto = {
        "form": form,
        "pessoa": pessoa,
        "duas_etapas": duas_etapas.ativada(pessoa),
        **_pertences(pessoa),
    }
    situacao = 422 if form.errors else 200
    return render(request, "account/perfil.html", contexto, status=situacao)


@require_POST
@login_required
def sair_dos_outros(request: Requisicao) -> HttpResponse:
    pessoa = request.user
    equipe.encerrar_sessoes(pessoa, autor=pessoa)
    update_session_auth_hash(request, pessoa)
    messages.success(request, _("Só este aparelho continua com a sua conta aberta."))
    return redirect("perfil")


def _pertences(pessoa: Usuario) -> dict[str, Any]:
    if pessoa.organizacao is None:
        return {}
    return {
        "alcance": equipe.alcance(pessoa),
        "avisos": nao_lidas(pessoa, pessoa.organizacao).quantas,
    }
