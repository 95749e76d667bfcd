"""Sessions: make, configure, start, stop, watch and remove them; QR and pairing."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from conexoes.erros import ErroPermanente, ErroTransitorio
from whatsapp import payloads
from whatsapp.client.servidor import Servidor, diz
from whatsapp.payloads import SessaoNoServidor


class Sessoes(Servidor):
    """The endpoints under /api/sessions and /api/{session}/auth."""

    def sessoes(self, *, prazo: float | None = None) -> list[SessaoNoServidor]:
        """Every session the server knows, stopped ones too; ``prazo`` in seconds."""
        corpo = self._pedir(
            "GET", "/api/sessions?all=true", "listar", espera_json=True, prazo=prazo
        )
        if not isinstance(corpo, list):
            # Taken for an empty list it would say that every session is gone.
            raise ErroTransitorio(_("O servidor WAHA respondeu algo ilegível."))
        return payloads.ler_sessoes(corpo)

    def criar_sessao(self, nome: str, config: dict[str, Any]) -> None:
        """Make the session and start it, or give an existing one this whole config.

        WAHA drops unknown fields in silence, so the echoed webhooks are compared;
        raises ``ErroPermanente`` when they differ.
        """
        corpo = {"name": nome, "config": config}
        try:
            eco = self._pedir("POST", "/api/sessions", "criar", corpo | {"start": True})
        except ErroPermanente as erro:
            if diz(erro, "support only 'default'"):
                raise ErroPermanente(
                    _(
                        "O servidor do WhatsApp (WAHA) é de uma versão antiga, que só"
                        " aceita uma sessão. Peça a quem administra o sistema para"
                        " atualizá-lo."
                    ),
                    status=erro.status,
                ) from erro
            if not diz(erro, "already exists"):
                raise
            self.configurar(nome, config)
            self.iniciar(nome)
            return
        _conferir_webhooks(eco, config)

    def configurar(self, nome: str, config: dict[str, Any]) -> None:
        """Replace the whole config; a running session stops and starts for it."""
        corpo = {"name": nome, "config": config}
        eco = self._pedir("PUT", f"/api/sessions/{nome}", "configurar", corpo)
        _conferir_webhooks(eco, config)

    def iniciar(self, nome: str) -> None:
        """Start the session; one that is already started is fine."""
        try:
            self._pedir("POST", f"/api/sessions/{nome}/start", "iniciar")
        except ErroPermanente as erro:
            if not diz(erro, "already started"):
                raise

    def reiniciar(self, nome: str) -> None:
        """Stop and start: after the last QR code expired, this brings a new one."""
        self._pedir("POST", f"/api/sessions/{nome}/restart", "reiniciar")

    def parar(self, nome: str) -> None:
        """Stop the session and keep its log-in; one that is not there is fine."""
        self._passo_tolerante(nome, "stop")

    def remover(self, nome: str) -> None:
        """Log out, stop and delete, in this order; a session already gone is fine.

        A log-out alone restarts a running session, which then shows QR codes for ever.
        """
        for passo in ("logout", "stop"):
            self._passo_tolerante(nome, passo)
        self._pedir("DELETE", f"/api/sessions/{nome}", "remover")

    def qr(self, nome: str) -> str:
        """The code to draw, or "" when the session no longer waits for a scan."""
        try:
            corpo = self._pedir("GET", f"/api/{nome}/auth/qr?format=raw", "qr")
        except ErroPermanente as erro:
            if erro.status not in (404, 422):
                raise
            return ""
        return str(corpo.get("value", "")) if isinstance(corpo, dict) else ""

    def pedir_codigo(self, nome: str, telefone: str) -> str:
        """A pairing code ("ABCD-1234") for ``telefone`` (E.164), "" if none now.

        Only while the session waits for a scan: before, WAHA would hang for minutes.
        """
        try:
            corpo = self._pedir(
                "POST",
                f"/api/{nome}/auth/request-code",
                "pedir_codigo",
                {"phoneNumber": telefone.lstrip("+")},
            )
        except ErroPermanente as erro:
            if erro.status not in (404, 422):
                raise
            return ""
        return str(corpo.get("code", ""))[:20] if isinstance(corpo, dict) else ""

    def _passo_tolerante(self, nome: str, passo: str) -> None:
        try:
            self._pedir("POST", f"/api/sessions/{nome}/{passo}", passo)
        except ErroPermanente as erro:
            if erro.status not in (404, 422):
                raise


def _conferir_webhooks(eco: Any, config: dict[str, Any]) -> None:
    # Old Core versions answer 201 with an empty body: nothing to compare.
    if not isinstance(eco, dict) or "config" not in eco:
        return
    if payloads.ler_webhooks(eco["config"]) != payloads.ler_webhooks(config):
        raise ErroPermanente(
            _("O servidor WAHA não aceitou a configuração de webhooks.")
        )
