"""The second step of the log-in: allauth's journeys, in our words, audited."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import clear_authentication_records
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.base.views import AuthenticateView, ReauthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import (
    DownloadRecoveryCodesView,
    GenerateRecoveryCodesView,
    ViewRecoveryCodesView,
)
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from conexoes import segundo_fator
from conexoes.requisicao import Requisicao
from crm.services import duas_etapas as servico


class _ComCodigo:
    """The field as a phone's keyboard and password managers like it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        campo = self.fields["code"]  # type: ignore[attr-defined]
        campo.label = _("Código")
        campo.widget.attrs = {
            "autocomplete": "one-time-code",
            "inputmode": "numeric",
            "autofocus": True,
            "maxlength": 20,
        }


class _EntrarForm(_ComCodigo, segundo_fator.CodigoForm):
    pass


class _ConfirmarForm(_ComCodigo, segundo_fator.ConfirmarForm):
    pass


class _AtivarForm(_ComCodigo, ActivateTOTPForm):  # type: ignore[misc]
    pass


class _Ativar(ActivateTOTPView):  # type: ignore[misc]
    form_class = _AtivarForm

    def form_valid(self, form: Any) -> HttpResponse:
        resposta: HttpResponse = super().form_valid(form)
        pessoa = self.request.user
        servico.ligou(pessoa)
        # This device just showed a code: it stays in, and counts as proved.
        update_session_auth_hash(self.request, pessoa)
        autenticador = Authenticator.objects.get(
            user=pessoa, type=Authenticator.Type.TOTP
        )
        post_authentication(self.request, autenticador, reauthenticated=True)
        return resposta

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        contexto: dict[str, Any] = super().get_context_data(**kwargs)
        return contexto | {"exigida": segundo_fator.falta(self.request)}


class _Desativar(DeactivateTOTPView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        resposta: HttpResponse = super().form_valid(form)
        servico.desligou(self.request.user)
        update_session_auth_hash(self.request, self.request.user)
        # What a code proved counts no more: a super admin activates anew at once.
        clear_authentication_records(self.request)
        return resposta


class _NovaReserva(GenerateRecoveryCodesView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        resposta: HttpResponse = super().form_valid(form)
        servico.renovou_reserva(self.request.user)
        return resposta


class _BaixarReserva(DownloadRecoveryCodesView):  # type: ignore[misc]
    def render_to_response(self, context: Any, **kwargs: Any) -> HttpResponse:
        resposta: HttpResponse = super().render_to_response(context, **kwargs)
        nome = "conexoes-codigos-de-reserva.txt"
        resposta["Content-Disposition"] = f'attachment; filename="{nome}"'
        return resposta


@require_GET
@login_required
def inicio(request: Requisicao) -> HttpResponse:
    """Where the second step is dealt with: one's profile, or what must come first."""
    if not segundo_fator.falta(request):
        return redirect(reverse("perfil") + "#seguranca")
    if servico.ativada(request.user):
        return redirect("mfa_reauthenticate")
    return redirect("mfa_activate_totp")


entrar = never_cache(AuthenticateView.as_view(form_class=_EntrarForm))
confirmar = never_cache(ReauthenticateView.as_view(form_class=_ConfirmarForm))
ativar = never_cache(_Ativar.as_view())
desativar = never_cache(_Desativar.as_view())
reserva = never_cache(ViewRecoveryCodesView.as_view())
nova_reserva = never_cache(_NovaReserva.as_view())
baixar_reserva = never_cache(_BaixarReserva.as_view())
