"""What people change about themselves."""

from __future__ import annotations

from typing import Any

from conexoes import auditoria
from crm.models import Usuario


def alterar(pessoa: Usuario, **campos: Any) -> None:
    """Write one's own ``nome``, ``tema`` and ``idioma``; what changed is audited."""
    mudados = [nome for nome, valor in campos.items() if getattr(pessoa, nome) != valor]
    if not mudados:
        return
    for nome in mudados:
        setattr(pessoa, nome, campos[nome])
    pessoa.save(update_fields=[*mudados, "atualizado_em"])
    auditoria.registrar(
        "perfil.alterado",
        organizacao=pessoa.organizacao_id,
        autor=pessoa,
        objeto=f"usuario:{pessoa.pk}",
        campos=mudados,
    )
