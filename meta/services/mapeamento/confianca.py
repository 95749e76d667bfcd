"""How sure a suggestion is."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Confianca(TextChoices):
    ALTA = "alta", _("Confiança alta")
    MEDIA = "media", _("Confiança média")
    BAIXA = "baixa", _("Confiança baixa")

    @property
    def peso(self) -> int:
        return {"alta": 3, "media": 2, "baixa": 1}[self.value]
