"""What an authorization leaves behind: rows, and the trail."""

from __future__ import annotations

from conexoes.models import RegistroAuditoria
from conexoes.tenancy import sistema
from meta.models import ConexaoMeta

LONGE = "EAABlongo"


def linhas() -> list[ConexaoMeta]:
    with sistema("comando"):
        return list(ConexaoMeta.objects.all())


def auditadas() -> list[str]:
    with sistema("comando"):
        return list(
            RegistroAuditoria.objects.filter(acao__startswith="meta.")
            .order_by("pk")
            .values_list("acao", flat=True)
        )
