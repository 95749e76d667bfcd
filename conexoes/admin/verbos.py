"""What may be done to many rows at once: shown with its count first, then audited."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin

from conexoes import auditoria, turnos
from conexoes.models import Motivo
from conexoes.painel.verbos import DESCARTAR, INCERTA, REPETIR, VERBOS, Verbo

_DESCARTADA: Final = Q(motivo=Motivo.DESCARTADA)


class ComVerbos(ModelAdmin):  # type: ignore[misc]
    """Lists of work: one row, the chosen ones, or everything that a filter shows."""

    actions: Any = ["repetir", "descartar"]
    verbos: Final = VERBOS

    @admin.action(description=gettext_lazy("Repetir"))
    def repetir(
        self, request: HttpRequest, linhas: QuerySet[Any]
    ) -> HttpResponse | None:
        return self._confirmar_e_fazer(request, linhas, REPETIR)

    @admin.action(description=gettext_lazy("Descartar"))
    def descartar(
        self, request: HttpRequest, linhas: QuerySet[Any]
    ) -> HttpResponse | None:
        return self._confirmar_e_fazer(request, linhas, DESCARTAR)

    def _confirmar_e_fazer(
        self, request: HttpRequest, linhas: QuerySet[Any], verbo: Verbo
    ) -> HttpResponse | None:
        """Show how many it is; do it once that very number was confirmed."""
        paradas = linhas.filter(verbo.quais).order_by("pk")
        todas = request.POST.get("select_across") == "1"
        if todas and request.GET.get("motivo") != Motivo.DESCARTADA:
            # What somebody gave up comes back by being named, never among others.
            paradas = paradas.exclude(_DESCARTADA)
        total = paradas.count()
        if total and request.POST.get("confirmados") == str(total):
            self._fazer(request, paradas, verbo, total)
            return None
        if not total:
            messages.warning(request, _("Nada aqui está parado: não há o que fazer."))
            return None
        contexto = {
            **self.admin_site.each_context(request),
            "title": verbo.titulo,
            "opts": self.opts,
            "verbo": verbo,
            "total": total,
            "agora": min(total, turnos.NO_MAXIMO),
            "incertas": paradas.filter(INCERTA).count(),
            "mudou": "confirmados" in request.POST,
            "escolhidas": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "todas": todas,
            "amostra": paradas.select_related("organizacao")[:10],
        }
        return TemplateResponse(request, "admin/confirmar_verbo.html", contexto)

    def _fazer(
        self, request: HttpRequest, linhas: Any, verbo: Verbo, total: int
    ) -> None:
        nome = str(getattr(request.user, "nome", ""))
        conta = turnos.fazer(
            linhas[: turnos.NO_MAXIMO],
            lambda linha: verbo.fazer(linha, nome),
            acao=verbo.acao,
            autor=request.user,
            ip=auditoria.endereco_ip(request),
        )
        if conta.feitas:
            texto = ngettext(
                "%(verbo)s: %(n)d item.", "%(verbo)s: %(n)d itens.", conta.feitas
            ) % {"verbo": verbo.botao, "n": conta.feitas}
            messages.success(request, texto)
        if conta.recusadas:
            texto = ngettext(
                "%(n)d item já tinha andado e ficou como está.",
                "%(n)d itens já tinham andado e ficaram como estão.",
                conta.recusadas,
            )
            messages.warning(request, texto % {"n": conta.recusadas})
        if resto := total - conta.vistas:
            texto = ngettext(
                "Falta %(n)d item: repita a ação para continuar.",
                "Faltam %(n)d itens: repita a ação para continuar.",
                resto,
            )
            messages.warning(request, texto % {"n": resto})
