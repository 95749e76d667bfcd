"""The control page without a browser."""

import re

import requests

from .conftest import Sandbox


def pagina(sandbox: Sandbox) -> str:
    return requests.get(f"{sandbox.base}/", timeout=5).text


def test_empty_page_says_what_to_do(sandbox):
    assert "Nenhuma sessão por enquanto" in pagina(sandbox)


def test_page_shows_session_qr_and_conversation(sandbox):
    sandbox.criar()
    esperando = pagina(sandbox)
    svg = requests.get(f"{sandbox.base}/sessoes/wpp-12-34/qr.svg", timeout=5)
    sandbox.controle("sessoes/wpp-12-34/escanear")
    sandbox.controle("sessoes/wpp-12-34/cliente", texto="Olá <b>moço</b>")
    conectada = pagina(sandbox)

    assert "Escanear com o celular" in esperando
    assert svg.headers["Content-Type"] == "image/svg+xml"
    assert svg.text.startswith("<?xml")
    assert "Sair pelo celular" in conectada
    assert "Olá &lt;b&gt;moço&lt;/b&gt;" in conectada


def test_page_warns_about_webhooks_outside_this_machine(sandbox):
    sandbox.criar("https://crm.example.com/hooks")

    assert "O simulador só chama endereços desta máquina" in pagina(sandbox)


def test_plain_form_goes_back_to_the_page(sandbox):
    sandbox.criar()

    resposta = requests.post(
        f"{sandbox.base}/controle/sessoes/wpp-12-34/escanear",
        data={"numero": "+55 (31) 98888-7777", "nome": "Ana"},
        allow_redirects=False,
        timeout=5,
    )

    assert resposta.status_code == 303
    assert resposta.headers["Location"] == "/#sessao-wpp-12-34"
    assert sandbox.sessao()["me"]["id"] == "553188887777@c.us"


def test_policy_forbids_inline_and_other_sites_cannot_press_buttons(sandbox):
    inicio = requests.get(f"{sandbox.base}/", timeout=5)
    fora = requests.post(
        f"{sandbox.base}/controle/reiniciar",
        headers={"Sec-Fetch-Site": "cross-site"},
        timeout=5,
    )

    assert "script-src 'self'" in inicio.headers["Content-Security-Policy"]
    assert " style=" not in inicio.text
    assert fora.status_code == 403


def test_unknown_session_is_404_in_words(sandbox):
    resposta = sandbox.controle("sessoes/nada/sair")

    assert resposta.status_code == 404
    assert resposta.json() == {"erro": "Sessão não encontrada."}


def test_empty_message_is_refused_in_words(sandbox):
    sandbox.conectar()

    resposta = sandbox.controle("sessoes/wpp-12-34/cliente", texto="  ")

    assert resposta.status_code == 422
    assert resposta.json() == {"erro": "Escreva a mensagem antes de enviar."}


def test_log_never_shows_the_key(sandbox):
    sandbox.criar()

    assert sandbox.estado()["chamadas"][-1]["caminho"] == "/api/sessions"
    assert "chave-do-teste" not in pagina(sandbox)


def test_every_speed_on_the_page_is_accepted(sandbox):
    for fator in re.findall(r'name="fator" value="([^"]*)"', pagina(sandbox)):
        assert sandbox.controle("velocidade", fator=fator).status_code == 200
    assert sandbox.controle("velocidade", fator="0,5").json()["fator"] == 0.5
    assert sandbox.controle("velocidade", fator="depressa").status_code == 422
