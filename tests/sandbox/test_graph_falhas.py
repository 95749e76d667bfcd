"""Graph's refusals: bad calls, dead tokens, limits, and faults ordered on the page."""

import base64
import hashlib
import hmac
import json
from urllib.parse import parse_qs

import pytest
import requests

from .fio import CHAVE, esperar
from .graph import CONSORCIO, DO_APP, IMOVEIS, JOANA, prova


def test_no_token_and_an_invented_one(graph):
    assert graph.erro(graph.ler("/me", token="")) == (401, 104, 0)
    assert graph.erro(graph.ler("/me", token="EAAinventado")) == (400, 190, 0)


def test_token_in_the_query_is_as_good_and_never_logged(graph):
    segredos = f"access_token={graph.token}&appsecret_proof={prova(graph.token)}"
    url = f"{graph.base}/me?fields=id&{segredos}"

    resposta = requests.get(url, timeout=10)

    assert resposta.json() == {"id": JOANA}
    assert graph.estado()["chamadas"][0]["caminho"] == "/v25.0/me?fields=id"


def test_proof_is_demanded_and_checked_even_when_it_is_not(graph):
    certa = graph.ler("/me", appsecret_proof=prova(graph.token))
    sem = graph.ler("/me", appsecret_proof="")
    de_outro = graph.ler("/me", appsecret_proof=prova(graph.da_pagina()))
    graph.controle("app", exige_prova=False)
    dispensada = graph.ler("/me", appsecret_proof="")
    errada = graph.ler("/me", appsecret_proof=prova(graph.token, "outro"))

    assert [certa.status_code, dispensada.status_code] == [200, 200]
    for recusada in (sem, de_outro, errada):
        assert graph.erro(recusada) == (400, 100, 0)
        assert "appsecret_proof" in recusada.json()["error"]["message"]


def test_vector_of_the_proof():
    assert prova("EAAtoken", "appsecret") == (
        "b15e563de2a106036cef7807b362777b33c08f4b1fb1251b4a3f5a9eeca7c277"
    )


@pytest.mark.parametrize(
    ("caminho", "esperado"),
    [
        ("/me", (400, 2500, 0)),
        ("/v99.0/me", (400, 2500, 0)),
        ("/v19.0/me", (400, 2635, 0)),
        ("/v25.0/fulano", (404, 803, 0)),
        ("/v25.0/999", (400, 100, 33)),
        ("/v25.0/me/inventada", (400, 100, 0)),
        (f"/v25.0/{CONSORCIO}/leads/mais", (400, 2500, 0)),
        ("/v26.0/me?fields=id{", (400, 2500, 0)),
    ],
)
def test_bad_paths(graph, caminho, esperado):
    resposta = requests.get(
        f"{graph.sandbox.base}/graph{caminho}",
        {"appsecret_proof": prova(graph.token)},
        headers={"Authorization": f"Bearer {graph.token}"},
        timeout=10,
    )

    assert graph.erro(resposta) == esperado


@pytest.mark.parametrize(
    ("tipo", "esperado"),
    [
        ("erro_1", (500, 1, 0)),
        ("erro_2", (503, 2, 0)),
        ("erro_em_200", (200, 2, 0)),
        ("limite_4", (403, 4, 0)),
        ("limite_17", (400, 17, 0)),
        ("limite_32", (403, 32, 0)),
        ("limite_613", (400, 613, 0)),
        ("limite_1487742", (400, 613, 1487742)),
        ("limite_80005", (400, 80005, 0)),
        ("token_0", (400, 190, 0)),
        ("token_458", (400, 190, 458)),
        ("token_459", (400, 190, 459)),
        ("token_460", (400, 190, 460)),
        ("token_463", (400, 190, 463)),
        ("token_464", (400, 190, 464)),
        ("token_467", (400, 190, 467)),
        ("token_492", (400, 190, 492)),
        ("nao_legivel", (400, 100, 33)),
        ("permissao_10", (403, 10, 0)),
        ("permissao_200", (403, 200, 0)),
        ("bloqueio_368", (400, 368, 0)),
    ],
)
def test_each_refusal_hits_once(graph, tipo, esperado):
    (lead,) = graph.enviar()
    graph.controle("falha", tipo=tipo, alvo="lead")

    outra = graph.ler("/me")
    recusada = graph.ler(f"/{lead}")

    assert outra.status_code == 200
    assert graph.erro(recusada) == esperado
    assert graph.ler(f"/{lead}").status_code == 200


def test_transient_says_so(graph):
    graph.controle("falha", tipo="erro_2")

    assert graph.ler("/me").json()["error"]["is_transient"] is True


def test_limit_of_a_page_tells_its_minutes(graph):
    graph.controle("falha", tipo="limite_80005", minutos=7)

    resposta = graph.ler(f"/{CONSORCIO}/leads")

    dito = json.loads(resposta.headers["X-Business-Use-Case-Usage"])
    assert list(dito) == [IMOVEIS]
    assert [uso["type"] for uso in dito[IMOVEIS]] == ["pages", "leadgen"]
    assert dito[IMOVEIS][1]["estimated_time_to_regain_access"] == 7
    assert dito[IMOVEIS][1]["call_count"] == 100


def test_usage_is_told_with_good_answers_and_stops_at_a_hundred(graph):
    calma = graph.ler(f"/{CONSORCIO}/leads")
    graph.controle(f"paginas/{IMOVEIS}/uso", uso=96, minutos=19)
    quase = graph.ler(f"/{CONSORCIO}/leads")
    graph.controle(f"paginas/{IMOVEIS}/uso", uso=100, minutos=19)
    cheia = graph.ler(f"/{CONSORCIO}/leads")

    assert "X-Business-Use-Case-Usage" not in calma.headers
    assert quase.status_code == 200
    dito = json.loads(quase.headers["X-Business-Use-Case-Usage"])[IMOVEIS][1]
    assert (dito["call_count"], dito["type"]) == (96, "leadgen")
    assert graph.erro(cheia) == (400, 80005, 0)
    assert "X-Business-Use-Case-Usage" in cheia.headers
    assert graph.ler("/me").status_code == 200


def test_small_page_may_be_asked_little_and_each_id_counts(graph):
    def medida():
        paginas = {pagina["id"]: pagina for pagina in graph.estado()["paginas"]}
        return paginas[IMOVEIS]["cota"], paginas[IMOVEIS]["gasto"]

    enviados = graph.enviar(quantos=7)
    inteira, _ = medida()
    graph.controle(f"paginas/{IMOVEIS}/uso", cota=10)
    token, quais = graph.da_pagina(), ",".join(enviados)
    primeira = graph.ler("/", token=token, ids=quais, fields="id")
    segunda = graph.ler(f"/{enviados[0]}", token=token)
    outra = graph.ler("/", token=token, ids=quais, fields="id")
    recusada = graph.ler(f"/{enviados[0]}", token=token)

    # Seven old ones of each of three forms can be read still.
    assert inteira == 4800 * (21 + 7)
    usos = [
        json.loads(um.headers["X-Business-Use-Case-Usage"])[IMOVEIS][1]
        for um in (primeira, segunda, outra, recusada)
    ]
    assert [um["call_count"] for um in usos] == [70, 80, 150, 150]
    assert [um["estimated_time_to_regain_access"] for um in usos] == [19] * 4
    assert graph.erro(recusada) == (400, 80005, 0)


def test_usage_of_the_app(graph):
    graph.controle("app", uso=75)
    avisada = graph.ler("/me")
    graph.controle("app", uso=100)

    assert json.loads(avisada.headers["X-App-Usage"])["call_count"] == 75
    assert graph.erro(graph.ler(f"/{CONSORCIO}/leads")) == (403, 4, 0)


def test_html_garbage_and_nothing_are_no_json(graph):
    graph.controle("falha", tipo="html_500")
    html = graph.ler("/me")
    graph.controle("falha", tipo="lixo")
    lixo = graph.ler("/me")
    graph.controle("falha", tipo="vazio_502")
    vazio = graph.ler("/me")

    assert (vazio.status_code, vazio.content) == (502, b"")
    assert html.status_code == 500
    assert html.text.startswith("<!DOCTYPE html>")
    assert lixo.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        lixo.json()


@pytest.mark.parametrize(
    ("tipo", "feito"), [("muda_com_efeito", True), ("muda_sem_efeito", False)]
)
def test_silence_leaves_the_caller_in_doubt(graph, tipo, feito):
    (lead,) = graph.enviar()
    graph.controle("falha", tipo=tipo, segundos=30)

    segredos = f"access_token={graph.token}&appsecret_proof={prova(graph.token)}"
    with pytest.raises(requests.ReadTimeout):
        requests.delete(f"{graph.base}/{lead}?{segredos}", timeout=0.3)

    apagado = graph.ler(f"/{lead}").status_code == 400
    assert apagado is feito
    esperar(lambda: graph.estado()["chamadas"][0]["falha"] is None)


def test_slow_answer_is_a_good_one(graph):
    graph.controle("falha", tipo="lenta", segundos=0.3)

    resposta = graph.ler("/me")

    assert resposta.status_code == 200
    assert resposta.elapsed.total_seconds() >= 0.3


def test_empty_page_with_a_next_one_is_not_the_end(graph):
    graph.controle("falha", tipo="folha_vazia", alvo="leads")

    vazia = graph.ler(f"/{CONSORCIO}/leads", limit=2).json()
    depois = vazia["paging"]["cursors"]["after"]
    cheia = graph.ler(f"/{CONSORCIO}/leads", limit=2, after=depois).json()

    assert vazia["data"] == []
    assert "next" in vazia["paging"]
    assert len(cheia["data"]) == 2
    assert cheia == graph.ler(f"/{CONSORCIO}/leads", limit=2).json()


def test_password_change_kills_page_tokens_as_well(graph):
    da_pagina = graph.da_pagina()
    mortos = graph.controle(f"pessoas/{JOANA}/derrubar").json()["mortos"]

    assert mortos == 2
    assert graph.erro(graph.ler("/me")) == (400, 190, 460)
    assert graph.erro(graph.ler("/me", token=da_pagina)) == (400, 190, 460)
    assert graph.ler("/me", token=graph.novo_token()).status_code == 200


def test_expiry_spares_page_tokens_of_long_ones(graph):
    longo = graph.novo_token(segundos=5184000)
    da_pagina = graph.ler(f"/{IMOVEIS}", fields="access_token", token=longo).json()[
        "access_token"
    ]
    graph.controle(f"pessoas/{JOANA}/vencer")

    assert graph.erro(graph.ler("/me", token=longo)) == (400, 190, 463)
    assert graph.ler("/me", token=da_pagina).status_code == 200


def test_checkpoint_holds_whatever_token_comes(graph):
    graph.controle(f"pessoas/{JOANA}/bloquear")
    preso = graph.ler("/me", token=graph.novo_token())
    graph.controle(f"pessoas/{JOANA}/bloquear", ligado=False)

    assert graph.erro(preso) == (400, 190, 459)
    assert graph.ler("/me").status_code == 200


def ler_assinado(corpo):
    sig, _, fatos = parse_qs(corpo.decode())["signed_request"][0].partition(".")
    conta = hmac.new(CHAVE.encode(), fatos.encode(), hashlib.sha256).digest()
    assert sig == base64.urlsafe_b64encode(conta).decode().rstrip("=")
    return json.loads(base64.urlsafe_b64decode(fatos + "=" * (-len(fatos) % 4)))


def test_removing_the_app_and_asking_for_deletion_call_the_product(graph, ouvinte):
    graph.ouvir(ouvinte)
    graph.controle(f"pessoas/{JOANA}/revogar", avisar=True)
    ouvinte.esperar()
    graph.controle(f"pessoas/{JOANA}/exclusao")
    saiu, apagar = ouvinte.esperar(2)

    assert saiu.caminho == "/webhooks/meta/desautorizar"
    assert apagar.caminho == "/webhooks/meta/exclusao"
    fatos = ler_assinado(saiu.corpo)
    assert (fatos["user_id"], fatos["algorithm"]) == (JOANA, "HMAC-SHA256")
    assert ler_assinado(apagar.corpo)["user_id"] == JOANA
    assert graph.erro(graph.ler("/me")) == (400, 190, 458)
    esperar(lambda: graph.estado()["retornos"][0]["status"] == 200)


def test_unknown_orders_are_refused_in_words(graph):
    assert graph.controle("falha", tipo="inventada").status_code == 422
    assert graph.controle("falha", tipo="erro_1", alvo="x").status_code == 422
    assert graph.controle("leads", form_id="1").status_code == 404
    assert graph.controle("leads", form_id=CONSORCIO, quantos=1001).status_code == 422
    assert graph.controle(f"pessoas/{JOANA}/derrubar", subcodigo=1).status_code == 422
    assert graph.estado()["falha"] is None


def test_debug_token_is_for_the_app_only(graph):
    alheio = graph.ler("/debug_token", input_token=DO_APP)

    assert graph.erro(alheio) == (400, 100, 0)
