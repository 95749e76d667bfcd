"""Pages full of rows, keys and codes, as who chose English reads them; and what such a
person decides there, as everybody else reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Final

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from uuid6 import uuid7

from conexoes.models import ChaveDeApi, EventoPendente, Notificacao, WebhookRecebido
from conexoes.tenancy import sistema
from tests.conexoes.conftest import entrega, escolher, intento, ler, mudar
from tests.conftest import SENHA
from tests.duas_etapas import ativar
from tests.textos import portugues_em

pytestmark = pytest.mark.django_db

Entrar = Callable[[str], Client]
FILA: Final = "/configuracoes/fila/"
WEBHOOKS: Final = "/configuracoes/webhooks/"
DUAS_ETAPAS: Final = "/conta/duas-etapas/"
CHAVES: Final = "/configuracoes/chaves-de-api/"
FORA: Final = "O servidor do WhatsApp não responde."
# Each state of a row, and the list it is in.
ESTADOS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "na_fila": ("esperando", {}),
    "retry": ("esperando", {"motivo": "retry", "ultimo_erro": FORA, "tentativas": 1}),
    "cauda": ("esperando", {"motivo": "cauda", "tentativas": 5}),
    "andamento": ("esperando", {"status": "processing", "tentativas": 1}),
    "pausada": ("pausados", {"motivo": "pausada", "proxima_tentativa": None}),
    "incerta": ("em_duvida", {"motivo": "incerta", "ultimo_erro": FORA}),
    "permanente": ("falharam", {"status": "failed", "motivo": "permanente"}),
    "envenenada": ("falharam", {"status": "failed", "motivo": "envenenada"}),
    "descartada": (
        "descartados",
        {
            "status": "failed",
            "motivo": "descartada",
            "ultimo_erro": "Descartado por Bruno Barros. Pode ter chegado: confira"
            " antes de repetir.",
        },
    ),
    "concluida": ("concluidos", {"status": "completed"}),
}


@pytest.fixture
def ana(gente: SimpleNamespace, entrar: Entrar) -> Client:
    """Aurora's admin, who reads English."""
    escolher(gente.ana, "en")
    return entrar("ana")


def abrir(quem: Client, caminho: str) -> str:
    return em_ingles(quem.get(caminho))


def em_ingles(resposta: Any) -> str:
    pagina: str = resposta.content.decode()
    assert resposta.status_code == 200, pagina[:300]
    assert portugues_em(pagina) == set()
    return pagina


def envio(gente: SimpleNamespace, **colunas: Any) -> EventoPendente:
    linha = intento(gente.aurora, destino="whatsapp.lid")
    daqui = timezone.now() + timedelta(minutes=2)
    agora = timezone.now()
    mudar(linha, **{"proxima_tentativa": daqui, "concluida_em": agora} | colunas)
    return linha


def recebido(organizacao: Any, **colunas: Any) -> WebhookRecebido:
    corpo = b'{"event": "message", "payload": {"n": 1, "body": "Oi"}}'
    linha = entrega(organizacao, endpoint="waha:aurora", corpo=corpo)
    mudar(linha, destino="waha.webhook", **colunas)
    return linha


@pytest.mark.parametrize("estado", ESTADOS)
def test_row_of_work_is_read_in_english(
    gente: SimpleNamespace, ana: Client, estado: str
) -> None:
    situacao, colunas = ESTADOS[estado]
    linha = envio(gente, **colunas)

    lista = abrir(ana, f"{FILA}?situacao={situacao}")
    abrir(ana, f"{FILA}{linha.pk}/")

    assert f'id="item-{linha.pk}"' in lista
    assert "Hidden number" in lista


def test_times_of_the_queue_are_read_in_english(
    gente: SimpleNamespace, ana: Client
) -> None:
    envio(gente, motivo="retry", ultimo_erro=FORA, tentativas=1)

    pagina = abrir(ana, FILA)

    assert "The WhatsApp server is not responding." in pagina
    assert "since today, " in pagina
    assert "attempt 1 of 5" in pagina
    assert "in 2 min, at " in pagina
    assert " AM" in pagina or " PM" in pagina


@pytest.mark.parametrize("verbo", ["tentar", "desistir"])
def test_bulk_action_is_read_in_english(
    gente: SimpleNamespace, ana: Client, verbo: str
) -> None:
    envio(gente, status="failed", motivo="permanente")
    pedido = {"onde": "fila", "verbo": verbo, "situacao": "falharam"}

    em_ingles(ana.get(f"{FILA}em-massa/", pedido))
    em_ingles(ana.post(f"{FILA}em-massa/", pedido, follow=True))
    em_ingles(ana.post(f"{FILA}em-massa/cancelar/", follow=True))

    with sistema("comando"):
        cancelada = EventoPendente.objects.get(destino="conexoes.em_massa")
    assert cancelada.ultimo_erro == "Ação cancelada por Ana Alves."
    assert "Action canceled by Ana Alves." in abrir(ana, FILA)


@pytest.mark.parametrize("estado", ["completed", "failed", "pending"])
def test_delivery_is_read_in_english(
    gente: SimpleNamespace, ana: Client, estado: str
) -> None:
    linha = recebido(gente.aurora, status=estado, ultimo_erro="")
    pagina = f"{WEBHOOKS}{linha.pk}/"

    assert "WhatsApp event" in abrir(ana, WEBHOOKS)
    assert "‹2 characters›" in abrir(ana, pagina)
    assert "As it arrived." in em_ingles(ana.post(f"{pagina}corpo/"))


def test_tray_of_what_is_nobodys_is_read_in_english(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    escolher(gente.sofia, "en")
    sofia = entrar("sofia")
    bandeja = reverse("conexoes:nao_atribuidos")

    assert "Everything has an owner" in abrir(sofia, bandeja)
    linha = recebido(None)
    abrir(sofia, bandeja)
    abrir(sofia, f"{bandeja}{linha.pk}/")


def test_keys_are_read_in_english(ana: Client) -> None:
    validades = {"Sem fim": "", "Um ano": "365"}
    for nome, validade in validades.items():
        formulario = {"id": str(uuid7()), "nome": nome, "escopos": ["contatos.ver"]}
        em_ingles(ana.post(f"{CHAVES}nova/", formulario | {"validade": validade}))
    with sistema("comando"):
        ChaveDeApi.objects.filter(nome="Um ano").update(
            expira_em=timezone.now() - timedelta(days=1)
        )

    pagina = abrir(ana, CHAVES)

    assert "Expired" in pagina
    assert "does not expire" in pagina
    recusada = ana.post(f"{CHAVES}nova/", {"nome": ""}).content.decode()
    assert "Choose at least one thing." in recusada
    assert portugues_em(recusada) == set()


def test_second_step_is_read_in_english(gente: SimpleNamespace, ana: Client) -> None:
    em_ingles(ana.get(f"{DUAS_ETAPAS}ativar/", follow=True))
    ana.post("/conta/reautenticar/", {"password": SENHA})
    abrir(ana, f"{DUAS_ETAPAS}ativar/")
    ativar(ana, SENHA)
    for pagina in ("reserva/", "reserva/novos/", "desativar/"):
        abrir(ana, DUAS_ETAPAS + pagina)
    assert "Besides the password" in abrir(ana, reverse("perfil"))

    ana.post("/conta/sair/")
    entrada = {"login": gente.ana.email, "password": SENHA}
    assert "recovery code" in em_ingles(
        ana.post("/conta/entrar/", entrada, follow=True)
    )


# --- What they decide is kept in Portuguese ----------------------------------


@pytest.mark.parametrize(
    ("colunas", "guardado", "lido"),
    [
        ({}, "Descartado por Ana Alves.", "Discarded by Ana Alves."),
        (
            {"motivo": "incerta"},
            "Descartado por Ana Alves. Pode ter chegado: confira antes de repetir.",
            "Discarded by Ana Alves. It may have arrived: check before retrying.",
        ),
    ],
)
def test_who_gives_a_row_up_in_english_tells_it_in_portuguese(
    gente: SimpleNamespace,
    ana: Client,
    colunas: dict[str, str],
    guardado: str,
    lido: str,
) -> None:
    linha = intento(gente.aurora, destino="whatsapp.lid")
    mudar(linha, **colunas)

    ana.post(f"{FILA}{linha.pk}/desistir/")

    assert ler(linha).ultimo_erro == guardado
    assert lido in abrir(ana, f"{FILA}{linha.pk}/")


def test_refusal_of_a_decision_is_read_in_english(
    gente: SimpleNamespace, ana: Client
) -> None:
    linha = envio(gente, status="processing")

    resposta = ana.post(f"{FILA}{linha.pk}/desistir/", follow=True)

    assert "It is in progress now. Wait for it to finish." in em_ingles(resposta)


def test_who_revokes_a_key_in_english_tells_it_in_portuguese(
    gente: SimpleNamespace, ana: Client, entrar: Entrar, chave: Callable[..., Any]
) -> None:
    chave("bruno", "contatos.ver")
    with sistema("comando"):
        dele = ChaveDeApi.objects.get(usuario=gente.bruno)

    ana.post(f"{CHAVES}{dele.pk}/revogar/")

    with sistema("comando"):
        aviso = Notificacao.objects.get(usuario=gente.bruno)
    assert aviso.titulo == f"Sua chave de API “{dele.nome}” foi revogada"
    assert aviso.texto == "Quem revogou: Ana Alves."
    escolher(gente.bruno, "en")
    assert "was revoked" in abrir(entrar("bruno"), reverse("notificacoes:pagina"))


def test_second_step_switched_on_in_english_is_told_in_portuguese(
    gente: SimpleNamespace, ana: Client
) -> None:
    ativar(ana, SENHA)

    with sistema("comando"):
        aviso = Notificacao.objects.get(usuario=gente.ana)
    assert aviso.titulo == "Verificação em duas etapas ativada"
