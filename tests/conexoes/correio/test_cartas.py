"""System mail: what is written, to whom, and by which server."""

from __future__ import annotations

import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.core.mail import send_mail

from conexoes.models import Notificacao, Status
from conexoes.tenancy import sistema
from conexoes.verificacoes import conferir_producao
from tests.conexoes.conftest import tentar
from tests.conexoes.correio.caixa import FEITO, Aviso, Caixa, situacao

pytestmark = pytest.mark.django_db


# --- Delivering --------------------------------------------------------------


def test_notification_is_mailed_once_to_its_person(
    caixa: Caixa, aviso: Aviso, gente: SimpleNamespace
) -> None:
    evento = aviso()
    id_da_notificacao = UUID(evento.payload["notificacao"])

    assert situacao(tentar(evento)) == FEITO

    assert caixa.envelopes == [("avisos@crm.exemplo", ["ana@exemplo.test"])]
    [carta] = caixa.cartas
    assert (carta["To"], carta["From"]) == (
        "ana@exemplo.test",
        "Conexões <avisos@crm.exemplo>",
    )
    assert carta["Subject"] == "WhatsApp desconectado"
    assert carta["Message-ID"] == f"<notificacao.{id_da_notificacao}@crm.exemplo>"
    assert carta["Auto-Submitted"] == "auto-generated"
    idade = datetime.datetime.now(datetime.UTC) - carta["Date"].datetime.replace(
        tzinfo=datetime.UTC
    )
    assert abs(idade) < datetime.timedelta(minutes=1)
    assert [nome for nome in carta if nome.lower().startswith("list-")] == []


def test_both_bodies_carry_the_words_and_one_absolute_link(
    caixa: Caixa, aviso: Aviso
) -> None:
    evento = aviso(titulo="Saldo < R$ 10 & caindo")

    tentar(evento)

    [carta] = caixa.cartas
    texto: Any = carta.get_body(("plain",))
    html: Any = carta.get_body(("html",))
    link = f"https://crm.exemplo/notificacoes/{evento.payload['notificacao']}/"
    for corpo in (texto.get_content(), html.get_content()):
        assert "Olá, Ana Alves!" in corpo
        assert "Leia o QR code de novo." in corpo
        assert "Aurora Imóveis" in corpo
        assert corpo.count(link) == 1
    assert "Saldo < R$ 10 & caindo" in texto.get_content()
    assert "Saldo &lt; R$ 10 &amp; caindo" in html.get_content()


def test_line_breaks_in_a_title_make_no_header(caixa: Caixa, aviso: Aviso) -> None:
    evento = aviso(titulo="Olá\r\nBcc: intruso@exemplo.test\n\noutra")

    assert situacao(tentar(evento)) == FEITO

    [carta] = caixa.cartas
    assert carta["Subject"] == "Olá Bcc: intruso@exemplo.test outra"
    assert carta["Bcc"] is None
    assert caixa.envelopes == [("avisos@crm.exemplo", ["ana@exemplo.test"])]


def test_line_break_in_an_address_sends_nothing(
    caixa: Caixa, aviso: Aviso, gente: SimpleNamespace
) -> None:
    evento = aviso()
    with sistema("comando"):
        type(gente.ana).objects.filter(pk=gente.ana.pk).update(
            email="ana@exemplo.test\nbcc: intruso@exemplo.test"
        )

    assert tentar(evento).status == Status.PENDENTE

    assert caixa.envelopes == []


def test_row_of_the_mail_carries_identifiers_only(aviso: Aviso) -> None:
    evento = aviso()

    with sistema("comando"):
        notificacao = Notificacao.objects.get()
    assert evento.payload == {"notificacao": str(notificacao.pk)}
    assert evento.max_tentativas == 3


@pytest.mark.parametrize("falta", ["pessoa inativa", "notificação apagada"])
def test_nobody_is_written_to_who_is_gone(
    caixa: Caixa, aviso: Aviso, gente: SimpleNamespace, falta: str
) -> None:
    evento = aviso()
    with sistema("comando"):
        if falta == "pessoa inativa":
            gente.ana.is_active = False
            gente.ana.save()
        else:
            Notificacao.objects.all().delete()

    assert situacao(tentar(evento)) == FEITO

    assert caixa.envelopes == []


# --- The other mail, and production ------------------------------------------


def test_mail_outside_the_queue_goes_the_same_bounded_way(caixa: Caixa) -> None:
    assert send_mail("Assunto", "Texto", None, ["bruno@exemplo.test"]) == 1

    assert caixa.envelopes == [("avisos@crm.exemplo", ["bruno@exemplo.test"])]


@pytest.mark.parametrize(
    ("url", "ids"),
    [
        ("", ["conexoes.E103"]),
        ("consolemail://", ["conexoes.E103"]),
        ("smtp+tls://crm:senha@correio.exemplo:587", []),
    ],
)
def test_production_needs_a_mail_server(
    settings: Any, url: str, ids: list[str]
) -> None:
    settings.PRODUCAO, settings.DEBUG = True, False
    settings.URL_PUBLICA, settings.EMAIL_URL = "https://crm.exemplo", url

    problemas = conferir_producao()

    assert [problema.id for problema in problemas] == ids
    assert all("smtp+tls://" in problema.msg for problema in problemas)


def test_demo_writes_its_mail_to_the_console(settings: Any) -> None:
    settings.PRODUCAO, settings.EMAIL_URL = False, "consolemail://"

    assert conferir_producao() == []
