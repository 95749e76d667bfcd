"""A pipeline with deals, and somebody who listens to what happens to them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from conexoes import provedores
from conexoes.models import EventoPendente
from conexoes.provedores import Destino, Provedor
from conexoes.retentativas import OPERACOES
from conexoes.tenancy import na, sistema
from crm.models import Contato, EtapaFunil, Oportunidade, Usuario
from crm.services import funis, oportunidades

EVENTOS = (
    "contato.mql",
    "oportunidade.criada",
    "oportunidade.ganha",
    "oportunidade.movida",
    "oportunidade.perdida",
)


def etapas(organizacao: Any) -> list[EtapaFunil]:
    """The stages of the organisation's default pipeline."""
    with na(organizacao):
        return list(funis.etapas_do(funis.funil_padrao(organizacao)))


def nova(
    contato: Contato, titulo: str = "Apartamento", valor: Any = None, **campos: Any
) -> Oportunidade:
    with na(contato.organizacao_id):
        return oportunidades.criar(
            contato,
            titulo=titulo,
            valor=None if valor is None else Decimal(valor),
            **campos,
        )


def colega(organizacao: Any, nome: str = "Nina Nunes", **campos: Any) -> Usuario:
    with sistema("comando"):
        return Usuario.objects.create_user(
            f"{nome.split()[0].lower()}@exemplo.test",
            "x",
            nome=nome,
            organizacao=organizacao,
            **{"papel": "member", **campos},
        )


def ouvir(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an integration listen to all that happens to deals and contacts."""
    monkeypatch.setattr(provedores, "_registrados", dict(provedores._registrados))
    provedores.registrar(
        Provedor(
            slug="ouvinte",
            nome="Ouvinte",
            descricao="",
            icone="",
            tom="",
            url="inicio",
            acao_permitida="",
            cartao=lambda organizacao, usuario: None,  # type: ignore[arg-type,return-value]
            destinos={
                "ouvinte.tudo": Destino(lambda linha: None, OPERACOES["enviar_capi"])
            },
            eventos=dict.fromkeys(EVENTOS, "ouvinte.tudo"),
        )
    )


def contados() -> list[EventoPendente]:
    """What was told to it, in order."""
    with sistema("comando"):
        return list(
            EventoPendente.objects.filter(destino="ouvinte.tudo").order_by("pk")
        )
