"""The super admin chooses which organisation to look at; each choice is audited."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from conexoes import auditoria
from conexoes.middleware import CHAVE_DA_SESSAO, sem_transacao
from conexoes.requisicao import Requisicao
from conexoes.tenancy import sistema
from crm.models import Organizacao


@require_GET
@sem_transacao
@login_required
def organizacoes(request: Requisicao) -> HttpResponse:
    _so_super_admin(request)
    with sistema("admin"):
        todas = list(Organizacao.objects.order_by("nome")[:500])
        return render(request, "crm/organizacoes.html", {"organizacoes_todas": todas})


@require_POST
@sem_transacao
@login_required
def trocar_organizacao(request: Requisicao) -> HttpResponse:
    _so_super_admin(request)
    try:
        chave = UUID(request.POST.get("organizacao", ""))
    except ValueError:
        raise Http404 from None
    with sistema("admin"):
        organizacao = Organizacao.objects.filter(pk=chave).first()
        if organizacao is None:
            raise Http404
        auditoria.registrar(
            "super_admin.entrou",
            organizacao=organizacao,
            autor=request.user,
            ip=auditoria.endereco_ip(request),
        )
    request.session[CHAVE_DA_SESSAO] = str(organizacao.pk)
    return redirect("crm:conversas")


def _so_super_admin(request: Requisicao) -> None:
    if not request.user.is_superuser:
        raise PermissionDenied
