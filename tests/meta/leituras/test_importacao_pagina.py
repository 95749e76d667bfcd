import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from conexoes.models import EventoPendente, RegistroAuditoria
from conexoes.tenancy import na
from meta.models import LeituraDeLeads
from meta.services.leads import consulta
from tests.meta.chegada.graph import entregar
from tests.meta.formularios.dominio import novo_lead
from tests.meta.leituras.formulario import a_leitura, conferir, contar, o_formulario
from tests.trabalho import apressar, drenar

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def endereco():
    return reverse("meta:importar", args=[o_formulario().pk])


def api():
    return f"/api/v1/conexoes/meta/formularios/{o_formulario().pk}/importacoes"


def test_the_form_asks_for_a_period_and_shows_how_it_goes(graph, mapa, entrar):
    graph.criar("8001", "8002", "8003")
    ana = entrar("ana")
    assert "Últimos 30 dias" in ana.get(endereco(), headers=HTMX).content.decode()

    resposta = ana.post(endereco(), {"periodo": "7"}, headers=HTMX)

    assert resposta.status_code == 200
    assert "Em andamento" in resposta.content.decode()
    drenar()
    progresso = reverse("meta:importacao", args=[a_leitura().pk])
    assert "2 de cerca de" in ana.get(progresso, headers=HTMX).content.decode()
    apressar()
    drenar()
    fim = ana.get(progresso).content.decode()
    assert "Concluída" in fim
    assert "3 novos aqui" in fim
    assert contar(RegistroAuditoria, acao="meta.importacao_iniciada") == 1


def test_nothing_is_foretold_once_what_was_counted_is_read(graph, mapa, entrar):
    graph.criar("8001", "8002", "8003")
    ana = entrar("ana")
    ana.post(endereco(), {"periodo": "tudo"}, headers=HTMX)
    drenar()

    progresso = reverse("meta:importacao", args=[a_leitura().pk])
    texto = ana.get(progresso, headers=HTMX).content.decode()

    assert "Em andamento" in texto
    assert "2 lidos" in texto
    assert "de cerca de" not in texto
    assert "max=" not in texto


def test_leads_that_will_wait_for_a_mapping_are_said_to(graph, mapa, entrar):
    ana = entrar("ana")
    antes = ana.get(endereco(), headers=HTMX).content.decode()
    ana.post(reverse("meta:desativar_mapeamento", args=[mapa.pk]))

    depois = ana.get(endereco(), headers=HTMX).content.decode()

    assert "Eles seguem o mapeamento do formulário." in antes
    assert "os leads ficam aqui, à espera de um." in depois
    assert "Eles seguem o mapeamento do formulário." not in depois


def test_one_that_runs_is_shown_instead_of_a_second_one(graph, mapa, entrar):
    ana = entrar("ana")
    ana.post(endereco(), {"periodo": "7"}, headers=HTMX)

    assert "Em andamento" in ana.get(endereco(), headers=HTMX).content.decode()
    resposta = ana.post(endereco(), {"periodo": "7"}, headers=HTMX)

    assert resposta.status_code == 422
    assert "Já há uma importação" in resposta.content.decode()
    assert contar(LeituraDeLeads) == 1


def test_an_invented_period_begins_nothing(graph, mapa, entrar):
    resposta = entrar("ana").post(endereco(), {"periodo": "9"}, headers=HTMX)

    assert resposta.status_code == 422
    assert contar(LeituraDeLeads) == contar(EventoPendente) == 0


def test_cancelled_on_the_page_it_stops(graph, mapa, entrar):
    graph.criar("8001", "8002", "8003")
    ana = entrar("ana")
    ana.post(endereco(), {"periodo": "7"}, headers=HTMX)
    cancelar = reverse("meta:cancelar_importacao", args=[a_leitura().pk])

    resposta = ana.post(cancelar, headers=HTMX)
    drenar()

    assert "Cancelada" in resposta.content.decode()
    # None came in: there is no list of them to see.
    assert "Ver os importados" not in resposta.content.decode()
    assert graph.folhas == []
    assert "já terminou" in ana.post(cancelar, follow=True).content.decode()


def test_api_knows_no_form_of_others_whatever_is_asked_of_it(
    graph, mapa, client, token
):
    resposta = client.post(
        api(), {}, headers=token("carla"), content_type="application/json"
    )

    assert resposta.status_code == 404


@pytest.mark.parametrize(("quem", "recusa"), [("bruno", 403), ("carla", 404)])
def test_nobody_else_imports(graph, mapa, entrar, client, token, quem, recusa):
    assert entrar(quem).post(endereco(), {"periodo": "7"}).status_code == recusa
    resposta = client.post(
        api(), {"periodo": "7"}, headers=token(quem), content_type="application/json"
    )

    assert resposta.status_code == recusa
    assert contar(LeituraDeLeads) == 0


def test_api_imports_and_tells_how_it_went(graph, mapa, client, token):
    graph.criar("8001")
    cabecalhos = token("ana")

    resposta = client.post(
        api(), {"periodo": "tudo"}, headers=cabecalhos, content_type="application/json"
    )
    outra = client.post(
        api(), {"periodo": "tudo"}, headers=cabecalhos, content_type="application/json"
    )
    drenar()

    assert (resposta.status_code, resposta.json()["status"]) == (202, "andando")
    assert outra.status_code == 409
    (uma,) = client.get(api(), headers=cabecalhos).json()
    assert (uma["status"], uma["lidos"], uma["novos"]) == ("concluida", 1, 1)


def test_the_summary_tells_what_came_and_what_waits(
    graph, gente, mapa, pagina, django_assert_num_queries
):
    graph.criar("9001", "9002")
    entregar(graph, graph.leads["9001"])
    conferir()
    novo_lead(pagina, "7")
    with na(gente.aurora), django_assert_num_queries(2):
        resumo = consulta.resumo(gente.aurora)

    assert (resumo.hoje, resumo.esperando, resumo.recuperados) == (3, 1, 1)
    assert (resumo.conferidos, resumo.esperados) == (2, 2)
    texto = render_to_string("meta/_leads_resumo.html", {"resumo": resumo})
    assert "Estão aqui 2 de 2 leads conferidos" in texto
    assert "1 encontrado pela conferência" in texto
