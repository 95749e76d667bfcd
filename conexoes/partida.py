"""What must hold before a process serves: the key, the roles, the canary.

Called by the web and the workers when they start, never by ``AppConfig.ready``, so
that ``manage.py cofre gerar`` works on a machine that has no key yet.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from conexoes import cofre
from conexoes.tenancy import sistema
from conexoes.verificacoes import conferir_producao

_PAPEL = """
    SELECT r.rolsuper, r.rolbypassrls,
           EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = r.oid),
           pg_has_role(current_user, 'conexoes_sistema', 'USAGE')
    FROM pg_roles r WHERE r.rolname = current_user
"""


def conferir() -> None:
    """Raise ``ImproperlyConfigured``, saying how to mend it, unless all is well."""
    problemas = [p.msg for p in conferir_producao()]
    if problemas:
        raise ImproperlyConfigured(" ".join(problemas))
    envelope = cofre.canario()
    conferir_papel()
    conferir_canario(envelope)


def conferir_papel() -> None:
    """Refuse a database role that row-level security does not bind."""
    with connection.cursor() as cursor:
        cursor.execute(_PAPEL)
        superusuario, ignora, dona, herda = cursor.fetchone()
    for errado, motivo in (
        (superusuario, "é superusuário do PostgreSQL"),
        (ignora, "ignora a segurança por linha (BYPASSRLS)"),
        (dona, "é dono de tabelas"),
        (herda, "herda conexoes_sistema e veria todas as organizações"),
    ):
        if errado:
            usuario = settings.DATABASES["default"]["USER"]
            raise ImproperlyConfigured(
                f"O papel do banco em DATABASE_URL ({usuario}) {motivo}."
                " Use conexoes_app e refaça os papéis: manage.py papeis."
            )


def conferir_canario(envelope: str) -> None:
    """Refuse a key other than the one that the stored secrets were written with."""
    canarios: Any = apps.get_model("conexoes", "Canario")
    with sistema("partida"):
        guardado, _ = canarios.objects.get_or_create(
            pk=1, defaults={"envelope": envelope}
        )
    cofre.conferir_canario(guardado.envelope)
