"""The promises that every integration keeps, kept by this one."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from conexoes.models import (
    CredencialGlobal,
    EventoPendente,
    Motivo,
    SegredoWebhook,
    Status,
    WebhookRecebido,
)
from conexoes.provedores import destino
from conexoes.tenancy import na, sistema
from crm.models import Contato, Conversa, Mensagem
from tests.servidor import Servidor
from tests.trabalho import apressar, drenar, drenar_saida
from tests.whatsapp.dominio import (
    SEGREDO,
    escrever,
    nada_no_dominio,
    todas,
    uma,
    usar_servidor,
)
from tests.whatsapp.waha import Entregador, Ponte
from whatsapp import provedor
from whatsapp.models import AckAdiantado, SessaoWhatsapp
from whatsapp.services import sessoes

Entrar = Callable[[str], Client]
CHAVE_DA_API = "chave-secreta-da-api"


TABELAS = (
    *("sessoes_whatsapp", "segredos_webhook", "credenciais_globais"),
    *("eventos_pendentes", "webhooks_logs", "auditoria"),
)


def tabelas() -> str:
    """Every row that might hold a secret, as a dump would show it."""
    linhas = []
    with sistema("comando"), connection.cursor() as cursor:
        for tabela in TABELAS:
            cursor.execute(f"SELECT row_to_json(t)::text FROM {tabela} t")
            linhas += [linha for (linha,) in cursor.fetchall()]
    return "\n".join(linhas)


def colunas(modelo: Any) -> dict[str, Any]:
    with sistema("comando"):
        return modelo.objects.values().get()


def test_false_signature_leaves_no_row(entregar: Entregador) -> None:
    entregar.segredo = "falso"

    assert entregar.postar(b"{}").status_code == 401

    assert todas(WebhookRecebido) == []
    assert nada_no_dominio()


def test_same_delivery_twice_changes_the_world_once(entregar: Entregador) -> None:
    entregar("message__texto.json")
    antes = [colunas(modelo) for modelo in (Conversa, Mensagem, SessaoWhatsapp)]

    entregar("message__texto.json")

    depois = [colunas(modelo) for modelo in (Conversa, Mensagem, SessaoWhatsapp)]
    assert depois == antes


def test_unknown_account_creates_nothing_in_the_domain(entregar: Entregador) -> None:
    recebido = entregar("message__texto.json", envelope={"session": "de-ninguem"})

    assert recebido.status == Status.FALHOU
    assert nada_no_dominio()


@pytest.mark.parametrize("status", [401, 403])
def test_refused_key_asks_the_super_admin_and_no_tenant(
    entregar: Entregador, servidor: Servidor, gente: SimpleNamespace, status: int
) -> None:
    usar_servidor(servidor.url)
    entregar("message__texto.json")
    servidor.respostas = [(status, {"message": "Unauthorized"})]
    escrever(uma(Conversa), "Olá!", gente.ana)

    drenar_saida()

    assert uma(EventoPendente).motivo == Motivo.PAUSADA
    assert uma(CredencialGlobal).problema != ""
    assert (uma(SessaoWhatsapp).status, uma(SessaoWhatsapp).motivo) == ("connected", "")


def test_server_error_waits_for_the_next_attempt(
    ponte: Ponte, gente: SimpleNamespace
) -> None:
    with na(gente.aurora):
        sessoes.conectar_sessao(gente.ana, aceita_risco=True)
    ponte.falhar("erro_500", alvo="/api/sessions")

    drenar()

    evento = uma(EventoPendente)
    assert (evento.status, evento.motivo) == (Status.PENDENTE, Motivo.RETRY)
    assert evento.tentativas == 1
    assert ponte.sandbox.estado()["sessoes"] == []
    apressar()
    drenar()
    assert uma(EventoPendente).status == Status.CONCLUIDO


def test_another_organisation_finds_nothing(
    entrar: Entrar, entregar: Entregador, gente: SimpleNamespace
) -> None:
    entregar("message__texto.json")
    mensagem = escrever(uma(Conversa), "Olá!", gente.ana)
    alheia = entrar("carla")

    for caminho in (
        f"/conversas/{uma(Conversa).pk}/",
        f"/conversas/{uma(Conversa).pk}/mensagens/",
        f"/contatos/{uma(Contato).pk}/",
    ):
        assert alheia.get(caminho).status_code == 404
    for caminho in (
        f"/conversas/{uma(Conversa).pk}/responder/",
        f"/mensagens/{mensagem.pk}/reenviar/",
        f"/mensagens/{mensagem.pk}/confirmar/",
    ):
        assert alheia.post(caminho, {"texto": "x"}).status_code == 404
    assert len(todas(EventoPendente)) == 1


@pytest.mark.parametrize(
    "modelo",
    [SessaoWhatsapp, Contato, Conversa, Mensagem, EventoPendente, SegredoWebhook],
)
def test_rows_are_invisible_outside_their_organisation(
    entregar: Entregador, gente: SimpleNamespace, modelo: Any
) -> None:
    entregar("message__texto.json")
    escrever(uma(Conversa), "Olá!", gente.ana)

    with na(gente.brisa):
        assert modelo.objects.count() == 0
    assert modelo.objects.count() == 0
    with na(gente.aurora):
        assert modelo.objects.count() > 0


def test_early_acks_are_invisible_outside_their_organisation(
    entregar: Entregador, gente: SimpleNamespace
) -> None:
    entregar.ack(2, id_="3EB0A")

    with na(gente.brisa):
        assert AckAdiantado.objects.count() == 0
    with na(gente.aurora):
        assert AckAdiantado.objects.count() == 1


def test_secrets_are_unreadable_in_table_and_log(
    ponte: Ponte, gente: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    with na(gente.aurora):
        ponte.nome = sessoes.conectar_sessao(gente.ana, aceita_risco=True).session_name
    ponte.ate(lambda: uma(SessaoWhatsapp).qr)
    segredo, qr = uma(SegredoWebhook).segredo, uma(SessaoWhatsapp).qr
    chave = uma(CredencialGlobal).segredo
    assert all((segredo, qr, chave))

    no_banco = tabelas()
    no_log = "\n".join(str(vars(registro)) for registro in caplog.records)

    assert "chamada_externa" in no_log
    for secreto in (segredo, qr, chave):
        assert secreto not in no_banco
        assert secreto not in no_log


def test_secrets_reach_no_repr(entregar: Entregador) -> None:
    usar_servidor("http://127.0.0.1:1", chave=CHAVE_DA_API)

    for linha in (uma(SegredoWebhook), uma(CredencialGlobal), uma(SessaoWhatsapp)):
        for como in (repr(linha), str(linha), str(vars(linha))):
            assert SEGREDO not in como
            assert CHAVE_DA_API not in como


def test_what_people_write_is_in_no_log(
    entregar: Entregador, caplog: pytest.LogCaptureFixture, gente: SimpleNamespace
) -> None:
    caplog.set_level("DEBUG")
    entregar("message__texto.json")
    usar_servidor("http://127.0.0.1:1")
    escrever(uma(Conversa), "resposta confidencial", gente.ana)
    drenar_saida()
    entregar("message__texto.json", timestamp="ruim")

    # psycopg and Django log SQL at DEBUG; the product logs at INFO.
    linhas = [r for r in caplog.records if not r.name.startswith("django.db")]
    tudo = "\n".join(f"{r.getMessage()} {vars(r)}" for r in linhas)
    assert "trabalho_falhou" in tudo
    for pedaco in ("orçamento", "confidencial", "553188887777", "Carlos"):
        assert pedaco not in tudo


def test_every_destino_has_its_verb() -> None:
    assert set(provedor.PROVEDOR.destinos) == {
        "waha.webhook",
        "whatsapp.desligamento",
        "whatsapp.envio",
        "whatsapp.historico",
        "whatsapp.lid",
        "whatsapp.midia",
        "whatsapp.reacao",
        "whatsapp.sessao",
        "whatsapp.visto",
    }
    assert destino("whatsapp.envio").operacao.tentativas == 3
    assert destino("whatsapp.envio").operacao.cauda_longa is False


def test_credential_is_tested_against_the_server(ponte: Ponte) -> None:
    resposta = provedor.testar_credencial(uma(CredencialGlobal))

    assert resposta == "O servidor respondeu: WAHA 2026.6.1, motor NOWEB, edição CORE."
