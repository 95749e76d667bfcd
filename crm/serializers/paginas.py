"""What every list takes: where it goes on, and how much at once."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework import serializers

from conexoes import listas

MAXIMO = 100


class QualPagina(serializers.Serializer[Any]):
    """Subclasses name the ``modelo`` and the ``campo`` that orders their list."""

    modelo: ClassVar[Any]
    campo: ClassVar[str]

    depois = serializers.CharField(
        required=False,
        max_length=700,
        help_text="Onde a página anterior parou; vem pronto em `proxima`.",
    )
    quantas = serializers.IntegerField(
        default=30, min_value=1, max_value=MAXIMO, help_text="Linhas por página."
    )

    def validate_depois(self, escrita: str) -> str:
        if not listas.e_chave(escrita, self.modelo, self.campo):
            raise serializers.ValidationError(
                _("Este não é o começo de uma página. Use o endereço em “proxima”.")
            )
        return escrita
