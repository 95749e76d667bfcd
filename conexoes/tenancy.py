"""Who the database believes we are: organisation, person and role of a transaction.

Row-level security is the second lock behind every query in code. Policies read three
transaction-local settings (``app.current_tenant``, ``app.current_user``,
``app.current_role``); the few jobs that cross organisations switch to the role
``conexoes_sistema``. Nothing is ever set for the session, so a pooled connection
carries no trace of the request before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

# Why code may cross organisations; every other reason is refused.
MOTIVOS: Final = {
    "admin": "the super admin's site",
    "autenticacao": "log-in, password and token views find the person",
    "comando": "management commands",
    "exclusao": "forget a person wherever they are, and say so on a public page",
    "fila": "claim, sweep and record rows of work",
    "partida": "checks at start-up",
    "retencao": "delete what is kept no longer",
    "webhook": "learn whose webhook this is",
}


class ErroDeTenancy(RuntimeError):
    """Code asked for another organisation inside an open context: a bug."""


@dataclass(frozen=True)
class Contexto:
    """What a transaction runs as; ``motivo`` is set when it crosses organisations."""

    organizacao_id: UUID | None = None
    usuario_id: UUID | None = None
    papel: str = ""
    motivo: str = ""


NENHUM: Final = Contexto()


def atual() -> Contexto:
    """The context of this thread's open transaction, or ``NENHUM`` outside one."""
    if not connection.in_atomic_block:
        return NENHUM
    contexto: Contexto = getattr(connection, "contexto_tenancy", NENHUM)
    return contexto


def em_transacao() -> bool:
    """Whether this thread has a transaction open: then it waits for nobody."""
    # Tests wrap themselves in transactions of their own; those do not count.
    blocos: list[Any] = connection.atomic_blocks
    return any(not bloco._from_testcase for bloco in blocos)


@contextmanager
def na(
    organizacao: Any, usuario: Any = None, papel: str | None = None
) -> Iterator[Contexto]:
    """Run a block in one transaction that sees only ``organizacao``.

    ``organizacao`` and ``usuario`` are objects with a ``pk``, or their UUID. Without
    ``usuario`` the block runs as the service itself, which the policies for personal
    rows let through. Raises ``ErroDeTenancy`` inside another organisation's context.
    """
    organizacao_id = _pk(organizacao)
    if organizacao_id is None:
        raise ErroDeTenancy("na() needs an organisation")
    aberto = atual()
    if aberto.organizacao_id not in (None, organizacao_id):
        raise ErroDeTenancy("another organisation's context is open")
    if papel is None:
        papel = "servico" if usuario is None else getattr(usuario, "papel", "member")
    with _contexto(Contexto(organizacao_id, _pk(usuario), papel)) as contexto:
        yield contexto


@contextmanager
def sistema(motivo: str) -> Iterator[Contexto]:
    """Run a block in one transaction as ``conexoes_sistema``, across organisations.

    ``motivo`` is a key of ``MOTIVOS``. Raises ``ErroDeTenancy`` for any other, and
    inside a person's request: there the listed views open it before anything else.
    """
    if motivo not in MOTIVOS:
        raise ErroDeTenancy(f"unlisted reason: {motivo!r}")
    if atual().usuario_id is not None:
        raise ErroDeTenancy("a person's request may not cross organisations")
    with _contexto(Contexto(motivo=motivo)) as contexto:
        yield contexto


@contextmanager
def pessoa(usuario_id: UUID | None) -> Iterator[Contexto]:
    """Open a request's transaction: it sees the person's own row and nothing else."""
    with _contexto(Contexto(usuario_id=usuario_id)) as contexto:
        yield contexto


def reconhecer(usuario_id: UUID) -> None:
    """Let an anonymous request's open transaction read the row of its person.

    Raises ``ErroDeTenancy`` when the request already has a person or crosses
    organisations.
    """
    if not connection.in_atomic_block or atual() != NENHUM:
        raise ErroDeTenancy("reconhecer() needs an anonymous request's transaction")
    _aplicar(Contexto(usuario_id=usuario_id))


def ativar(usuario: Any, organizacao_id: UUID) -> None:
    """Give the open request its organisation, once the person is known.

    Called by the middleware for sessions and by the API's token authentication.
    Raises ``ErroDeTenancy`` outside a transaction or when one is already active.
    """
    aberto = atual()
    if not connection.in_atomic_block or aberto.motivo:
        raise ErroDeTenancy("ativar() needs a request's open transaction")
    if aberto.organizacao_id not in (None, organizacao_id):
        raise ErroDeTenancy("another organisation's context is open")
    papel = "admin" if usuario.is_superuser else usuario.papel
    _aplicar(Contexto(organizacao_id, usuario.pk, papel))


@contextmanager
def _contexto(novo: Contexto) -> Iterator[Contexto]:
    anterior, de_fora = atual(), not connection.in_atomic_block
    with transaction.atomic():
        _aplicar(novo)
        try:
            yield novo
        except BaseException:
            # The rollback restores the settings in PostgreSQL; restore ours.
            connection.contexto_tenancy = anterior  # type: ignore[attr-defined]
            raise
        if connection.needs_rollback or de_fora:
            # The end of the transaction forgets the settings.
            connection.contexto_tenancy = anterior  # type: ignore[attr-defined]
        else:
            # SET LOCAL outlives RELEASE SAVEPOINT: put the outer context back by hand.
            _aplicar(anterior)


def _aplicar(contexto: Contexto) -> None:
    papel_do_banco = "conexoes_sistema" if contexto.motivo else "none"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('role', %s, true),"
            " set_config('app.current_tenant', %s, true),"
            " set_config('app.current_user', %s, true),"
            " set_config('app.current_role', %s, true)",
            [
                papel_do_banco,
                str(contexto.organizacao_id or ""),
                str(contexto.usuario_id or ""),
                contexto.papel,
            ],
        )
    connection.contexto_tenancy = contexto  # type: ignore[attr-defined]


def _pk(pessoa_ou_organizacao: Any) -> UUID | None:
    chave: UUID | None = getattr(pessoa_ou_organizacao, "pk", pessoa_ou_organizacao)
    return chave
