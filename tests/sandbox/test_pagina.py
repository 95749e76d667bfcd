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


def test_page_names_the_person_and_keeps_the_technical_name(sandbox):
    sandbox.criar(metadata={"titulo": "Ana Vendas · Sol"})
    sandbox.criar(nome="wpp-sem-titulo", metadata={})

    texto = pagina(sandbox)

    assert "<h2>Ana Vendas · Sol</h2>" in texto
    assert "<code>wpp-12-34</code>" in texto
    assert "<h2>wpp-sem-titulo</h2>" in texto


def test_page_shows_the_code_the_marks_and_the_misfortunes(sandbox):
    sandbox.criar()
    caminho = "/api/wpp-12-34/auth/request-code"
    codigo = sandbox.api("POST", caminho, json={"phoneNumber": "5511999990000"}).json()
    pedida = pagina(sandbox)
    sandbox.controle("sessoes/wpp-12-34/codigo")
    dela = sandbox.cliente(numero="5531988887777", texto="oi")
    para = {"session": "wpp-12-34", "chatId": "553188887777@c.us"}
    sandbox.api("POST", "/api/sendSeen", json=para)
    sandbox.api("POST", "/api/startTyping", json=para)
    sandbox.controle("sessoes/wpp-12-34/surda", ligado=True)
    sandbox.controle("servidor/queda", segundos=30)
    sandbox.na_mensagem(dela["id"], "apagar")

    texto = pagina(sandbox)

    assert codigo["code"] in pedida
    assert "Digitar o código no celular" in pedida
    for palavras in (
        "Vista pelo sistema",
        "O sistema digita para +55 31 8888-7777",
        "Sessão muda",
        "Fora do ar (502)",
        "Mensagem apagada",
        "Histórico de situações",
    ):
        assert palavras in texto


def test_medium_is_shown_and_a_page_in_it_is_only_saved(sandbox):
    sandbox.conectar()
    foto = sandbox.cliente(tipo="imagem")["id_curto"]
    pagina_dela = sandbox.cliente(
        tipo="documento", mimetype="text/html", dados="PHNjcmlwdD4="
    )["id_curto"]
    endereco = f"{sandbox.base}/sessoes/wpp-12-34/midias"

    vista = requests.get(f"{endereco}/{foto}", timeout=5)
    guardada = requests.get(f"{endereco}/{pagina_dela}", timeout=5)
    ausente = requests.get(f"{endereco}/nada", timeout=5)

    assert f'<img src="/sessoes/wpp-12-34/midias/{foto}"' in pagina(sandbox)
    assert vista.headers["Content-Type"] == "image/png"
    assert "Content-Disposition" not in vista.headers
    assert guardada.headers["Content-Disposition"] == "attachment"
    assert guardada.headers["Content-Security-Policy"].startswith("sandbox")
    assert ausente.status_code == 404


def test_every_server_on_the_page_is_accepted(sandbox):
    perfis = re.findall(r'name="perfil" value="([^"]*)"', pagina(sandbox))

    for perfil in perfis:
        dito = sandbox.controle("servidor", perfil=perfil).json()
        assert " ".join((dito["versao"], dito["motor"], dito["camada"])) == perfil
    assert len(perfis) == 4


def test_link_from_another_site_opens_the_page(sandbox):
    resposta = requests.get(
        f"{sandbox.base}/", headers={"Sec-Fetch-Site": "same-site"}, timeout=5
    )

    assert resposta.status_code == 200
