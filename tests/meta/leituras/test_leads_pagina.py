import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conexoes.erros import ErroDeDominio
from conexoes.models import EventoPendente, RegistroAuditoria
from conexoes.tenancy import na, sistema
from crm.models import Contato, EtapaFunil, Oportunidade, Usuario
from crm.services import funis, oportunidades
from meta.models import FormularioLeadAds, FormularioMeta, LeadCapturado
from meta.services.leads import reprocesso
from meta.services.leads.consulta import Filtro
from tests.meta.chegada.graph import (
    FORMULARIO,
    SEM_ACESSO,
    avisar,
    entregar,
    lead,
)
from tests.meta.formularios.dominio import mapear, nova_pagina, novo_lead
from tests.meta.leituras.formulario import conferir, contar, os_leads
from tests.paralelo import alguem_espera
from tests.produto import esperar
from tests.trabalho import drenar

pytestmark = pytest.mark.django_db

LISTA = "/configuracoes/conexoes/meta/leads/"
API = "/api/v1/conexoes/meta/leads/"


def ver(navegador, url, **parametros):
    resposta = navegador.get(url, parametros)
    assert resposta.status_code == 200, resposta.content[:300]
    return resposta.content.decode()


def do(lead, nome="lead"):
    return reverse(f"meta:{nome}", args=[lead.pk])


@pytest.fixture
def um_de_cada(pagina):
    """One lead in every state, none with a contact."""
    return {
        status: novo_lead(
            pagina,
            FORMULARIO,
            status=status,
            motivo=f"Motivo de {status}.",
            via="importacao" if status == "falhou" else "webhook",
            teste=status == "indisponivel",
        )
        for status in LeadCapturado.Status.values
    }


def test_the_list_says_of_each_lead_where_it_is_and_why(entrar, um_de_cada):
    pagina = ver(entrar("ana"), LISTA)

    assert "Motivo de sem_acesso." in pagina
    assert "Motivo de processado." not in pagina
    assert "Aguardando mapeamento" in pagina
    assert pagina.count("linha-clicavel item") == 6


def test_only_states_with_leads_are_offered_with_their_numbers(entrar, pagina):
    novo_lead(pagina, FORMULARIO, status="falhou")

    conteudo = ver(entrar("ana"), LISTA)
    escolhida = ver(entrar("ana"), LISTA, situacao="sem_acesso")

    assert "Sem acesso" not in conteudo
    assert "Falharam" in conteudo
    assert "Limpar filtros" not in conteudo
    assert "Sem acesso" in escolhida
    assert "Limpar filtros" in escolhida


def test_with_no_page_chosen_the_empty_list_leads_to_the_account(entrar):
    conteudo = ver(entrar("ana"), LISTA)

    assert "Nenhuma página avisa de leads ainda" in conteudo
    assert "Conectar o Facebook" in conteudo


def test_with_a_page_chosen_the_empty_list_says_that_leads_will_come(entrar, pagina):
    conteudo = ver(entrar("ana"), LISTA)

    assert "Nenhum lead ainda" in conteudo
    assert "Conectar o Facebook" not in conteudo


@pytest.mark.parametrize(
    ("filtro", "quantos"),
    [
        ({"situacao": "sem_acesso"}, 1),
        ({"situacao": "inventada"}, 6),
        ({"via": "importacao"}, 1),
        ({"teste": "sem"}, 5),
        ({"teste": "so"}, 1),
        ({"formulario": FORMULARIO}, 6),
        ({"formulario": "7"}, 0),
        ({"periodo": "1h"}, 6),
        ({"busca": "ninguem"}, 0),
        ({"busca": "\x00", "depois": "lixo"}, 6),
    ],
)
def test_filters(entrar, um_de_cada, filtro, quantos):
    assert ver(entrar("ana"), LISTA, **filtro).count("linha-clicavel item") == quantos


def test_a_lead_is_found_by_its_contacts_name(graph, mapa, entrar):
    graph.criar("9001", "9002", full_name="Zuleica Prado")
    entregar(graph, *graph.leads.values())

    pagina = ver(entrar("ana"), LISTA, busca="zuleica")

    assert pagina.count("linha-clicavel item") == 2


def test_leads_without_a_contact_are_told_apart_by_their_answers(graph, pagina, entrar):
    graph.criar("9001", full_name="Zuleica Prado")
    graph.criar("9002", full_name="")
    conferir()

    conteudo = ver(entrar("ana"), LISTA)

    assert "Zuleica Prado" in conteudo
    assert conteudo.count("Ainda sem contato") == 1


def test_of_leads_found_together_the_newest_is_on_top(graph, pagina, entrar):
    graph.por_folha = 9
    graph.criar("9003", "9001", "9002")
    conferir()

    leads = entrar("ana").get(LISTA).context["leads"]

    assert [um.leadgen_id for um in leads] == ["9002", "9001", "9003"]


def test_a_lead_that_came_long_after_it_was_sent_says_when_that_was(entrar, pagina):
    agora = timezone.now()
    novo_lead(pagina, FORMULARIO, criado_na_meta_em=agora)
    assert "enviado em" not in ver(entrar("ana"), LISTA)
    antes = agora - timedelta(days=40)
    novo_lead(pagina, FORMULARIO, criado_na_meta_em=antes, via="importacao")

    conteudo = ver(entrar("ana"), LISTA)

    assert f"enviado em {timezone.localtime(antes):%d/%m/%Y}" in conteudo
    assert conteudo.count("hoje, ") == 2


def test_pages_of_the_list_hold_every_lead_once(entrar, pagina):
    ids = {novo_lead(pagina, FORMULARIO).pk for _ in range(35)}
    navegador, vistos, url = entrar("ana"), [], LISTA
    while url:
        resposta = navegador.get(url)
        vistos += [um.pk for um in resposta.context["leads"]]
        proxima = resposta.context["proxima"]
        url = f"{LISTA}{proxima}" if proxima else ""

    assert len(vistos) == 35
    assert set(vistos) == ids


def test_the_list_costs_the_same_however_long(
    entrar, pagina, django_assert_num_queries
):
    navegador = entrar("ana")
    novo_lead(pagina, FORMULARIO)
    with CaptureQueriesContext(connection) as com_um:
        navegador.get(LISTA)
    for _ in range(20):
        novo_lead(pagina, FORMULARIO)

    with django_assert_num_queries(len(com_um)):
        navegador.get(LISTA)


def test_the_trace_tells_every_hop_with_its_time(graph, gente, mapa, entrar):
    graph.criar("9001", campaign_name="Janeiro")
    entregar(graph, graph.leads["9001"])
    with sistema("comando"):
        oportunidade = Oportunidade.objects.get()
    with na(gente.aurora, gente.ana):
        etapa = list(funis.etapas_do(oportunidade.funil))[1]
        oportunidades.mover(oportunidade, etapa, autor=gente.ana)

    resposta = entrar("ana").get(do(os_leads()[0]))

    passos = {p.nome: p for p in resposta.context["passos"]}
    assert list(passos) == [
        *("clique", "formulario", "aviso", "leitura", "contato"),
        *("oportunidade", "movimento"),
    ]
    assert passos["aviso"].titulo == "Aviso da Meta recebido"
    assert passos["aviso"].espera_legivel == "1 h"
    assert passos["contato"].titulo == "Contato novo"
    assert passos["movimento"].titulo == f"Movida para {etapa.nome}"
    assert passos["movimento"].detalhes == ("Ana Alves",)
    assert "Ver a entrega recebida" in resposta.content.decode()


def test_each_thing_to_say_of_a_lead_is_a_line_in_the_readers_language(
    graph, gente, pagina, mapa, entrar
):
    with sistema("comando"):
        Usuario.objects.filter(pk=gente.ana.pk).update(idioma="en")
        EtapaFunil.objects.filter(pk=mapa.etapa_destino_id).update(
            arquivada_em=timezone.now()
        )
        FormularioLeadAds.objects.update(owner=gente.bruno)
        Usuario.objects.filter(pk=gente.bruno.pk).update(is_active=False)
    entregar(graph, lead("9002001"))

    resposta = entrar("ana").get(do(os_leads()[0]))

    [passo] = [p for p in resposta.context["passos"] if p.nome == "contato"]
    frases = (
        "The chosen stage is no longer in use; it went to Sales, In contact.",
        "The person chosen in the mapping is no longer active.",
    )
    assert passo.detalhes[-2:] == frases
    assert " ".join(frases) in entrar("ana").get(passo.url).content.decode()


def test_a_lead_that_was_not_read_has_no_answers_to_show(graph, mapa, entrar, pagina):
    lead = novo_lead(
        pagina,
        FORMULARIO,
        status="a_ler",
        motivo="A senha do Facebook foi trocada.",
        respostas=[],
        lido_em=None,
    )

    resposta = entrar("ana").get(do(lead))

    visto = resposta.content.decode()
    assert "Ainda não há respostas" in visto
    assert "Sem resposta" not in visto
    assert "Origem ainda não lida" in visto
    leitura = next(p for p in resposta.context["passos"] if p.nome == "leitura")
    assert leitura.url == reverse("meta:pagina")


def test_a_recovered_lead_says_so(graph, mapa, entrar):
    graph.criar("9001")
    conferir()

    pagina = ver(entrar("ana"), do(os_leads()[0]))

    assert "Encontrado pela conferência" in pagina
    assert "A Meta não avisou deste lead." in pagina
    assert "Recuperado" in ver(entrar("ana"), LISTA)


@pytest.mark.parametrize(
    ("status", "fazer"),
    [
        ("sem_mapeamento", "Mapeie o formulário"),
        ("falhou", "Corrija o que diz acima"),
    ],
)
def test_what_stopped_says_what_to_do(entrar, um_de_cada, status, fazer):
    pagina = ver(entrar("ana"), do(um_de_cada[status]))

    assert f"Motivo de {status}." in pagina
    assert fazer in pagina


def test_no_access_says_who_can_give_it(entrar, pagina):
    lead = novo_lead(
        pagina,
        FORMULARIO,
        status="sem_acesso",
        lido_em=None,
        motivo="Sem acesso aos leads.",
    )

    conteudo = ver(entrar("ana"), do(lead))

    assert "Sem acesso aos leads." in conteudo
    assert "Um administrador da página precisa dar acesso" in conteudo


def test_answers_stand_verbatim_beside_what_they_fill(graph, mapa, entrar):
    graph.criar("9001", **{"phone_number": "(11) 98765-4321", "qual?": ["a", "<b>"]})
    entregar(graph, graph.leads["9001"])

    resposta = entrar("ana").get(do(os_leads()[0]))

    achadas = {r.chave: r for r in resposta.context["respostas"]}
    assert achadas["phone_number"].crus == ("(11) 98765-4321",)
    assert (achadas["phone_number"].campo, achadas["phone_number"].preenche) == (
        "Telefone",
        "+55 11 98765-4321",
    )
    assert (achadas["qual?"].crus, achadas["qual?"].campo) == (("a", "<b>"), "")
    assert "&lt;b&gt;" in resposta.content.decode()
    (consentimento,) = resposta.context["consentimentos"]
    assert (consentimento.chave, consentimento.aceito) == ("aceito_whatsapp", True)
    assert consentimento.rotulo == "Aceito whatsapp"


def test_a_choice_reads_as_the_form_words_it_and_raw_as_meta_says_it(
    graph, mapa, entrar
):
    with na(mapa.organizacao_id):
        FormularioMeta.objects.filter(form_id=FORMULARIO).update(
            perguntas=[
                {
                    "key": "valor?",
                    "label": "Qual o valor do imóvel?",
                    "type": "CUSTOM",
                    "options": [{"key": "até_200_mil", "value": "Até R$ 200 mil"}],
                }
            ]
        )
    graph.criar("9001", **{"valor?": "até_200_mil"})
    entregar(graph, graph.leads["9001"])
    (lead,), ana = os_leads(), entrar("ana")

    pagina = ver(ana, do(lead))
    bruto = ana.post(do(lead, "lead_bruto")).content.decode()

    assert "Até R$ 200 mil" in pagina
    assert "até_200_mil" not in pagina
    assert "até_200_mil" in bruto


def test_metas_own_questions_have_names_before_the_form_was_read(entrar, pagina):
    respostas = [
        {"name": "phone_number", "values": ["+5511987654321"]},
        {"name": "qual?", "values": ["a"]},
    ]
    lead = novo_lead(pagina, "nunca-lido", respostas=respostas)

    achadas = entrar("ana").get(do(lead)).context["respostas"]

    assert [um.rotulo for um in achadas] == ["Telefone", "qual?"]


@pytest.mark.parametrize("status", LeadCapturado.Status.values)
def test_only_a_lead_that_waits_for_it_offers_to_map_its_form(
    entrar, um_de_cada, status
):
    oferece = "Mapear o formulário" in ver(entrar("ana"), do(um_de_cada[status]))

    assert oferece is (status == "sem_mapeamento")


def test_a_lead_leads_to_its_deal(graph, mapa, entrar):
    graph.criar("9001", full_name="Zuleica Prado")
    entregar(graph, graph.leads["9001"])
    (lead,) = os_leads()

    pagina = ver(entrar("ana"), do(lead))

    url = reverse("crm:oportunidade", args=[lead.oportunidade_id])
    (botao,) = [um for um in pagina.split("<a ") if 'id="abrir-do-lead"' in um]
    assert f'href="{url}"' in botao


def test_the_raw_lead_is_for_admins_and_looking_is_on_record(entrar, gente, um_de_cada):
    lead = um_de_cada["processado"]
    assert '"field_data"' not in ver(entrar("ana"), do(lead))

    resposta = entrar("ana").post(do(lead, "lead_bruto"))

    assert "field_data" in resposta.content.decode()
    assert resposta["Cache-Control"] == "no-store"
    assert contar(RegistroAuditoria, acao="lead.bruto_visto") == 1


def test_a_permitted_member_sees_the_way_and_not_the_raw_lead(
    entrar, gente, um_de_cada
):
    with sistema("comando"):
        gente.bruno.permissoes_conexoes = {"meta_lead_ads": True}
        gente.bruno.save()
    lead = um_de_cada["processado"]
    bruno = entrar("bruno")

    assert "Ver o conteúdo" not in ver(bruno, do(lead))
    assert bruno.post(do(lead, "lead_bruto")).status_code == 403
    assert contar(RegistroAuditoria, acao="lead.bruto_visto") == 0


@pytest.mark.parametrize("quem", ["bruno", "carla"])
def test_nobody_else_sees_a_lead(entrar, um_de_cada, quem):
    lead = um_de_cada["falhou"]
    navegador = entrar(quem)

    recusa = 403 if quem == "bruno" else 404
    assert navegador.get(do(lead)).status_code == recusa
    assert navegador.post(do(lead, "reprocessar_lead")).status_code == recusa
    assert contar(EventoPendente) == 0


def test_reprocessing_goes_the_real_way_and_makes_nothing_twice(graph, mapa, entrar):
    graph.criar("9001")
    entregar(graph, graph.leads["9001"])
    lead = os_leads()[0]

    resposta = entrar("ana").post(
        do(lead, "reprocessar_lead"), headers={"HX-Request": "true"}
    )
    drenar()

    assert resposta.status_code == 200
    assert os_leads()[0].processado_em > lead.processado_em
    assert contar(Contato) == contar(Oportunidade) == 1
    assert contar(RegistroAuditoria, acao="lead.reprocessado") == 1
    depois = entrar("ana").get(do(lead)).context["passos"]
    passos = {p.nome: p for p in depois}
    assert passos["contato"].em <= passos["oportunidade"].em


def test_many_are_counted_and_then_reprocessed(graph, gente, mapa, entrar, pagina):
    graph.criar(*(str(n) for n in range(9001, 9004)))
    with sistema("comando"):
        mapa.delete()
    conferir()
    with sistema("comando"):
        LeadCapturado.objects.update(status="falhou")
    ana = entrar("ana")
    url = reverse("meta:reprocessar_leads")
    antes = ver(ana, url, situacao="falhou")
    assert "<strong>3</strong>" in antes
    assert contar(EventoPendente, status="pending") == 0
    mapear(pagina, FORMULARIO, autor=gente.ana)

    ana.post(url, {"situacao": "falhou"})
    drenar()

    assert {um.status for um in os_leads()} == {"processado"}
    assert contar(RegistroAuditoria, acao="leads.reprocessados") == 1


def test_a_list_of_any_length_is_reprocessed_and_says_how_far_it_is(
    graph, gente, mapa, entrar, monkeypatch
):
    monkeypatch.setattr(reprocesso, "_DE_UMA_VEZ", 2)
    graph.criar(*(str(n) for n in range(9001, 9006)))
    conferir()
    with sistema("comando"):
        LeadCapturado.objects.update(status="falhou")
    ana = entrar("ana")
    ana.post(reverse("meta:reprocessar_leads"), {"situacao": "falhou"})
    with na(gente.aurora):
        no_comeco = reprocesso.andamento(gente.aurora)
        with pytest.raises(ErroDeDominio):
            reprocesso.muitos(
                *(gente.aurora, Filtro(situacao="falhou")),
                ate=timezone.now(),
                autor=gente.ana,
            )
    assert "0 de 5" in ver(ana, LISTA)

    drenar()

    with na(gente.aurora):
        no_fim = reprocesso.andamento(gente.aurora)
    assert no_comeco == reprocesso.Andamento(True, 0, 5, 0, "")
    assert no_fim == reprocesso.Andamento(False, 5, 5, 0, "")
    assert {um.status for um in os_leads()} == {"processado"}
    assert "5 de 5" in ver(ana, LISTA)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_reprocess_at_the_same_instant_one_does(gente, pagina):
    novo_lead(pagina, FORMULARIO, status="falhou")

    with ThreadPoolExecutor(1) as fora:
        with na(gente.aurora, gente.ana):
            assert reprocessar(gente) == "1"
            outra = fora.submit(reprocessar_a_parte, gente)
            esperar(lambda: outra.done() or alguem_espera())
        assert outra.result(20) == "Já há leads sendo postos na fila. Espere um pouco."

    assert contar(EventoPendente, destino="meta.reprocesso") == 1


def reprocessar_a_parte(gente):
    try:
        with na(gente.aurora, gente.ana):
            return reprocessar(gente)
    finally:
        connection.close()


def reprocessar(gente):
    filtro, agora = Filtro(situacao="falhou"), timezone.now()
    try:
        return str(reprocesso.muitos(gente.aurora, filtro, ate=agora, autor=gente.ana))
    except ErroDeDominio as erro:
        return erro.mensagem


def test_a_list_that_is_cut_short_goes_on_where_it_was(graph, gente, mapa, monkeypatch):
    monkeypatch.setattr(reprocesso, "_DE_UMA_VEZ", 2)
    monkeypatch.setattr(reprocesso, "_TURNO_S", 0.0)
    graph.criar(*(str(n) for n in range(9001, 9006)))
    conferir()
    with sistema("comando"):
        LeadCapturado.objects.update(status="falhou")
    with na(gente.aurora, gente.ana):
        reprocesso.muitos(
            *(gente.aurora, Filtro(situacao="falhou")),
            ate=timezone.now(),
            autor=gente.ana,
        )

    drenar()

    assert contar(EventoPendente, chave__startswith="meta.processamento:9") == 10
    assert {um.status for um in os_leads()} == {"processado"}


def test_what_waits_for_meta_keeps_no_list_open(graph, gente, mapa):
    graph.saude = SEM_ACESSO
    avisar("9001")
    drenar()
    with na(gente.aurora, gente.ana):
        reprocesso.muitos(
            *(gente.aurora, Filtro(situacao="sem_acesso")),
            ate=timezone.now(),
            autor=gente.ana,
        )

    drenar()

    with na(gente.aurora):
        assert reprocesso.andamento(gente.aurora) == reprocesso.Andamento(
            False, 1, 1, 1, ""
        )


@pytest.mark.parametrize("situacao", ["", "processado", "x"])
def test_a_list_of_what_is_done_is_not_reprocessed(entrar, um_de_cada, situacao):
    url = reverse("meta:reprocessar_leads")

    assert entrar("ana").post(url, {"situacao": situacao}).status_code == 404
    assert contar(EventoPendente) == 0


def test_contact_and_deal_say_where_they_came_from(graph, mapa, entrar):
    graph.criar("9001")
    entregar(graph, graph.leads["9001"])
    lead = os_leads()[0]
    ana, bruno = entrar("ana"), entrar("bruno")

    for url in (
        reverse("crm:contato", args=[lead.contato_id]),
        reverse("crm:oportunidade", args=[lead.oportunidade_id]),
    ):
        dela, dele = ver(ana, url), ver(bruno, url)
        assert "De onde veio" in dela
        assert "Formulário Captação" in dela
        assert do(lead) in dela
        assert "Formulário Captação" in dele
        assert do(lead) not in dele


def test_contact_says_that_its_lead_has_another_phone(graph, gente, mapa, entrar):
    graph.criar("9001")
    [email] = [
        campo["values"][0]
        for campo in graph.leads["9001"]["field_data"]
        if "@" in campo["values"][0]
    ]
    with na(gente.aurora):
        conhecida = Contato.objects.create(
            organizacao=gente.aurora, email=email, telefone="+5511900000000"
        )

    entregar(graph, graph.leads["9001"])

    recado = "O lead tem outro telefone: o contato ficou com o que já tinha."
    assert recado in ver(entrar("bruno"), reverse("crm:contato", args=[conhecida.pk]))
    assert recado in ver(entrar("ana"), do(os_leads()[0]))


def test_api_lists_and_tells_a_lead(graph, mapa, client, token):
    graph.criar("9001")
    entregar(graph, graph.leads["9001"])
    cabecalhos = token("ana")

    lista = client.get(API, {"situacao": "processado"}, headers=cabecalhos).json()
    (um,) = lista["resultados"]
    inteiro = client.get(f"{API}{um['id']}/", headers=cabecalhos).json()

    assert (um["leadgen_id"], um["status"], lista["proxima"]) == (
        "9001",
        "processado",
        None,
    )
    assert [p["nome"] for p in inteiro["passos"]][:3] == [
        "clique",
        "formulario",
        "aviso",
    ]
    assert inteiro["passos"][2]["espera_s"] > 3500
    assert inteiro["perguntas"][0]["crus"] == ["Pessoa 9001"]
    assert inteiro["consentimentos"][0]["checkbox_key"] == "aceito_whatsapp"


def test_api_reprocesses(graph, mapa, client, token):
    graph.criar("9001")
    entregar(graph, graph.leads["9001"])
    lead = os_leads()[0]

    resposta = client.post(
        f"{API}{lead.pk}/reprocessar",
        headers=token("ana") | {"Idempotency-Key": "uma"},
        content_type="application/json",
    )
    drenar()

    assert resposta.status_code == 202, resposta.content
    assert os_leads()[0].processado_em > lead.processado_em


def test_api_refuses_an_unknown_filter(client, token, um_de_cada):
    resposta = client.get(API, {"situacao": "x"}, headers=token("ana"))

    assert resposta.status_code == 400
    assert "situacao" in json.dumps(resposta.json())


def test_api_is_for_who_may(client, token, um_de_cada):
    lead = um_de_cada["falhou"]

    assert client.get(API, headers=token("bruno")).status_code == 403
    assert client.get(f"{API}{lead.pk}/", headers=token("carla")).status_code == 404


def test_another_organisations_leads_are_not_counted(entrar, gente, um_de_cada):
    novo_lead(nova_pagina(gente.brisa, "9"), FORMULARIO)

    contagens = entrar("carla").get(LISTA).context["contagens"]

    assert [um["quantas"] for um in contagens][0] == 1


def test_the_account_page_shows_the_next_step_until_a_form_is_mapped(
    entrar, gente, pagina
):
    conta = reverse("meta:pagina")

    antes = ver(entrar("ana"), conta)
    mapear(pagina, FORMULARIO, autor=gente.ana)
    depois = ver(entrar("ana"), conta)

    assert "O que falta" in antes
    assert "Mapear um formulário" in antes
    assert "O que falta" not in depois
    assert "Como funciona" not in depois
