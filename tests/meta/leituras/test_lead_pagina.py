"""One lead: its trace, its answers, and who may see them."""

import pytest
from django.urls import reverse
from django.utils import timezone

from conexoes.models import EventoPendente, RegistroAuditoria
from conexoes.tenancy import na, sistema
from crm.models import Contato, EtapaFunil, Oportunidade, Usuario
from crm.services import funis, oportunidades
from meta.models import FormularioLeadAds, FormularioMeta, LeadCapturado
from tests.meta.chegada.graph import FORMULARIO, entregar, lead
from tests.meta.formularios.dominio import novo_lead
from tests.meta.leituras.formulario import contar, os_leads
from tests.meta.leituras.telas import do, ver

pytestmark = pytest.mark.django_db


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
