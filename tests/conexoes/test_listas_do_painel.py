"""The long lists of the super admin's site: pages by key, filters, search."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conexoes.admin.leitura import SoLeitura
from conexoes.models import EventoPendente, RegistroAuditoria
from conexoes.tenancy import sistema
from tests.conexoes.conftest import Ensaio, entrega, intento, mudar

pytestmark = pytest.mark.django_db

Entrar = Callable[[str], Client]
FILA = "/admin/conexoes/eventopendente/"
WEBHOOKS = "/admin/conexoes/webhookrecebido/"
AUDITORIA = "/admin/conexoes/registroauditoria/"


def encher(organizacao: Any, quantas: int) -> None:
    with sistema("comando"):
        EventoPendente.objects.bulk_create(
            EventoPendente(
                organizacao=organizacao,
                tipo="teste_envio",
                destino="teste.chat",
                chave=str(uuid4()),
                status="completed",
            )
            for _ in range(quantas)
        )


def mostradas(quem: Client, url: str) -> list[Any]:
    return [linha.pk for linha in quem.get(url).context["cl"].result_list]


def test_pages_follow_each_other_without_a_gap_or_a_count(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    encher(gente.aurora, 2 * SoLeitura.list_per_page + 7)
    sofia = entrar("sofia")
    vistas, url = [], FILA
    with CaptureQueriesContext(connection) as consultas:
        while url:
            lista = sofia.get(url).context["cl"]
            vistas += [linha.pk for linha in lista.result_list]
            url = f"{FILA}{lista.proxima}" if lista.proxima else ""

    assert len(vistas) == 107
    assert vistas == sorted(set(vistas), reverse=True)
    contas = [c["sql"] for c in consultas if "COUNT(" in c["sql"].upper()]
    assert [sql for sql in contas if "eventos_pendentes" in sql] == []


def test_a_page_costs_the_same_however_many_rows_there_are(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    sofia = entrar("sofia")
    encher(gente.aurora, 2)
    with CaptureQueriesContext(connection) as poucas:
        sofia.get(FILA)
    encher(gente.brisa, 300)

    with CaptureQueriesContext(connection) as muitas:
        sofia.get(FILA)

    assert len(muitas) == len(poucas)
    assert all('"payload"' not in consulta["sql"] for consulta in muitas)


def test_each_filter_shows_its_rows_and_no_others(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    falha, outra = intento(gente.aurora), intento(gente.brisa, destino="teste.cauda")
    mudar(falha, status="failed", motivo="permanente")
    mudar(outra, criado_em=timezone.now() - timedelta(days=8))
    sofia = entrar("sofia")

    for filtro, linha in (
        ("situacao=failed", falha),
        ("situacao=pending", outra),
        ("motivo=permanente", falha),
        ("destino=teste.cauda", outra),
        (f"organizacao={gente.brisa.pk}", outra),
        ("periodo=7d", falha),
        (f"q={falha.pk}", falha),
        (f"q={outra.chave[:20].upper()}", outra),
    ):
        assert mostradas(sofia, f"{FILA}?{filtro}") == [linha.pk], filtro


def test_rows_are_told_in_words_that_are_true(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    mudar(intento(gente.aurora), motivo="retry")
    mudar(intento(gente.brisa), destino="conexoes.em_massa")

    pagina = entrar("sofia").get(FILA).content.decode()
    tabela = pagina.partition('id="result_list"')[2].partition("</table>")[0]

    assert "Vai tentar de novo" in tabela
    # The next attempt may be hours away.
    assert "em instantes" not in tabela
    assert "Ação em massa" in tabela
    assert "em_massa" not in tabela


def test_deliveries_that_belong_to_nobody_are_found(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    entrega(gente.aurora)
    solta = entrega(None)

    assert mostradas(entrar("sofia"), f"{WEBHOOKS}?organizacao=nenhuma") == [solta.pk]


@pytest.mark.parametrize(
    "parametros",
    [
        "depois=nada",
        "depois=%00",
        "organizacao=nada",
        "organizacao=nenhuma",
        "situacao=%27",
        "periodo=sempre",
        "destino=outro.qualquer",
        "q=%25",
        "q=" + "9" * 5000,
        "p=abc",
    ],
)
def test_an_address_made_up_by_hand_is_answered(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar, parametros: str
) -> None:
    linha = intento(gente.aurora)
    sofia = entrar("sofia")

    resposta = sofia.get(f"{FILA}?{parametros}", follow=True)

    assert resposta.status_code == 200
    if not parametros.startswith("q="):
        assert [um.pk for um in resposta.context["cl"].result_list] == [linha.pk]


@pytest.mark.parametrize(
    "endereco",
    [
        f"{FILA}?payload__texto__startswith=segredo",
        f"{WEBHOOKS}?corpo__startswith=segredo",
        "/admin/whatsapp/sessaowhatsapp/?qr__startswith=2@",
        "/admin/whatsapp/sessaowhatsapp/?usuario__password__startswith=x",
        "/admin/crm/usuario/?password__startswith=x",
        "/admin/conexoes/credencialglobal/?segredo__startswith=x",
    ],
)
def test_what_no_list_shows_cannot_be_guessed_by_filtering(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar, endereco: str
) -> None:
    resposta = entrar("sofia").get(endereco)

    # Refused, or sent back to the list without the filter.
    assert resposta.status_code == 400 or resposta["Location"].endswith("?e=1")


def test_the_audit_trail_is_filtered_searched_and_never_changed(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    with sistema("comando"):
        da_ana = RegistroAuditoria.objects.create(
            organizacao=gente.aurora,
            acao="coisa.feita",
            autor_id=gente.ana.pk,
            autor_nome="Ana Alves",
            objeto="contato:7",
            detalhes={"campos": ["telefone"], "motivo": "ação"},
        )
        outro = RegistroAuditoria.objects.create(acao="outra.vista", autor_nome="Zé")
    sofia = entrar("sofia")
    ficha = f"{AUDITORIA}{da_ana.pk}/change/"

    for filtro in (
        "acao__icontains=coisa",
        "autor_nome__icontains=alves",
        f"organizacao={gente.aurora.pk}",
        "q=contato:7",
    ):
        assert mostradas(sofia, f"{AUDITORIA}?{filtro}") == [da_ana.pk], filtro
    assert mostradas(sofia, f"{AUDITORIA}?organizacao=nenhuma") == [outro.pk]
    assert mostradas(sofia, f"{AUDITORIA}?periodo=1h") == [outro.pk, da_ana.pk]
    aberta = sofia.get(ficha).content.decode()
    assert "&quot;motivo&quot;: &quot;ação&quot;" in aberta
    assert sofia.post(ficha, {"acao": "apagada"}).status_code == 403
    assert sofia.post(f"{AUDITORIA}{da_ana.pk}/delete/").status_code == 403
