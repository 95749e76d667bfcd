"""Where the pages and the sandbox listen, and the addresses that follow from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from socket import socket
from typing import Final, Self

from script import portas
from script.console import Falha, dizer
from script.portas import LOCAL

SENHA: Final = "demonstracao"
PESSOAS: Final = (
    ("admin@aurora.example", "administração, Aurora Imóveis"),
    ("membro@aurora.example", "equipe, Aurora Imóveis"),
    ("admin@brisa.example", "administração, Brisa Odontologia"),
    ("membro@brisa.example", "equipe, Brisa Odontologia"),
    ("super@conexoes.example", "super admin"),
)


@dataclass(frozen=True)
class Enderecos:
    """The sockets that the pages and, if there is one, the sandbox will serve."""

    maquina: str
    url_publica: str
    web: socket
    sandbox: socket | None
    # The simulator's mail server binds by itself; "" when mail goes elsewhere.
    email_url: str
    smtp: int

    @classmethod
    def escolher(cls, ambiente: Mapping[str, str], *, com_sandbox: bool) -> Self:
        """Take the wanted ports or, saying so, the next free ones. Raises ``Falha``."""
        maquina = ambiente.get("HOST", LOCAL)
        web = _escutar("PORT", 8000, ambiente, maquina)
        sandbox, smtp = None, 0
        email_url = ambiente.get("EMAIL_URL", "")
        if com_sandbox:
            sandbox = _escutar("SANDBOX_PORT", 8100, ambiente, LOCAL)
        if sandbox and not email_url:
            smtp = portas.proxima(8125)
            email_url = f"smtp://{LOCAL}:{smtp}"
        url = ambiente.get("URL_PUBLICA")
        url = url or f"http://{_visivel(maquina)}:{portas.numero(web)}"
        return cls(maquina, url.rstrip("/"), web, sandbox, email_url, smtp)

    @property
    def url_sandbox(self) -> str:
        """The sandbox's address, empty without it."""
        return f"http://{LOCAL}:{portas.numero(self.sandbox)}" if self.sandbox else ""

    def variaveis(self) -> dict[str, str]:
        """What the settings learn from it."""
        return {
            "URL_PUBLICA": self.url_publica,
            "SANDBOX_URL": self.url_sandbox,
            "SANDBOX_SMTP_PORTA": str(self.smtp or ""),
            "EMAIL_URL": self.email_url,
        }

    def portas(self) -> dict[str, int]:
        """The ports by the name of their process."""
        soquetes = {"web": self.web, "sandbox": self.sandbox}
        return {nome: portas.numero(s) for nome, s in soquetes.items() if s}

    def saude(self) -> str:
        """Where this machine asks whether the pages answer."""
        return f"http://{_visivel(self.maquina)}:{portas.numero(self.web)}/healthz"

    def apresentacao(self) -> Iterator[str]:
        """What the person at the terminal needs to begin."""
        yield f"\n  Conexões está no ar:            {self.url_publica}"
        if self.sandbox:
            yield f"  Sandbox (provedores simulados):  {self.url_sandbox}/"
            if self.smtp:
                yield f"  E-mails que o sistema enviou:    {self.url_sandbox}/correio/"
            yield f"\n  Entre com um destes e-mails e a senha “{SENHA}”:"
            for pessoa, papel in PESSOAS:
                yield f"    {pessoa:<24} {papel}"
        else:
            yield "  Primeiro acesso:                script/manage createsuperuser"
        yield "\n  Ctrl-C para tudo.\n"


def _escutar(
    variavel: str, padrao: int, ambiente: Mapping[str, str], maquina: str
) -> socket:
    if pedida := ambiente.get(variavel):
        if not pedida.isdecimal() or not 0 < int(pedida) < 65536:
            raise Falha(f"{variavel}={pedida} não é uma porta.")
        # Whoever names a port has told others about it: do not move away from it.
        soquete = portas.escutar(int(pedida), maquina)
        if soquete is None:
            raise Falha(f"Não consegui a porta {pedida} de {maquina} ({variavel}).")
        return soquete
    soquete = portas.escutar_de(padrao, maquina)
    if portas.numero(soquete) != padrao:
        dizer(f"A porta {padrao} está ocupada; uso a {portas.numero(soquete)}.")
    return soquete


def _visivel(maquina: str) -> str:
    if maquina in ("0.0.0.0", "::"):
        return LOCAL
    return f"[{maquina}]" if ":" in maquina else maquina
