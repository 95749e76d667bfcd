"""The queue's page: who sees it, what it says, and what its buttons do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from conexoes.models import EventoPendente, RegistroAuditoria
from conexoes.tenancy import sistema
from tests.conexoes.conftest import Ensaio, entrega, intento, ler, mudar

pytestmark = pytest.mark.django_db(transaction=True)

Entrar = Callable[[str], Client]
FILA = "/configuracoes/fila/"
HTMX = {"HX-Request": "true"}


def estragar(organizacao: Any, **campos: Any) -> EventoPendente:
    linha = intento(organizacao)
    mudar(linha, **{"status": "failed", "motivo": "esgotada"} | campos)
    return ler(linha)


def auditadas(acao: str) -> list[RegistroAuditoria]:
    with sistema("comando"):
        return list(RegistroAuditoria.objects.filter(acao=acao).order_by("pk"))


def aviso(resposta: Any) -> str:
    return str(json.loads(resposta["HX-Trigger"])["aviso"]["texto"])


def semear(organizacao: Any, quantas: int, **campos: Any) -> None:
    agora = timezone.now()
    with sistema("comando"):
        EventoPendente.objects.bulk_create(
            EventoPendente(
                organizacao=organizacao,
                tipo="teste_envio",
                destino="teste.chat",
                chave=str(uuid4()),
                payload={},
                criado_em=agora - timedelta(seconds=n),
                **campos,
            )
            for n in range(quantas)
        )


def test_waiting_row_says_what_it_is_why_it_waits_and_when_it_goes(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    linha = intento(gente.aurora)
    mudar(
        linha,
        motivo="retry",
        tentativas=1,
        ultimo_erro="O serviço externo não respondeu.",
        proxima_tentativa=timezone.now() + timedelta(minutes=2, seconds=10),
    )

    pagina = entrar("ana").get(FILA).content.decode()

    assert "O serviço externo não respondeu." in pagina
    assert "Vai tentar de novo" in pagina
    assert "tentativa 1 de 3" in pagina
    assert "em 2 min, às " in pagina


def test_each_list_has_its_rows_and_their_number(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    for n, (status, motivo) in enumerate(
        (
            *[("pending", "retry")] * 1,
            *[("pending", "pausada")] * 2,
            *[("pending", "incerta")] * 3,
            *[("failed", "esgotada")] * 4,
            *[("failed", "descartada")] * 5,
            *[("completed", "")] * 6,
        )
    ):
        pronta = timezone.now() if status == "completed" else None
        mudar(
            intento(gente.aurora, chave=f"k{n}"),
            status=status,
            motivo=motivo,
            concluida_em=pronta,
        )
    estragar(gente.brisa)

    resposta = entrar("ana").get(FILA)

    contagens = {c["chave"]: c["quantas"] for c in resposta.context["contagens"]}
    assert contagens == {
        "esperando": "1",
        "pausados": "2",
        "em_duvida": "3",
        "falharam": "4",
        "descartados": "5",
        "concluidos": "6",
    }
    for chave, quantas in contagens.items():
        lista = entrar("ana").get(f"{FILA}?situacao={chave}")
        assert str(len(lista.context["itens"])) == quantas, chave


def test_counts_end_at_a_hundred(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    semear(gente.aurora, 101, status="failed", motivo="permanente")

    resposta = entrar("ana").get(FILA)

    contagens = {c["chave"]: c["quantas"] for c in resposta.context["contagens"]}
    assert contagens["falharam"] == "100+"


def test_filters_of_kind_connection_and_time_narrow_the_list(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    conexao = uuid4()
    certa = intento(gente.aurora, conexao_id=conexao)
    intento(gente.aurora, destino="teste.cauda", conexao_id=conexao)
    intento(gente.aurora)
    mudar(
        intento(gente.aurora, conexao_id=conexao),
        criado_em=timezone.now() - timedelta(hours=2),
    )

    lista = entrar("ana").get(f"{FILA}?tipo=teste.chat&conexao={conexao}&periodo=1h")

    assert [item.linha.pk for item in lista.context["itens"]] == [certa.pk]


@pytest.mark.parametrize(
    "consulta",
    [
        "situacao=nada&tipo=%00&conexao=x&periodo=9z&depois=lixo",
        "tipo=" + "a" * 300,
        "depois=01a22236-14f5-7d41-a2b1-7e22deaa9df6~%00",
        "conexao=%F0%9F%92%A9",
    ],
)
def test_whatever_the_address_says_the_page_answers(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar, consulta: str
) -> None:
    assert entrar("ana").get(f"{FILA}?{consulta}").status_code == 200
    assert entrar("ana").get(f"{FILA[:-5]}webhooks/?{consulta}").status_code == 200


def test_pages_show_every_row_once(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    semear(gente.aurora, 70, status="failed", motivo="permanente")
    ana, vistas, endereco = entrar("ana"), [], "?situacao=falharam"

    while endereco:
        lista = ana.get(f"{FILA}{endereco}")
        vistas += [item.linha.pk for item in lista.context["itens"]]
        endereco = lista.context["proxima"]

    assert len(vistas) == 70
    assert len(set(vistas)) == 70


def test_number_of_queries_does_not_grow(
    gente: SimpleNamespace,
    ensaio: Ensaio,
    entrar: Entrar,
    django_assert_num_queries: Any,
) -> None:
    ana = entrar("ana")
    semear(gente.aurora, 2)
    ana.get(FILA)
    with django_assert_num_queries(23):
        ana.get(FILA)
    semear(gente.aurora, 200)

    with django_assert_num_queries(23):
        ana.get(FILA)


def test_bulk_job_is_no_row_of_its_own_list(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    job = intento(gente.aurora)
    mudar(
        job,
        destino="conexoes.em_massa",
        payload={"lote": "1", "verbo": "tentar", "autor_nome": "Ana"},
    )

    assert entrar("ana").get(FILA).context["itens"] == []
    assert entrar("ana").get(f"{FILA}{job.pk}/").status_code == 404


# --- buttons ---------------------------------------------------------------


def test_admin_sets_a_failed_row_going_and_it_is_audited(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    linha = estragar(gente.aurora)

    resposta = entrar("ana").post(
        f"{FILA}{linha.pk}/tentar/", {"cerca": linha.cerca}, headers=HTMX
    )

    assert resposta.status_code == 200
    assert "Vai tentar agora." in resposta["HX-Trigger"].encode().decode(
        "unicode_escape"
    )
    assert ler(linha).status == "pending"
    (registro,) = auditadas("fila.repetida")
    assert (registro.autor_nome, registro.objeto) == (
        "Ana Alves",
        f"teste.chat:{linha.pk}",
    )


def test_admin_gives_a_row_up_and_its_story_tells(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    linha, ana = intento(gente.aurora), entrar("ana")

    resposta = ana.post(f"{FILA}{linha.pk}/desistir/")

    assert resposta.status_code == 302
    assert ler(linha).ultimo_erro == "Descartado por Ana Alves."
    pagina = ana.get(resposta.url).content.decode()
    assert "Ana Alves descartou" in pagina
    assert "Descartado por Ana Alves." in pagina
    assert str(linha.pk) in pagina


def test_stale_button_is_refused_with_words_and_leaves_no_line(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    linha, ana = estragar(gente.aurora), entrar("ana")
    primeira = {"cerca": linha.cerca}
    ana.post(f"{FILA}{linha.pk}/tentar/", primeira)
    mudar(linha, status="failed", motivo="esgotada")

    resposta = ana.post(f"{FILA}{linha.pk}/tentar/", primeira, headers=HTMX)

    assert "mudou enquanto" in aviso(resposta)
    assert ler(linha).status == "failed"
    assert len(auditadas("fila.repetida")) == 1


@pytest.mark.parametrize("cerca", ["9" * 5000, "-1", "três", "\x00"])
def test_fence_that_nobody_wrote_decides_nothing(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar, cerca: str
) -> None:
    linha = estragar(gente.aurora)

    entrar("ana").post(f"{FILA}{linha.pk}/tentar/", {"cerca": cerca})

    assert ler(linha).status == "failed"


def test_row_at_work_shows_its_buttons_disabled_with_the_reason(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    linha = intento(gente.aurora)
    mudar(linha, status="processing")

    pagina = entrar("ana").get(FILA).content.decode()

    assert 'disabled title="Está em andamento agora. Espere terminar."' in pagina
    assert f"{linha.pk}/tentar/" not in pagina


def test_uncertain_row_asks_before_it_may_arrive_twice(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    mudar(intento(gente.aurora), motivo="incerta", proxima_tentativa=None)

    pagina = entrar("ana").get(f"{FILA}?situacao=em_duvida").content.decode()

    assert "Pode chegar duas vezes" in pagina
    assert "espera a decisão de uma pessoa" in pagina


def test_row_behind_another_of_its_conversation_says_so(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    intento(gente.aurora, ordem="conversa:1")
    intento(gente.aurora, ordem="conversa:1")

    lista = entrar("ana").get(FILA)

    assert [item.quando for item in lista.context["itens"]] == [
        "espera a vez: há algo antes na mesma conversa",
        "a qualquer momento",
    ]


def test_key_of_a_row_leads_to_its_page(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    linha = intento(gente.aurora, chave="mensagem:1")
    intento(gente.brisa, chave="mensagem:2")
    ana = entrar("ana")

    assert ana.get(f"{FILA}de/mensagem:1/").url == f"{FILA}{linha.pk}/"
    assert ana.get(f"{FILA}de/mensagem:2/").status_code == 404
    assert ana.get(f"{FILA}de/%00/").status_code == 404


# --- who -------------------------------------------------------------------


def caminhos(evento: Any, webhook: Any) -> list[tuple[str, str]]:
    fila, webhooks = f"{FILA}{evento.pk}/", f"/configuracoes/webhooks/{webhook.pk}/"
    return [
        ("get", FILA),
        ("get", fila),
        ("get", f"{FILA}de/{evento.chave}/"),
        ("post", f"{fila}tentar/"),
        ("post", f"{fila}desistir/"),
        ("get", f"{FILA}em-massa/?onde=fila&verbo=tentar&situacao=falharam"),
        ("post", f"{FILA}em-massa/?onde=fila&verbo=tentar&situacao=falharam"),
        ("post", f"{FILA}em-massa/cancelar/"),
        ("get", "/configuracoes/webhooks/"),
        ("get", webhooks),
        *[("post", f"{webhooks}{v}/") for v in ("corpo", "baixar", "repetir")],
        ("post", f"{webhooks}desistir/"),
        ("get", "/configuracoes/nao-atribuidos/"),
        ("get", f"/configuracoes/nao-atribuidos/{webhook.pk}/"),
        ("post", f"/configuracoes/nao-atribuidos/{webhook.pk}/corpo/"),
    ]


def test_member_is_refused_everywhere_audited_and_nothing_changes(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    linha = estragar(gente.aurora)
    webhook = entrega(gente.aurora)
    bruno = entrar("bruno")

    for n, (metodo, caminho) in enumerate(caminhos(linha, webhook), 1):
        resposta = getattr(bruno, metodo)(caminho)
        assert resposta.status_code == 403, caminho
        assert len(auditadas("acesso.recusado")) == n, caminho

    assert ler(linha).cerca == linha.cerca
    assert ler(webhook).cerca == webhook.cerca
    assert auditadas("webhook.corpo_visto") == []


def test_another_organisations_ids_are_not_there(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    linha = estragar(gente.brisa, chave="mensagem:9")
    webhook = entrega(gente.brisa)
    mudar(webhook, status="failed", motivo="envenenada")
    ana = entrar("ana")

    for metodo, caminho in caminhos(linha, webhook):
        if str(linha.pk) in caminho or "webhooks/0" in caminho or "de/" in caminho:
            assert getattr(ana, metodo)(caminho).status_code == 404, caminho

    assert ler(linha).cerca == linha.cerca
    assert auditadas("webhook.corpo_visto") == []


def test_super_admin_acts_in_the_organisation_it_chose(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    linha, sofia = estragar(gente.aurora), entrar("sofia")
    assert sofia.get(FILA).url == "/organizacoes/"
    sofia.post("/organizacoes/trocar/", {"organizacao": gente.aurora.pk})

    sofia.post(f"{FILA}{linha.pk}/tentar/", {"cerca": linha.cerca})

    assert ler(linha).status == "pending"
    assert [r.autor_nome for r in auditadas("fila.repetida")] == ["Sofia Souza"]


def test_nobody_logged_in_goes_to_the_log_in(
    gente: SimpleNamespace, ensaio: Ensaio
) -> None:
    linha, webhook = estragar(gente.aurora), entrega(gente.aurora)

    for metodo, caminho in caminhos(linha, webhook):
        resposta = getattr(Client(), metodo)(caminho)
        assert resposta.status_code == 302, caminho
        assert resposta.url.startswith("/conta/entrar/"), caminho


def test_hub_links_to_what_waits_and_what_failed_for_those_who_may_see(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    intento(gente.aurora, destino="conexoes.email")
    mudar(
        intento(gente.aurora, destino="conexoes.email"),
        status="failed",
        motivo="esgotada",
    )

    da_admin = entrar("ana").get("/configuracoes/conexoes/").content.decode()
    do_membro = entrar("bruno").get("/configuracoes/conexoes/").content.decode()

    assert "1 na fila" in da_admin
    assert f"{FILA}?situacao=falharam&amp;periodo=24h" in da_admin
    assert FILA not in do_membro


def test_hub_says_to_who_may_not_connect_who_does(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    sofia = entrar("sofia")
    sofia.post("/organizacoes/trocar/", {"organizacao": str(gente.aurora.pk)})

    do_membro = entrar("bruno").get("/configuracoes/conexoes/").content.decode()
    da_super = sofia.get("/configuracoes/conexoes/").content.decode()

    # WhatsApp, and Meta by its two cards; a member may connect their own number.
    cuida = "Quem cuida desta conexão é a própria organização."
    administra = "Quem administra a organização cuida desta conexão."
    assert (da_super.count(cuida), do_membro.count(administra)) == (3, 2)


def test_no_two_kinds_of_work_have_one_name(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    pagina = entrar("ana").get(FILA).content.decode()

    [filtro] = re.findall(r'<select[^>]*name="tipo".*?</select>', pagina, re.S)
    nomes = re.findall(r"<option[^>]*>\s*(.*?)\s*</option>", filtro)
    assert len(nomes) > 10
    assert sorted(nomes) == sorted(set(nomes))
