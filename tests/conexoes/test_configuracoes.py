"""What an organisation chose: read by the engine, changed by page and API."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conexoes import configuracoes, provedores
from conexoes.configuracoes import Retentativas
from conexoes.erros import ErroTransitorio
from conexoes.models import (
    ConfiguracaoTenant,
    EventoPendente,
    Motivo,
    RegistroAuditoria,
    Status,
)
from conexoes.provedores import Destino
from conexoes.retentativas import OPERACOES
from conexoes.tenancy import na, sistema
from tests.conexoes.conftest import Ensaio, intento, tentar

pytestmark = pytest.mark.django_db

Entrar = Callable[[str], Client]
Token = Callable[[str], dict[str, str]]
URL = "/configuracoes/organizacao/"
API = "/api/v1/organizacao/configuracoes/"
HTMX = {"HX-Request": "true"}
FORM = {
    "nome": "Aurora Imóveis",
    "confirmar_leitura": "on",
    "capi_max_retries": "5",
    "webhook_max_retries": "5",
}
PADRAO = {
    "capi_max_retries": 5,
    "webhook_max_retries": 5,
    "desativar_retry_capi": False,
}


def guardado(organizacao: Any) -> Any:
    with sistema("comando"):
        linha = ConfiguracaoTenant.objects.filter(organizacao=organizacao).first()
    return linha and linha.configuracoes_extra


def escrever(organizacao: Any, extra: Any) -> None:
    """By hand, as the PRD's SQL does."""
    with sistema("comando"):
        ConfiguracaoTenant.objects.update_or_create(
            organizacao=organizacao, defaults={"configuracoes_extra": extra}
        )
    configuracoes.esquecer()


def ler(organizacao: Any) -> Retentativas:
    with na(organizacao):
        return configuracoes.ler(organizacao).retry_config


def auditados() -> list[Any]:
    with sistema("comando"):
        linhas = RegistroAuditoria.objects.filter(acao="organizacao.configurada")
        return [(linha.autor_nome, linha.detalhes["campos"]) for linha in linhas]


# --- What is stored ----------------------------------------------------------


def test_without_a_choice_the_prds_table_holds(gente: SimpleNamespace) -> None:
    assert ler(gente.aurora) == Retentativas(5, 5, desativar_retry_capi=False)
    assert guardado(gente.aurora) is None


@pytest.mark.parametrize(
    ("extra", "lido"),
    [
        ({"retry_config": {"capi_max_retries": 3}}, Retentativas(3, 5)),
        ({"retry_config": {"capi_max_retries": 0}}, Retentativas(1, 5)),
        ({"retry_config": {"webhook_max_retries": 10**9}}, Retentativas(5, 20)),
        ({"retry_config": {"capi_max_retries": "7"}}, Retentativas(5, 5)),
        ({"retry_config": {"capi_max_retries": True}}, Retentativas(5, 5)),
        ({"retry_config": {"capi_max_retries": 2.5}}, Retentativas(5, 5)),
        ({"retry_config": {"desativar_retry_capi": "true"}}, Retentativas(5, 5)),
        ({"retry_config": {"desativar_retry_capi": True}}, Retentativas(5, 5, True)),
        ({"retry_config": [1]}, Retentativas(5, 5)),
        ({"retry_config": None}, Retentativas(5, 5)),
        ([], Retentativas(5, 5)),
        ("nada", Retentativas(5, 5)),
    ],
)
def test_what_was_written_by_hand_is_read_with_care(
    gente: SimpleNamespace, extra: Any, lido: Retentativas
) -> None:
    escrever(gente.aurora, extra)

    assert ler(gente.aurora) == lido
    assert ler(gente.brisa) == Retentativas()


def test_change_mends_what_was_written_by_hand(gente: SimpleNamespace) -> None:
    escrever(gente.aurora, ["nada"])

    with na(gente.aurora):
        configuracoes.alterar(
            gente.aurora, {"retry_config": {"capi_max_retries": 9}}, autor=gente.ana
        )

    assert guardado(gente.aurora) == {"retry_config": {"capi_max_retries": 9}}


# --- The engine --------------------------------------------------------------


@pytest.fixture
def webhook_de_saida(ensaio: Ensaio) -> str:
    """Work of the operation ``enviar_webhook``, as an integration would declare it."""
    webhook = Destino(ensaio.fazer, OPERACOES["enviar_webhook"], chama_fora=True)
    provedores.registrar_destino("teste.webhook", webhook)
    return "teste.webhook"


def falhar(erro: Exception) -> Callable[[Any], None]:
    def verbo(linha: Any) -> None:
        raise erro

    return verbo


def ate_a_cauda(linha: Any) -> tuple[int, str, str]:
    """Attempts until the row is no longer tried every few seconds."""
    while (linha := tentar(linha)).motivo == Motivo.RETRY:
        pass
    return linha.tentativas, linha.status, linha.motivo


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("destino", "retry", "tentativas"),
    [
        ("teste.cauda", {}, 5),
        ("teste.cauda", {"capi_max_retries": 2}, 2),
        ("teste.cauda", {"capi_max_retries": 7}, 7),
        ("teste.cauda", {"webhook_max_retries": 2}, 5),
        ("teste.webhook", {"webhook_max_retries": 2}, 2),
        ("teste.webhook", {"capi_max_retries": 2}, 5),
    ],
)
def test_attempts_are_as_many_as_the_organisation_chose(
    gente: SimpleNamespace,
    ensaio: Ensaio,
    webhook_de_saida: str,
    destino: str,
    retry: dict[str, int],
    tentativas: int,
) -> None:
    escrever(gente.aurora, {"retry_config": retry})
    ensaio.verbo = falhar(ErroTransitorio("fora"))

    linha = intento(gente.aurora, destino=destino)

    assert linha.max_tentativas == tentativas
    assert ate_a_cauda(linha) == (tentativas, Status.PENDENTE, Motivo.CAUDA)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "erro", [ErroTransitorio("fora"), ErroTransitorio("429", limitado=True)]
)
def test_no_retry_means_one_call_and_no_long_tail(
    gente: SimpleNamespace, ensaio: Ensaio, erro: Exception
) -> None:
    escrever(gente.aurora, {"retry_config": {"desativar_retry_capi": True}})
    ensaio.verbo = falhar(erro)

    linha = tentar(intento(gente.aurora, destino="teste.cauda"))

    assert (linha.status, linha.motivo) == (Status.FALHOU, Motivo.ESGOTADA)
    assert (linha.tentativas, linha.max_tentativas) == (1, 1)
    assert len(ensaio.vistas) == 1


@pytest.mark.django_db(transaction=True)
def test_no_retry_of_conversions_leaves_other_work_alone(
    gente: SimpleNamespace, ensaio: Ensaio, webhook_de_saida: str
) -> None:
    escrever(gente.aurora, {"retry_config": {"desativar_retry_capi": True}})
    ensaio.verbo = falhar(ErroTransitorio("fora"))

    assert tentar(intento(gente.aurora, destino="teste.chat")).motivo == Motivo.RETRY
    assert tentar(intento(gente.aurora, destino="teste.webhook")).motivo == Motivo.RETRY
    assert tentar(intento(gente.brisa, destino="teste.cauda")).motivo == Motivo.RETRY


@pytest.mark.django_db(transaction=True)
def test_choice_made_on_the_page_governs_what_already_waits(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    ensaio.verbo = falhar(ErroTransitorio("fora"))
    linha = tentar(intento(gente.aurora, destino="teste.cauda"))
    assert (linha.motivo, linha.max_tentativas) == (Motivo.RETRY, 5)

    entrar("ana").post(URL, FORM | {"desativar_retry_capi": "on"})
    linha = tentar(linha)

    assert (linha.status, linha.motivo) == (Status.FALHOU, Motivo.ESGOTADA)
    assert (linha.tentativas, linha.max_tentativas) == (2, 1)


@pytest.mark.django_db(transaction=True)
def test_engine_asks_once_for_many_rows(gente: SimpleNamespace, ensaio: Ensaio) -> None:
    with CaptureQueriesContext(
        connection,
    ) as consultas:
        for _ in range(5):
            intento(gente.aurora, destino="teste.cauda")
            intento(gente.aurora, destino="teste.chat")

    lidas = [c for c in consultas if "configuracoes_tenant" in c["sql"]]
    assert len(lidas) == 1
    with sistema("comando"):
        assert EventoPendente.objects.count() == 10


# --- The page ----------------------------------------------------------------


def test_admin_changes_the_name_and_the_choices(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    ana = entrar("ana")
    dados = {"nome": "  Aurora\n Casas ", "capi_max_retries": "3"}

    resposta = ana.post(
        URL, {**dados, "webhook_max_retries": "5", "desativar_retry_capi": "on"}
    )

    assert (resposta.status_code, resposta["Location"]) == (302, URL)
    assert guardado(gente.aurora) == {
        "confirmar_leitura": False,
        "retry_config": {"capi_max_retries": 3, "desativar_retry_capi": True},
    }
    assert auditados() == [
        (
            "Ana Alves",
            [
                "nome",
                "confirmar_leitura",
                "retry_config.capi_max_retries",
                "retry_config.desativar_retry_capi",
            ],
        )
    ]
    pagina = ana.get(URL).content.decode()
    assert 'value="Aurora Casas"' in pagina
    assert "Configurações salvas." in pagina
    assert guardado(gente.brisa) is None


def test_saving_what_holds_already_changes_nothing(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    pagina = entrar("ana").post(URL, FORM, follow=True).content.decode()

    assert "Nada mudou." in pagina
    assert auditados() == []
    assert not guardado(gente.aurora)


@pytest.mark.parametrize(
    ("campo", "valor"),
    [
        ("nome", ""),
        ("nome", " \n "),
        ("nome", "x" * 256),
        ("nome", "a\x00b"),
        ("capi_max_retries", "0"),
        ("capi_max_retries", "21"),
        ("capi_max_retries", "-1"),
        ("webhook_max_retries", "muitas"),
        ("webhook_max_retries", ""),
        ("webhook_max_retries", "9" * 400),
    ],
)
def test_bad_value_is_said_beside_its_field(
    gente: SimpleNamespace, entrar: Entrar, campo: str, valor: str
) -> None:
    resposta = entrar("ana").post(URL, FORM | {campo: valor})

    assert resposta.status_code == 422
    assert list(resposta.context["form"].errors) == [campo]
    assert guardado(gente.aurora) is None
    assert auditados() == []


@pytest.mark.parametrize("metodo", ["get", "post"])
def test_member_is_refused_and_it_is_audited(
    gente: SimpleNamespace, entrar: Entrar, metodo: str
) -> None:
    resposta = getattr(entrar("bruno"), metodo)(URL, FORM | {"nome": "Bruno S.A."})

    assert resposta.status_code == 403
    assert guardado(gente.aurora) is None
    with sistema("comando"):
        recusa = RegistroAuditoria.objects.get(acao="acesso.recusado")
        gente.aurora.refresh_from_db()
    assert (recusa.autor_id, recusa.objeto) == (gente.bruno.pk, URL)
    assert gente.aurora.nome == "Aurora Imóveis"


def test_super_admin_changes_the_organisation_they_are_in(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    sofia = entrar("sofia")
    assert sofia.get(URL)["Location"] == "/organizacoes/"
    sofia.post("/organizacoes/trocar/", {"organizacao": str(gente.brisa.pk)})

    sofia.post(URL, FORM | {"nome": "Brisa", "capi_max_retries": "2"})

    assert guardado(gente.brisa) == {"retry_config": {"capi_max_retries": 2}}
    assert guardado(gente.aurora) is None
    assert auditados() == [("Sofia Souza", ["nome", "retry_config.capi_max_retries"])]


def test_page_is_in_the_menu_of_admins_alone(entrar: Entrar) -> None:
    assert URL in entrar("ana").get("/conversas/").content.decode()
    assert URL not in entrar("bruno").get("/conversas/").content.decode()


# --- The API -----------------------------------------------------------------


def test_api_shows_what_holds(gente: SimpleNamespace, token: Token) -> None:
    resposta = Client().get(API, headers=token("ana"))

    assert resposta.status_code == 200
    assert resposta.json() == {
        "nome": "Aurora Imóveis",
        "confirmar_leitura": True,
        "retry_config": PADRAO,
        "recursos": [
            {
                "recurso": "whatsapp_session",
                "nome": "WhatsApp por QR Code",
                "ativo": True,
            },
            {"recurso": "meta_lead_ads", "nome": "Meta Lead Ads", "ativo": True},
        ],
    }


def test_api_changes_a_part_and_leaves_the_rest(
    gente: SimpleNamespace, token: Token
) -> None:
    escrever(gente.aurora, {"de_outro": 1, "retry_config": {"capi_max_retries": 8}})
    cabecalhos = token("ana")

    resposta = Client().patch(
        API,
        {
            "retry_config": {"webhook_max_retries": 1},
            "organizacao_id": str(gente.brisa.pk),
            "recursos": [],
        },
        content_type="application/json",
        headers=cabecalhos,
    )

    assert resposta.status_code == 200
    assert resposta.json()["retry_config"] == {
        "capi_max_retries": 8,
        "webhook_max_retries": 1,
        "desativar_retry_capi": False,
    }
    assert guardado(gente.aurora) == {
        "de_outro": 1,
        "retry_config": {"capi_max_retries": 8, "webhook_max_retries": 1},
    }
    assert auditados() == [("Ana Alves", ["retry_config.webhook_max_retries"])]
    assert guardado(gente.brisa) is None


@pytest.mark.parametrize(
    ("pedido", "campo"),
    [
        ({"nome": ""}, "nome"),
        ({"nome": None}, "nome"),
        ({"nome": "a\x00"}, "nome"),
        ({"confirmar_leitura": "talvez"}, "confirmar_leitura"),
        ({"retry_config": {"capi_max_retries": 0}}, "retry_config"),
        ({"retry_config": {"capi_max_retries": 21}}, "retry_config"),
        ({"retry_config": {"desativar_retry_capi": None}}, "retry_config"),
        ({"retry_config": None}, "retry_config"),
        ({"retry_config": []}, "retry_config"),
        ([], "non_field_errors"),
    ],
)
def test_api_says_which_field_is_wrong(
    gente: SimpleNamespace, token: Token, pedido: Any, campo: str
) -> None:
    resposta = Client().patch(
        API, pedido, content_type="application/json", headers=token("ana")
    )

    assert resposta.status_code == 400
    assert list(resposta.json()["erro"]["campos"]) == [campo]
    assert guardado(gente.aurora) is None


@pytest.mark.parametrize("metodo", ["get", "patch"])
def test_api_refuses_members_and_strangers(
    gente: SimpleNamespace, token: Token, metodo: str
) -> None:
    chamar = getattr(Client(), metodo)
    corpo = {"content_type": "application/json"} if metodo == "patch" else {}

    assert chamar(API, **corpo).status_code == 401
    assert chamar(API, **corpo, headers=token("bruno")).status_code == 403
    outra = token("ana") | {"X-Org-Id": str(gente.brisa.pk)}
    assert chamar(API, **corpo, headers=outra).status_code == 404
    assert guardado(gente.aurora) is None
