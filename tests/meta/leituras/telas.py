"""The pages of leads, opened by a browser."""

from django.urls import reverse

LISTA = "/configuracoes/conexoes/meta/leads/"


def ver(navegador, url, **parametros):
    resposta = navegador.get(url, parametros)
    assert resposta.status_code == 200, resposta.content[:300]
    return resposta.content.decode()


def do(lead, nome="lead"):
    return reverse(f"meta:{nome}", args=[lead.pk])
