"""The SMTP server that keeps mail, its page and its faults."""

import os
import smtplib
import subprocess
import sys
from email.message import EmailMessage

import pytest
import requests

from .conftest import RAIZ, Sandbox, esperar, porta_livre


def carta(assunto: str = "Convite", html: str = "") -> EmailMessage:
    mensagem = EmailMessage()
    mensagem["From"] = "Conexões <nao-responda@conexoes.example>"
    mensagem["To"] = "Ana <ana@example.com>"
    mensagem["Subject"] = assunto
    mensagem.set_content("Aceite em http://127.0.0.1:8000/convite/abc até amanhã.")
    if html:
        mensagem.add_alternative(html, subtype="html")
    return mensagem


@pytest.fixture
def enviar(sandbox: Sandbox, porta_do_correio: int):
    """Send as the application does: one connection, one mail."""

    def fazer(mensagem: EmailMessage, usuario: str = "", espera: float = 5) -> None:
        with smtplib.SMTP("127.0.0.1", porta_do_correio, timeout=espera) as smtp:
            if usuario:
                smtp.login(usuario, "qualquer")
            smtp.send_message(mensagem, to_addrs=["ana@example.com", "bruno@x.example"])

    return fazer


def correios(sandbox: Sandbox) -> list[dict]:
    endereco = f"{sandbox.base}/controle/correio.json"
    return requests.get(endereco, timeout=5).json()["correios"]


def test_mail_is_kept_whole(sandbox, enviar):
    enviar(carta("Açúcar & afeto", "<p>Olá</p>"), usuario="conexoes")

    [guardada] = correios(sandbox)

    assert guardada["assunto"] == "Açúcar & afeto"
    assert guardada["destinatarios"] == ["ana@example.com", "bruno@x.example"]
    assert guardada["remetente"] == "nao-responda@conexoes.example"
    assert guardada["para"] == "Ana <ana@example.com>"
    assert guardada["usuario"] == "conexoes"
    assert "convite/abc" in guardada["texto"]
    assert guardada["html"].strip() == "<p>Olá</p>"
    assert sandbox.estado()["contagens"]["correios"] == 1


def test_last_two_hundred_newest_first(sandbox, porta_do_correio):
    with smtplib.SMTP("127.0.0.1", porta_do_correio, timeout=5) as smtp:
        for n in range(203):
            smtp.send_message(carta(str(n)))

    assuntos = [c["assunto"] for c in correios(sandbox)]

    assert assuntos == [str(n) for n in range(202, 2, -1)]


def test_page_lists_and_shows_with_links_that_work(sandbox, enviar):
    enviar(
        carta("Convite", "<script>alert(1)</script><a href='https://x.example'>x</a>")
    )
    numero = correios(sandbox)[0]["numero"]

    lista = requests.get(f"{sandbox.base}/correio/", timeout=5)
    uma = requests.get(f"{sandbox.base}/correio/{numero}/", timeout=5)
    html = requests.get(f"{sandbox.base}/correio/{numero}/html", timeout=5)
    nada = requests.get(f"{sandbox.base}/correio/999999/", timeout=5)

    assert f'href="/correio/{numero}/"' in lista.text
    assert 'href="http://127.0.0.1:8000/convite/abc"' in uma.text
    assert "<script>alert" not in uma.text
    politica = html.headers["Content-Security-Policy"]
    assert politica.startswith("sandbox ")
    assert "allow-scripts" not in politica
    assert "default-src 'none'" in politica
    assert nada.status_code == 404


@pytest.mark.parametrize(
    ("tipo", "erro", "codigo"),
    [
        ("recusa_4xx", smtplib.SMTPRecipientsRefused, 451),
        ("recusa_5xx", smtplib.SMTPRecipientsRefused, 550),
    ],
)
def test_refused_mail_is_not_kept(sandbox, porta_do_correio, tipo, erro, codigo):
    sandbox.controle("correio/falha", tipo=tipo)

    with (
        smtplib.SMTP("127.0.0.1", porta_do_correio, timeout=5) as smtp,
        pytest.raises(erro) as recusa,
    ):
        smtp.send_message(carta())

    assert recusa.value.recipients["ana@example.com"][0] == codigo
    assert correios(sandbox) == []


def test_refused_log_in_keeps_nothing_and_the_next_passes(sandbox, enviar):
    sandbox.controle("correio/falha", tipo="recusa_login")

    with pytest.raises(smtplib.SMTPAuthenticationError) as recusa:
        enviar(carta(), usuario="conexoes")
    antes = correios(sandbox)
    enviar(carta(), usuario="conexoes")

    assert recusa.value.smtp_code == 535
    assert antes == []
    assert len(correios(sandbox)) == 1


@pytest.mark.parametrize(("tipo", "guardadas"), [("cai", 1), ("cai_sem_guardar", 0)])
def test_broken_line_leaves_the_sender_in_doubt(sandbox, enviar, tipo, guardadas):
    sandbox.controle("correio/falha", tipo=tipo)

    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        enviar(carta())

    assert len(correios(sandbox)) == guardadas
    enviar(carta())
    assert len(correios(sandbox)) == guardadas + 1


def test_slow_answer_outlasts_a_short_patience(sandbox, enviar):
    sandbox.controle("correio/falha", tipo="lenta", segundos=1)

    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        enviar(carta(), espera=0.3)

    esperar(lambda: len(correios(sandbox)) == 1)


def test_fault_can_be_turned_off_and_the_box_emptied(sandbox, enviar):
    sandbox.controle("correio/falha", tipo="recusa_5xx", mensagens=5)
    sandbox.controle("correio/falha", tipo="")
    desconhecida = sandbox.controle("correio/falha", tipo="greve")

    enviar(carta())
    cheia = len(correios(sandbox))
    sandbox.controle("correio/esvaziar")

    assert (cheia, correios(sandbox)) == (1, [])
    assert desconhecida.status_code == 422


def test_without_a_port_there_is_no_server(sandbox):
    codigo = "import sandbox.asgi as a; print(a.SERVIDOR.porta)"
    ambiente = os.environ | {"SANDBOX_SMTP_PORTA": "", "AMBIENTE": "desenvolvimento"}

    fim = subprocess.run(
        [sys.executable, "-c", codigo],
        cwd=RAIZ,
        env=ambiente,
        capture_output=True,
        text=True,
        check=True,
    )

    assert fim.stdout.strip() == "0"


def test_process_frees_the_port_when_it_ends_and_refuses_a_taken_one(
    sandbox, porta_do_correio
):
    codigo = "import sandbox.asgi"
    livre = porta_livre()

    def rodar(porta: int) -> subprocess.CompletedProcess[str]:
        extra = {"SANDBOX_SMTP_PORTA": str(porta), "AMBIENTE": "desenvolvimento"}
        return subprocess.run(
            [sys.executable, "-c", codigo],
            cwd=RAIZ,
            env=os.environ | extra,
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )

    fins = [rodar(livre), rodar(livre), rodar(porta_do_correio)]

    assert [fim.returncode for fim in fins] == [0, 0, 1]
    assert f"A porta {porta_do_correio} do correio simulado" in fins[2].stderr
