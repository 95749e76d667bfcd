"""Meta's control page without a browser."""

import re
from urllib.parse import unquote_plus

import requests

from .graph import AVALIACAO, CONSORCIO, IMOVEIS, JOANA


def pagina(graph, **consulta):
    url = f"{graph.sandbox.base}/meta/"
    return requests.get(url, params=consulta, timeout=10).text


def enviar_formulario(graph, *campos):
    """As a browser does it without our script."""
    url = f"{graph.sandbox.base}/controle/graph/leads"
    return requests.post(url, data=campos, allow_redirects=False, timeout=10)


def preenchidos(html):
    """What the form on the page would send, untouched."""
    formulario = re.search(r'data-vivo="envio">(.*?)</form>', html, re.DOTALL)[1]
    campos = []
    for marca in re.findall(r"<input [^>]*>", formulario):
        nome, valor = re.search(r'name="([^"]*)".*value="([^"]*)"', marca).groups()
        if 'type="checkbox"' not in marca or "checked" in marca:
            campos.append((nome, valor.replace("&#x27;", "'")))
    return campos


def test_page_offers_a_form_that_is_filled_in(graph):
    html = pagina(graph, formulario=AVALIACAO)

    assert "Qual tratamento?" in html
    assert 'name="r.qual_tratamento?[]" value="Clareamento" checked' in html
    assert "João da Conceição" in html


def test_sent_untouched_it_is_a_lead_and_the_next_person_waits(graph):
    campos = preenchidos(pagina(graph))
    resposta = enviar_formulario(graph, *campos)

    novo = graph.estado()["leads"][0]
    lido = graph.ler(
        f"/{novo['id']}", fields="field_data,custom_disclaimer_responses"
    ).json()
    assert (resposta.status_code, resposta.headers["Location"]) == (303, "/meta/")
    assert [d["values"] for d in lido["field_data"]] == [
        ["João da Conceição"],
        ["joao.conceicao@exemplo.com.br"],
        ["+5511987654321"],
        ["até_200_mil"],
    ]
    assert [c["is_checked"] for c in lido["custom_disclaimer_responses"]] == ["1", "1"]
    assert "Mariana D&#x27;Ávila" in pagina(graph)


def test_blank_answers_and_unticked_boxes_are_sent_as_such(graph):
    enviar_formulario(
        graph,
        ("form_id", CONSORCIO),
        ("r.full_name", "Só o nome"),
        ("r.email", ""),
        ("r.qual_o_valor_do_imóvel?[]", ""),
        ("r.qual_o_valor_do_imóvel?[]", "até_200_mil"),
        ("r.qual_o_valor_do_imóvel?[]", "acima_de_500_mil"),
        ("c[]", ""),
    )

    lead = graph.estado()["leads"][0]
    aceites = graph.ler(f"/{lead['id']}", fields="custom_disclaimer_responses").json()
    assert [resposta["values"] for resposta in lead["respostas"]] == [
        ["Só o nome"],
        [],
        ["até_200_mil", "acima_de_500_mil"],
    ]
    ditos = [c["is_checked"] for c in aceites["custom_disclaimer_responses"]]
    assert ditos == ["", ""]


def test_page_shows_what_was_taken_away(graph, ouvinte):
    graph.ouvir(ouvinte, IMOVEIS)
    graph.controle(f"paginas/{IMOVEIS}/trancar")
    graph.controle(f"paginas/{IMOVEIS}/uso", uso=96)
    graph.controle(f"pessoas/{JOANA}/bloquear")
    graph.controle("falha", tipo="token_460", alvo="lead", chamadas=3)

    html = pagina(graph)

    assert "Inscrita em leadgen" in html
    assert "Leads trancados" in html
    assert "Cota em 96%" in html
    assert "Em verificação" in html
    assert "Senha trocada (190/460)</b> · restam 3 chamadas" in html
    assert ouvinte.url in html


def test_page_is_plain_html_without_secrets(graph):
    graph.ler("/me")
    html = pagina(graph)

    assert " style=" not in html
    assert "<script>" not in html
    assert graph.token not in html
    assert "chave-do-teste" not in unquote_plus(html)


def test_answers_with_markup_are_escaped(graph):
    graph.enviar(respostas={"full_name": "<script>alert(1)</script>"})

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pagina(graph)


def test_reset_forgets_rights_and_new_leads(graph):
    (lead,) = graph.enviar()
    graph.sandbox.controle("reiniciar")

    antigo = graph.ler("/me")
    graph.token = graph.novo_token()

    assert graph.erro(antigo) == (400, 190, 0)
    assert graph.erro(graph.ler(f"/{lead}")) == (400, 100, 33)
    assert graph.estado()["app"]["callback"] is None
