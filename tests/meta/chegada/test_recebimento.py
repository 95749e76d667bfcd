import json
from threading import Event
from uuid import uuid4

import pytest
from django.urls import reverse

from conexoes import drenos, repeticao
from conexoes.models import EventoPendente, WebhookRecebido
from conexoes.tenancy import na, sistema
from crm.models import Contato
from meta.models import LeadCapturado, PaginaMeta
from meta.payloads.avisos import IGNORADOS
from tests.meta.chegada.graph import PAGINA, avisar, corpo, mudanca
from tests.meta.conftest import ler
from tests.meta.formularios.dominio import nova_pagina
from tests.meta.portas import postar
from tests.paralelo import ao_mesmo_tempo
from tests.trabalho import apressar, drenar_entrada

pytestmark = pytest.mark.django_db

BANDEJA = reverse("conexoes:nao_atribuidos")


@pytest.fixture(autouse=True)
def _porta(credencial):
    pass


def chegar(cru):
    assert postar(cru).status_code == 200
    drenar_entrada()


def leads(**filtro):
    with sistema("comando"):
        return list(LeadCapturado.objects.filter(**filtro).order_by("leadgen_id"))


def entregas(**filtro):
    with sistema("comando"):
        return list(WebhookRecebido.objects.filter(**filtro).order_by("pk"))


def na_bandeja(entrar):
    resposta = entrar("sofia").get(BANDEJA)
    return [item.linha.pk for _, item in resposta.context["itens"]]


def test_delivery_becomes_a_lead_that_is_due_to_be_read(gente, pagina):
    avisar("9002001")

    [lead] = leads()
    assert (lead.organizacao_id, lead.pagina_id) == (gente.aurora.pk, pagina.pk)
    assert (lead.status, lead.via, lead.recuperado) == ("a_ler", "webhook", False)
    assert (lead.form_id, lead.ad_id) == ("7001001001", "120001")
    assert lead.formulario_id is not None
    assert lead.criado_na_meta_em.isoformat() == "2025-12-31T23:59:50+00:00"
    with na(gente.aurora):
        evento = EventoPendente.da(gente.aurora).get()
    assert (evento.destino, evento.payload) == (
        "meta.leitura",
        {"lead_id": str(lead.pk)},
    )
    assert evento.conexao_id == pagina.conexao_id
    pai, parte = entregas()
    assert (pai.organizacao_id, pai.status) == (None, "completed")
    assert (parte.organizacao_id, parte.pai_id) == (gente.aurora.pk, pai.pk)
    assert (parte.pk, parte.status, parte.tipo) == (
        lead.webhook_id,
        "completed",
        "lead",
    )
    assert json.loads(bytes(parte.corpo))["entry"][0]["changes"] == [mudanca("9002001")]
    with na(gente.aurora):
        pagina.refresh_from_db()
    assert pagina.ultimo_aviso_em is not None


def test_page_of_two_organisations_reaches_both(gente, pagina):
    outra = nova_pagina(gente.brisa, PAGINA)

    avisar("9002001")

    assert {(x.organizacao_id, x.pagina_id) for x in leads()} == {
        (gente.aurora.pk, pagina.pk),
        (gente.brisa.pk, outra.pk),
    }
    [pai] = entregas(pai=None)
    assert len(entregas(pai=pai)) == 2


@pytest.mark.django_db(transaction=True)
def test_page_that_nobody_selected_stays_in_the_tray(gente, pagina, entrar):
    with na(gente.aurora):
        PaginaMeta.da(gente.aurora).update(ativo=False)

    avisar("9002001")

    [pai] = entregas()
    assert leads() == []
    assert (pai.status, pai.ultimo_erro) == (
        "failed",
        "Nenhuma organização selecionou esta página do Facebook.",
    )
    assert na_bandeja(entrar) == [pai.pk]


@pytest.mark.django_db(transaction=True)
def test_delivery_of_nobody_is_theirs_once_the_page_is(gente, entrar):
    avisar("9002001")
    [pai] = entregas()
    nova_pagina(gente.aurora, PAGINA)

    with sistema("comando"):
        repeticao.tentar_agora(pai)
    drenar_entrada()

    assert [x.leadgen_id for x in leads()] == ["9002001"]
    assert na_bandeja(entrar) == []


@pytest.mark.django_db(transaction=True)
def test_what_is_nobodys_is_seen_beside_what_is_somebodys(gente, pagina, entrar):
    chegar(corpo(mudanca("9002001"), mudanca("9002002", "999")))

    assert [x.leadgen_id for x in leads()] == ["9002001"]
    [sem_dono] = entregas(tipo="sem_dono")
    assert na_bandeja(entrar) == [sem_dono.pk]

    nova_pagina(gente.brisa, "999")
    with sistema("comando"):
        repeticao.tentar_agora(sem_dono)
    drenar_entrada()
    assert [x.organizacao_id for x in leads(leadgen_id="9002002")] == [gente.brisa.pk]
    assert na_bandeja(entrar) == []


@pytest.mark.django_db(transaction=True)
def test_button_of_metas_dashboard_is_acknowledged_and_is_no_lead(gente, entrar):
    nova_pagina(gente.aurora, "0")
    nova_pagina(gente.aurora, "444444444444")

    chegar(json.dumps(ler("aviso__painel")).encode())
    chegar(corpo(mudanca("123", "0"), page_id="0"))

    assert leads() == []
    assert Contato.objects.count() == 0
    assert {x.status for x in entregas()} == {"completed"}
    assert na_bandeja(entrar) == []


def test_broken_changes_lose_no_neighbour(gente, pagina):
    nova_pagina(gente.brisa, "103000000000002")

    chegar(json.dumps(ler("aviso__varios")).encode())

    assert [(x.leadgen_id, x.organizacao_id) for x in leads()] == [
        ("9002001", gente.aurora.pk),
        ("9002002", gente.aurora.pk),
        ("9002010", gente.brisa.pk),
    ]
    quebradas = entregas(tipo="ilegivel")
    assert [(x.organizacao_id, x.status, x.ultimo_erro) for x in quebradas] == [
        (gente.aurora.pk, "failed", "Aviso ilegível.")
    ] * 2


@pytest.mark.parametrize("campo", sorted(IGNORADOS))
def test_what_we_do_not_read_is_ignored_and_in_nobodys_way(pagina, campo):
    chegar(corpo({"field": campo, "value": {"item": "post"}}))

    assert leads() == []
    assert [x.tipo for x in entregas(pai__isnull=False)] == ["ignorado"]


def test_field_that_nobody_knows_is_shown_as_such(gente, pagina):
    chegar(corpo({"field": "novidade", "value": {}}, mudanca("9002001")))

    assert [x.leadgen_id for x in leads()] == ["9002001"]
    assert [x.status for x in entregas(tipo="ilegivel")] == ["failed"]


@pytest.mark.parametrize(
    "cru",
    [b"[]", b"{}", b'{"entry":1}', b"nada", b'{"object":"page","entry":[' + b"[" * 999],
)
def test_delivery_that_is_none_fails_alone_and_is_kept(pagina, cru):
    postar(cru)
    postar(corpo(mudanca("9002001")))
    drenar_entrada()

    assert [x.leadgen_id for x in leads()] == ["9002001"]
    assert [bytes(x.corpo) for x in entregas(status="failed")] == [cru]


def test_lead_told_again_in_other_bytes_and_order_is_one(gente, pagina):
    chegar(corpo(mudanca("9002001"), mudanca("9002002")))
    chegar(corpo(mudanca("9002002"), mudanca("9002001"), mudanca("9002001")))

    assert [x.leadgen_id for x in leads()] == ["9002001", "9002002"]
    with na(gente.aurora):
        assert EventoPendente.da(gente.aurora).count() == 2


def test_part_read_again_by_hand_changes_nothing(gente, pagina):
    avisar("9002001")
    [parte] = entregas(tipo="lead")

    with na(gente.aurora):
        repeticao.tentar_agora(parte)
    drenar_entrada()

    assert entregas(pk=parte.pk)[0].status == "completed"
    assert len(leads()) == 1


def test_thousand_leads_come_in_one_delivery(
    gente, pagina, django_assert_max_num_queries
):
    mudancas = [mudanca(str(n)) for n in range(10**6, 10**6 + 1000)]
    postar(corpo(*mudancas))

    with django_assert_max_num_queries(50):
        drenar_entrada()

    assert len(leads()) == 1000
    assert len(entregas(tipo="lead")) == 1000


@pytest.mark.django_db(transaction=True)
def test_organisation_that_breaks_holds_nobody_elses_leads(gente, pagina):
    dela = nova_pagina(gente.brisa, "999")
    postar(corpo(mudanca("9002001"), mudanca("9002002", "999")))
    presa, solta = Event(), Event()

    def segurar():
        with na(gente.brisa):
            PaginaMeta.da(gente.brisa).select_for_update().get(pk=dela.pk)
            presa.set()
            assert solta.wait(60)

    def receber():
        assert presa.wait(60)
        try:
            # Waits for the lock as long as the database lets it, and goes on.
            drenar_entrada()
            partes = [(p.organizacao_id, p.status) for p in entregas(tipo="lead")]
            return [x.leadgen_id for x in leads()], partes
        finally:
            solta.set()

    _, visto = ao_mesmo_tempo(segurar, receber)

    assert visto == (
        ["9002001"],
        [(gente.aurora.pk, "completed"), (gente.brisa.pk, "pending")],
    )
    apressar()
    drenar_entrada()
    assert [x.leadgen_id for x in leads()] == ["9002001", "9002002"]
    assert {x.status for x in entregas()} == {"completed"}


@pytest.mark.django_db(transaction=True)
def test_hundred_equal_deliveries_at_once_are_one_lead(gente, pagina):
    cru = corpo(mudanca("9002001"))

    def entregar():
        return [postar(cru).status_code for _ in range(10)]

    respostas = ao_mesmo_tempo(*[entregar] * 10)
    drenar_entrada()

    assert respostas == [[200] * 10] * 10
    assert len(entregas(pai=None)) == len(leads()) == 1


@pytest.mark.django_db(transaction=True)
def test_two_apps_and_a_retry_at_once_are_one_lead(gente, pagina):
    crus = [corpo(mudanca("9002001", nota=str(uuid4()))) for _ in range(8)]
    for cru in crus:
        postar(cru)

    ao_mesmo_tempo(*[drenos.drenar_entrada] * 4)
    drenar_entrada()

    assert len(leads()) == 1
    assert len(entregas(tipo="lead", status="completed")) == 8
