"""What a lead told, and what became of it; whatever channel it came by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Ficha:
    """What one lead told; ``chave`` names it for ever ("lead:<leadgen_id>").

    ``telefone`` is E.164 or "". ``campos`` are own fields by their id. ``contato_id``
    is who it was found to be before. Without ``etapa_id`` the deal begins in the first
    stage, without ``funil_id`` in the default pipeline; without ``responsavel_id`` it
    is whoever's the contact is, and dealt out when that is nobody.
    """

    chave: str
    origem: str
    nome: str = field(default="", repr=False)
    telefone: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    empresa: str = field(default="", repr=False)
    cargo: str = field(default="", repr=False)
    documento: str = field(default="", repr=False)
    cidade: str = field(default="", repr=False)
    estado: str = field(default="", repr=False)
    cep: str = field(default="", repr=False)
    nascimento: date | None = field(default=None, repr=False)
    campos: Mapping[str, Any] = field(default_factory=dict, repr=False)
    tags: tuple[str, ...] = ()
    contato_id: UUID | None = None
    funil_id: UUID | None = None
    etapa_id: UUID | None = None
    responsavel_id: UUID | None = None
    criar_oportunidade: bool = True
    titulo: str = field(default="", repr=False)
    valor: Decimal | None = None


@dataclass(frozen=True)
class Captado:
    """What became of one ``Ficha``.

    ``outro_contato_id`` is somebody else who has its e-mail: the phone decided, and
    nothing was united. ``ressalvas`` say what could not be as asked, in words.
    """

    contato_id: UUID
    contato_novo: bool
    oportunidade_id: UUID | None
    responsavel_id: UUID | None
    oportunidade_nova: bool = False
    outro_contato_id: UUID | None = None
    ressalvas: tuple[str, ...] = ()
