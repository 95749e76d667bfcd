"""Rows that stopped are run again by hand: counted first, then audited one by one."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from conexoes import turnos
from conexoes.erros import ErroPermanente
from conexoes.models import RegistroAuditoria, WebhookRecebido
from conexoes.tenancy import sistema
from tests.conexoes.conftest import Ensaio, entrega, intento, ler, mudar, tentar

pytestmark = pytest.mark.django_db(transaction=True)

Entrar = Callable[[str], Client]
FILA = "/admin/conexoes/eventopendente/"
WEBHOOKS = "/admin/conexoes/webhookrecebido/"


def recusar(linha: object) -> None:
    raise ErroPermanente("400")


def morto(organizacao: Any, **campos: Any) -> Any:
    linha = intento(organizacao)
    mudar(linha, **({"status": "failed", "motivo": "permanente"} | campos))
    return linha


def pedir(quem: Client, *linhas: Any, url: str = FILA, **campos: Any) -> Any:
    escolhidas = [str(linha.pk) for linha in linhas]
    dados = {"action": "repetir", "_selected_action": escolhidas} | campos
    return quem.post(url, dados)


def auditadas(acao: str) -> list[tuple[Any, str]]:
    with sistema("comando"):
        registros = RegistroAuditoria.objects.filter(acao=acao).order_by("id")
        return [(um.organizacao_id, um.autor_nome) for um in registros]


def test_super_admin_runs_a_stopped_row_again_after_its_count(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    ensaio.verbo = recusar
    parada = tentar(intento(gente.aurora))
    sofia = entrar("sofia")

    pergunta = pedir(sofia, parada)

    assert "Repetir 1 item" in pergunta.content.decode()
    assert ler(parada).status == "failed"

    pedir(sofia, parada, confirmados="1")

    linha = ler(parada)
    assert (linha.status, linha.motivo, linha.tentativas) == ("pending", "", 0)
    assert auditadas("fila.repetida") == [(gente.aurora.pk, "Sofia Souza")]


def test_everything_that_a_filter_shows_is_run_again(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    dela = [morto(gente.aurora) for _ in range(3)]
    outro_motivo = morto(gente.aurora, motivo="esgotada")
    da_brisa = morto(gente.brisa)
    url = f"{FILA}?organizacao={gente.aurora.pk}&motivo=permanente"
    sofia = entrar("sofia")

    pergunta = pedir(sofia, dela[0], url=url, select_across="1")
    pedir(sofia, dela[0], url=url, select_across="1", confirmados="3")

    assert "Repetir 3 itens" in pergunta.content.decode()
    assert [ler(linha).status for linha in dela] == ["pending"] * 3
    assert ler(outro_motivo).status == ler(da_brisa).status == "failed"
    assert auditadas("fila.repetida") == [(gente.aurora.pk, "Sofia Souza")] * 3


def test_what_does_not_fit_the_turn_is_told(
    gente: SimpleNamespace,
    ensaio: Ensaio,
    entrar: Entrar,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turnos, "TURNO_S", -1)
    dela = [morto(gente.aurora) for _ in range(3)]
    sofia = entrar("sofia")

    pedir(sofia, *dela, confirmados="3")
    pagina = sofia.get(FILA).content.decode()

    assert [ler(linha).status for linha in dela] == ["pending", "failed", "failed"]
    assert "Faltam 2 itens: repita a ação para continuar." in pagina
    assert auditadas("fila.repetida") == [(gente.aurora.pk, "Sofia Souza")]


def test_a_count_that_changed_meanwhile_is_asked_again(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    primeira, _segunda = morto(gente.aurora), morto(gente.aurora)

    resposta = pedir(entrar("sofia"), primeira, select_across="1", confirmados="1")

    assert "a conta mudou" in resposta.content.decode()
    assert "Repetir 2 itens" in resposta.content.decode()
    assert ler(primeira).status == "failed"
    assert auditadas("fila.repetida") == []


def test_uncertain_rows_are_said_to_be_so_before_they_are_repeated(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    incerta = morto(gente.aurora, status="pending", motivo="incerta")

    pergunta = pedir(entrar("sofia"), incerta).content.decode()

    assert "1 deles pode já ter chegado" in pergunta


def test_a_row_at_work_is_left_alone(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    nova = intento(gente.aurora)

    resposta = pedir(entrar("sofia"), nova, confirmados="1")

    assert resposta.status_code == 302
    assert ler(nova).cerca == nova.cerca
    assert auditadas("fila.repetida") == []


@pytest.mark.parametrize("apelido", ["ana", "bruno"])
def test_nobody_of_an_organisation_repeats_from_here(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar, apelido: str
) -> None:
    parada = morto(gente.aurora)

    pedir(entrar(apelido), parada, confirmados="1")

    assert ler(parada).status == "failed"


def test_rows_are_given_up_after_their_count_and_taken_back_by_name(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    dela, outra = morto(gente.aurora), morto(gente.brisa)
    sofia = entrar("sofia")

    pergunta = pedir(sofia, dela, action="descartar")
    assert "Descartar 1 item" in pergunta.content.decode()
    assert ler(dela).motivo == "permanente"

    pedir(sofia, dela, action="descartar", confirmados="1")

    descartada = ler(dela)
    assert (descartada.status, descartada.motivo) == ("failed", "descartada")
    assert descartada.ultimo_erro == "Descartado por Sofia Souza."
    assert auditadas("fila.descartada") == [(gente.aurora.pk, "Sofia Souza")]
    [grupo] = sofia.get(reverse("admin:mortos")).context["grupos"]
    assert grupo.organizacao == "Brisa Odontologia"

    pedir(sofia, outra, select_across="1", confirmados="1")
    assert ler(dela).motivo == "descartada"
    pedir(sofia, dela, confirmados="1")
    assert ler(dela).status == ler(outra).status == "pending"


def test_dead_rows_are_told_by_what_they_have_in_common(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    for _ in range(2):
        morto(gente.aurora, ultimo_erro="O número não existe.")
    webhook = entrega(None)
    mudar(webhook, status="failed", motivo="esgotada")
    intento(gente.brisa)
    sofia = entrar("sofia")

    dois, um = sofia.get(reverse("admin:mortos")).context["grupos"]

    assert (dois.quantos, dois.organizacao, dois.destino) == (
        2,
        "Aurora Imóveis",
        "Teste · chat",
    )
    assert (dois.motivo, dois.erro) == (
        "O provedor recusou de vez",
        "O número não existe.",
    )
    assert (um.quantos, um.organizacao, um.um) == (1, "", str(webhook.pk))
    for grupo in (dois, um):
        lista = sofia.get(grupo.url)
        assert len(lista.context["cl"].result_list) == grupo.quantos
    assert (
        "Repetir 2 itens"
        in pedir(
            sofia, SimpleNamespace(pk=dois.um), url=dois.url, select_across="1"
        ).content.decode()
    )


def test_a_body_is_shown_on_demand_to_the_super_admin_and_audited(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    webhook = entrega(
        gente.aurora, corpo='{"texto": "Olá <b>você</b>", "n": 1}'.encode()
    )
    sofia = entrar("sofia")
    url = reverse("admin:conexoes_webhookrecebido_corpo", args=[webhook.pk])

    ficha = sofia.get(f"{WEBHOOKS}{webhook.pk}/change/").content.decode()
    corpo = sofia.post(url).content.decode()

    assert "Olá" not in ficha
    assert "&quot;texto&quot;: &quot;Olá &lt;b&gt;você&lt;/b&gt;&quot;," in corpo
    assert auditadas("webhook.corpo_visto") == [(gente.aurora.pk, "Sofia Souza")]
    historia = entrar("ana").get(f"/configuracoes/webhooks/{webhook.pk}/")
    assert "Sofia Souza viu o conteúdo" in historia.content.decode()


@pytest.mark.parametrize(
    ("cru", "lido"),
    [
        (b"nada de JSON <i>", "nada de JSON &lt;i&gt;"),
        (b"\xff\x00\x01", "ff 00 01"),
        (b"", '<pre class="adm-bloco" tabindex="0"></pre>'),
        (b"[" * 30_000, "[[[["),
        (b'"' + b"a" * 300_000 + b'"', "aqui está só o começo"),
    ],
)
def test_an_odd_body_is_shown_as_far_as_it_can_be(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar, cru: bytes, lido: str
) -> None:
    webhook = entrega(gente.aurora, corpo=cru)
    url = reverse("admin:conexoes_webhookrecebido_corpo", args=[webhook.pk])

    resposta = entrar("sofia").post(url)

    assert resposta.status_code == 200
    assert lido in resposta.content.decode()


def test_a_body_is_not_for_others_nor_for_a_link(
    gente: SimpleNamespace, ensaio: Ensaio, entrar: Entrar
) -> None:
    webhook = entrega(gente.aurora, corpo=b'{"texto": "segredo"}')
    url = reverse("admin:conexoes_webhookrecebido_corpo", args=[webhook.pk])
    nada = reverse("admin:conexoes_webhookrecebido_corpo", args=[gente.ana.pk])
    sofia = entrar("sofia")

    assert sofia.get(url).status_code == 405
    assert sofia.post(nada).status_code == 404
    assert entrar("ana").post(url, follow=True).status_code == 403
    assert auditadas("webhook.corpo_visto") == []
    with sistema("comando"):
        assert WebhookRecebido.objects.count() == 1
