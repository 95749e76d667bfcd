"""Faults ordered for the next calls: what is answered, and what really happened."""

import threading

import pytest
import requests

from .conftest import esperar


def textos(sandbox):
    return [m["texto"] for m in sandbox.estado()["sessoes"][0]["mensagens"]]


def test_error_500_has_the_body_of_an_unhandled_exception(sandbox):
    sandbox.conectar()
    sandbox.controle("falha", tipo="erro_500", chamadas=2)

    respostas = [sandbox.enviar(str(n)) for n in range(3)]

    assert [r.status_code for r in respostas] == [500, 500, 201]
    assert set(respostas[0].json()) == {"statusCode", "timestamp", "exception"}
    assert textos(sandbox) == ["2"]


def test_rate_limit_says_when_to_come_back(sandbox):
    sandbox.criar()
    sandbox.controle("falha", tipo="erro_429", segundos=7)

    resposta = sandbox.api("GET", "/api/sessions")

    assert resposta.status_code == 429
    assert resposta.headers["Retry-After"] == "7"


def test_refused_key(sandbox):
    sandbox.controle("falha", tipo="erro_401")

    resposta = sandbox.api("GET", "/api/sessions")

    assert resposta.status_code == 401
    assert resposta.json() == {"message": "Unauthorized", "statusCode": 401}


def test_garbage_comes_after_the_send_was_done(sandbox):
    sandbox.conectar()
    sandbox.controle("falha", tipo="lixo")

    resposta = sandbox.enviar("foi")

    assert resposta.status_code == 201
    with pytest.raises(requests.JSONDecodeError):
        resposta.json()
    assert textos(sandbox) == ["foi"]


def test_slow_answer_is_a_good_one(sandbox):
    sandbox.conectar()
    sandbox.controle("falha", tipo="lenta", segundos=0.3)

    resposta = sandbox.enviar("devagar")

    assert resposta.status_code == 201
    assert resposta.elapsed.total_seconds() >= 0.3


@pytest.mark.parametrize(
    ("tipo", "chegaram"), [("muda_com_efeito", ["talvez"]), ("muda_sem_efeito", [])]
)
def test_silence_leaves_the_caller_in_doubt(sandbox, tipo, chegaram):
    sandbox.conectar()
    sandbox.controle("falha", tipo=tipo, alvo="sendText")

    with pytest.raises(requests.ReadTimeout):
        sandbox.api(
            "POST",
            "/api/sendText",
            json={"session": "wpp-12-34", "chatId": "553188887777", "text": "talvez"},
            timeout=0.3,
        )

    assert textos(sandbox) == chegaram
    esperar(lambda: sandbox.estado()["chamadas"][0]["status"] is None)
    assert sandbox.estado()["chamadas"][0]["falha"] == tipo


def test_silence_ends_with_a_gateway_page_and_with_a_reset(sandbox):
    sandbox.controle("falha", tipo="muda_sem_efeito", segundos=0.2)
    curta = sandbox.api("GET", "/api/sessions")
    sandbox.controle("falha", tipo="muda_sem_efeito", segundos=60)
    longas: list[int] = []

    def chamar():
        longas.append(
            requests.get(
                f"{sandbox.base}/waha/api/sessions",
                headers={"X-Api-Key": "chave-do-teste"},
                timeout=10,
            ).status_code
        )

    presa = threading.Thread(target=chamar)
    presa.start()
    esperar(lambda: sandbox.estado()["falha"] is None)
    sandbox.controle("reiniciar")
    presa.join(5)

    assert curta.status_code == 504
    assert longas == [504]


def test_fault_hits_only_its_target_and_can_be_turned_off(sandbox):
    sandbox.conectar()
    sandbox.controle("falha", tipo="erro_500", alvo="sendText", chamadas=5)

    assert sandbox.api("GET", "/api/sessions").status_code == 200
    assert sandbox.enviar().status_code == 500
    assert sandbox.estado()["falha"]["chamadas"] == 4
    sandbox.controle("falha", tipo="")
    assert sandbox.enviar().status_code == 201


def test_unknown_fault_is_refused(sandbox):
    resposta = sandbox.controle("falha", tipo="inventada")

    assert resposta.status_code == 422
    assert sandbox.estado()["falha"] is None


def test_hundred_sends_at_once_are_a_hundred_messages(sandbox, receptor):
    sandbox.conectar(receptor.url)
    endereco = f"{sandbox.base}/waha/api/sendText"
    chave = {"X-Api-Key": "chave-do-teste"}

    def enviar(faixa: range) -> None:
        with requests.Session() as http:
            for n in faixa:
                corpo = {"session": "wpp-12-34", "chatId": "553188887777@c.us"}
                http.post(endereco, json=corpo | {"text": str(n)}, headers=chave)

    fios = [
        threading.Thread(target=enviar, args=(range(i, 100, 10),)) for i in range(10)
    ]
    for fio in fios:
        fio.start()
    for fio in fios:
        fio.join()

    assert sorted(map(int, textos(sandbox))) == list(range(100))
    ecos = receptor.esperar("message.any", 100)
    assert len({e["payload"]["id"] for e in ecos}) == 100
