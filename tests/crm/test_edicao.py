"""Forms that two people have open at once: neither writes over the other."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from conexoes.models import ConfiguracaoTenant, RegistroAuditoria
from conexoes.tenancy import na, sistema
from crm.models import CampoPersonalizado, Organizacao, RespostaRapida, Usuario
from tests.telas import como_mostrado

pytestmark = pytest.mark.django_db

Entrar = Callable[[str], Client]
AJUSTES = "/configuracoes/"


def os_dois(
    navegador: Client, url: str, primeiro: dict[str, str], segundo: dict[str, str]
) -> None:
    """Open a form twice, then save one change in each."""
    visto = como_mostrado(navegador.get(url).content)
    for mudado in (primeiro, segundo):
        assert navegador.post(url, visto | mudado).status_code == 302


def lido(modelo: Any, linha: Any) -> Any:
    with sistema("comando"):
        return modelo.objects.get(pk=linha.pk)


def test_a_ready_text_keeps_the_text_that_a_colleague_wrote(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    with na(gente.aurora):
        visita = RespostaRapida.objects.create(
            organizacao=gente.aurora, atalho="visita", texto="Oi!\nQuando?"
        )

    os_dois(
        entrar("bruno"),
        f"{AJUSTES}respostas-rapidas/{visita.pk}/",
        {"texto": "Olá!\nQual dia?"},
        {"atalho": "agendar"},
    )

    visita = lido(RespostaRapida, visita)
    assert (visita.atalho, visita.texto) == ("agendar", "Olá!\nQual dia?")


def test_an_own_field_keeps_the_options_that_a_colleague_added(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    with na(gente.aurora):
        bairro = CampoPersonalizado.objects.create(
            organizacao=gente.aurora,
            nome="Bairro",
            tipo="escolha",
            opcoes=["Centro", "Lourdes"],
        )

    os_dois(
        entrar("ana"),
        f"{AJUSTES}campos/{bairro.pk}/",
        {"opcoes": "Centro\r\nLourdes\r\nSavassi"},
        {"nome": "Região"},
    )

    bairro = lido(CampoPersonalizado, bairro)
    assert (bairro.nome, bairro.tipo) == ("Região", "escolha")
    assert bairro.opcoes == ["Centro", "Lourdes", "Savassi"]


def test_who_only_corrects_a_name_gives_no_role_and_no_permission_back(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    with sistema("comando"):
        carla = Usuario.objects.create_user(
            "carla2@aurora.test",
            "x",
            nome="Carla",
            papel="admin",
            organizacao=gente.aurora,
        )

    os_dois(
        entrar("ana"),
        f"{AJUSTES}equipe/{carla.pk}/",
        {"papel": "member", "meta_lead_ads": "on"},
        {"nome": "Carla Lima"},
    )

    carla = lido(Usuario, carla)
    assert (carla.nome, carla.papel) == ("Carla Lima", "member")
    assert carla.permissoes_conexoes == {
        "meta_lead_ads": True,
        "instagram_direct": False,
    }


def test_a_profile_keeps_the_name_that_an_admin_corrected(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    bruno, url = entrar("bruno"), "/conta/perfil/"
    visto = como_mostrado(bruno.get(url).content)
    with sistema("comando"):
        Usuario.objects.filter(pk=gente.bruno.pk).update(nome="Bruno Braga")

    bruno.post(url, visto | {"tema": "escuro"})

    bruno_agora = lido(Usuario, gente.bruno)
    assert (bruno_agora.nome, bruno_agora.tema) == ("Bruno Braga", "escuro")


def test_the_organisation_keeps_what_another_admin_chose(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    os_dois(
        entrar("ana"),
        f"{AJUSTES}organizacao/",
        {"capi_max_retries": "9", "desativar_retry_capi": "on"},
        {"nome": "Aurora Casas"},
    )

    assert lido(Organizacao, gente.aurora).nome == "Aurora Casas"
    with sistema("comando"):
        [linha] = ConfiguracaoTenant.objects.all()
        mudancas = RegistroAuditoria.objects.filter(acao="organizacao.configurada")
        campos = [m.detalhes["campos"] for m in mudancas.order_by("pk")]
    assert linha.configuracoes_extra["retry_config"] == {
        "capi_max_retries": 9,
        "desativar_retry_capi": True,
    }
    assert campos == [
        ["retry_config.capi_max_retries", "retry_config.desativar_retry_capi"],
        ["nome"],
    ]
