"""Deliveries about leads: signed, retried, together, twice, late, lost."""

from .fio import esperar
from .graph import AVALIACAO, BRISA, CONSORCIO, IMOVEIS, JOANA, assinatura


def situacoes(graph):
    return [entrega["situacao"] for entrega in graph.estado()["entregas"]]


def test_delivery_is_signed_over_its_bytes(graph, ouvinte):
    graph.ouvir(ouvinte, IMOVEIS)
    graph.enviar(nota="João <3 50% a/b x@y")

    (recebido,) = ouvinte.esperar()

    assert recebido.cabecalhos["X-Hub-Signature-256"] == assinatura(recebido.corpo)
    assert rb'"note":"Jo\u00e3o \u003C3 50\u0025 a\/b x\u0040y"' in recebido.corpo
    assert recebido.json["entry"][0]["changes"][0]["value"]["note"] == (
        "João <3 50% a/b x@y"
    )


def test_a_new_secret_signs_from_then_on(graph, ouvinte):
    graph.ouvir(ouvinte, IMOVEIS)
    graph.controle("app", segredo="outro-segredo")
    graph.enviar()

    (recebido,) = ouvinte.esperar()

    assert recebido.cabecalhos["X-Hub-Signature-256"] == assinatura(
        recebido.corpo, "outro-segredo"
    )


def test_organic_leads_have_no_ad_and_some_pages_write_numbers(graph, ouvinte):
    graph.ouvir(ouvinte, IMOVEIS, BRISA)
    (organico,) = graph.enviar(CONSORCIO)
    ouvinte.esperar()
    (numerico,) = graph.enviar(AVALIACAO, origem="fb")
    ditos = [r.json["entry"][0]["changes"][0]["value"] for r in ouvinte.esperar(2)]

    assert set(ditos[0]) == {"created_time", "leadgen_id", "page_id", "form_id"}
    assert ditos[0]["leadgen_id"] == organico
    assert ditos[1]["leadgen_id"] == int(numerico)
    assert ditos[1]["page_id"] == int(BRISA)
    assert ditos[1]["adgroup_id"] == ditos[1]["ad_id"]
    assert isinstance(ditos[1]["created_time"], int)


def test_thousand_leads_in_one_delivery(graph, ouvinte):
    graph.ouvir(ouvinte, IMOVEIS)
    enviados = graph.enviar(quantos=1000, por_entrega=1000)

    (recebido,) = ouvinte.esperar()

    assert ouvinte.ids() == enviados
    assert len(recebido.json["entry"][0]["changes"]) == 1000


def test_three_together_and_the_rest_apart(graph, ouvinte):
    graph.ouvir(ouvinte, IMOVEIS)
    graph.enviar(quantos=4, por_entrega=3)

    recebidos = ouvinte.esperar(2)

    tamanhos = [len(r.json["entry"][0]["changes"]) for r in recebidos]
    assert sorted(tamanhos) == [1, 3]


def test_two_pages_in_one_delivery(graph, ouvinte):
    graph.ouvir(ouvinte, IMOVEIS, BRISA)
    enviados = graph.enviar(f"{CONSORCIO},{AVALIACAO}", quantos=4, por_entrega=4)

    (recebido,) = ouvinte.esperar()

    paginas = [entrada["id"] for entrada in recebido.json["entry"]]
    assert paginas == [IMOVEIS, int(BRISA), IMOVEIS, int(BRISA)]
    assert ouvinte.ids() == enviados


def test_lost_webhook_leaves_a_lead_nobody_was_told_of(graph, ouvinte):
    graph.ouvir(ouvinte, IMOVEIS)
    (perdido,) = graph.enviar(modo="perder")
    (calado,) = graph.enviar(webhook=False)

    assert situacoes(graph) == ["descartada", "descartada"]
    assert ouvinte.recebidos == []
    for lead in (perdido, calado):
        assert graph.ler(f"/{lead}").status_code == 200


def test_twice_is_the_same_bytes(graph, ouvinte):
    graph.ouvir(ouvinte, IMOVEIS)
    graph.enviar(modo="duas_vezes")

    primeiro, segundo = ouvinte.esperar(2)

    assert primeiro.corpo == segundo.corpo


def test_out_of_order_tells_the_newest_first(graph, ouvinte):
    graph.ouvir(ouvinte, IMOVEIS)
    graph.sandbox.controle("velocidade", fator=0.5)
    enviados = graph.enviar(quantos=3, modo="fora_de_ordem")

    ouvinte.esperar(3)

    assert ouvinte.ids() == enviados[::-1]
    quando = [
        r.json["entry"][0]["changes"][0]["value"]["created_time"]
        for r in ouvinte.recebidos
    ]
    assert quando == sorted(quando, reverse=True)


def test_late_one_arrives_in_the_end(graph, ouvinte):
    graph.ouvir(ouvinte, IMOVEIS)
    graph.enviar(modo="atrasado", segundos=5)
    a_caminho = graph.estado()["contagens"]["webhooks_pendentes"]

    ouvinte.esperar()

    assert a_caminho == 1


def test_anything_but_200_is_sent_again(graph, ouvinte):
    graph.ouvir(ouvinte, IMOVEIS)
    ouvinte.respostas = [500, 202]
    graph.enviar()

    recebidos = ouvinte.esperar(3)
    esperar(lambda: graph.estado()["contagens"]["webhooks_pendentes"] == 0)

    assert len({recebido.corpo for recebido in recebidos}) == 1
    assert situacoes(graph) == ["entregue", "falhou", "falhou"]
    assert [e["tentativa"] for e in graph.estado()["entregas"]] == [3, 2, 1]


def test_no_subscription_no_live_mode_no_delivery(graph, ouvinte):
    graph.enviar()
    graph.ouvir(ouvinte, IMOVEIS)
    graph.controle("app", ao_vivo=False)
    graph.enviar()

    motivos = [entrega["detalhe"] for entrega in graph.estado()["entregas"]]
    assert motivos == [
        "o app está em modo de desenvolvimento",
        "o app não assina leadgen",
    ]
    assert ouvinte.recebidos == []


def test_one_lead_is_told_again_on_demand(graph, ouvinte):
    graph.ouvir(ouvinte, IMOVEIS)
    (lead,) = graph.enviar(modo="perder")
    saiu = graph.controle(f"leads/{lead}/reenviar").json()["saiu"]

    ouvinte.esperar()

    assert saiu is True
    assert ouvinte.ids() == [lead]


def test_dashboard_test_has_nowhere_to_go_without_a_subscription(graph):
    assert graph.controle("teste").status_code == 422


def test_nobody_outside_this_machine_is_ever_called(graph):
    resposta = graph.controle(
        f"pessoas/{JOANA}/desautorizar", url="https://crm.example.com/x"
    )

    assert resposta.status_code == 200
    esperar(lambda: graph.estado()["retornos"][0]["resposta"])
    assert graph.estado()["retornos"][0]["status"] is None


def test_told_once_only_it_is_not_sent_again(graph, ouvinte):
    graph.ouvir(ouvinte, IMOVEIS)
    ouvinte.respostas = [503]
    graph.enviar(modo="uma_vez")

    ouvinte.esperar()
    esperar(lambda: graph.estado()["contagens"]["webhooks_pendentes"] == 0)

    assert situacoes(graph) == ["desistiu"]
    assert len(ouvinte.recebidos) == 1
