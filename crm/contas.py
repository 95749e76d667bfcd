"""Log-in rules: people are invited, nobody signs up."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm, ResetPasswordForm
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from conexoes import cofre
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


class EntrarForm(LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail")


class EsqueciForm(ResetPasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")


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
