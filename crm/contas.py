"""Log-in rules: people are invited, nobody signs up."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
)
from allauth.mfa.adapter import DefaultMFAAdapter
from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from conexoes import chaves, cofre
from crm.models import Usuario
from crm.services import senhas

# The library names no row when it encrypts, so the place is the column.
_SEGREDOS: Final = cofre.Contexto("mfa_authenticator", "data", "global", "segredo")


class Adaptador(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_password_reset_mail(
        self, user: Usuario, email: str, context: dict[str, Any]
    ) -> None:
        senhas.mandar_link(user)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Where it was asked from, not the empty form once more."""
        return reverse("perfil")


class EntrarForm(LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail")


class EsqueciForm(ResetPasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")


class _ComChaves(forms.Form):
    """Offers to end the person's API keys with their password: they outlive it.

    Nothing is ticked: programs that run in peace go on when a password is renewed.
    """

    user: Usuario | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.user is None or self.user.organizacao_id is None:
            return
        if quantas := chaves.ativas(self.user).count():
            rotulo = ngettext(
                "Revogar também a minha chave de API",
                "Revogar também as minhas %(n)d chaves de API",
                quantas,
            )
            self.fields["revogar_chaves"] = forms.BooleanField(
                label=rotulo % {"n": quantas}, required=False
            )

    def save(self) -> None:
        super().save()  # type: ignore[misc]
        if self.cleaned_data.get("revogar_chaves"):
            chaves.revogar_todas(self.user)


class MudarSenhaForm(_ComChaves, ChangePasswordForm):  # type: ignore[misc]
    """A new password by who knows the old one."""


class NovaSenhaForm(_ComChaves, ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password by who has the link."""


class AdaptadorDeDuasEtapas(DefaultMFAAdapter):  # type: ignore[misc]
    """The second step of the log-in; its secrets are sealed by the vault."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("Código incorreto. Confira o código que vale agora."),
    }

    def encrypt(self, text: str) -> str:
        return cofre.cifrar(text, contexto=_SEGREDOS)

    def decrypt(self, encrypted_text: str) -> str:
        return cofre.decifrar(encrypted_text, contexto=_SEGREDOS)
