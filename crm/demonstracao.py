"""Who lives in the demo: two organisations, so that isolation can be seen."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

SENHA: Final = "demonstracao"

# (organisation, [(e-mail, name, role)], [(contact, phone, e-mail)])
ORGANIZACOES: Final = (
    (
        "Aurora Imóveis",
        (
            ("admin@aurora.example", "Joana Siqueira", "admin"),
            ("membro@aurora.example", "Rafael Nogueira", "member"),
        ),
        (
            ("Carlos Lima", "(31) 98888-7777", "carlos.lima@cliente.example"),
            ("Beatriz Ramos", "(11) 97777-1234", "bia@cliente.example"),
            ("Água Viva Condomínio", "(21) 3333-4455", "sindico@cliente.example"),
            ("Zélia Prado", "", "zelia@cliente.example"),
        ),
    ),
    (
        "Brisa Odontologia",
        (
            ("admin@brisa.example", "Marcos Teixeira", "admin"),
            ("membro@brisa.example", "Luana Castro", "member"),
        ),
        (
            ("Patrícia Gomes", "(41) 99999-0001", "patricia@cliente.example"),
            ("Otávio Nunes", "(41) 98765-4321", ""),
        ),
    ),
)
SUPER_ADMIN: Final = ("super@conexoes.example", "Sônia Prates")


def acessos() -> list[dict[str, str]]:
    """The demo's log-ins, for the log-in page: e-mail, role, organisation, password."""
    papeis = {"admin": _("Administração"), "member": _("Equipe de vendas")}
    pessoas = [
        {"email": email, "papel": papeis[papel], "organizacao": nome, "senha": SENHA}
        for nome, equipe, _contatos in ORGANIZACOES
        for email, _nome, papel in equipe
    ]
    email, _nome = SUPER_ADMIN
    dona = {
        "email": email,
        "papel": _("Super admin"),
        "organizacao": "",
        "senha": SENHA,
    }
    return [*pessoas, dona]
