"""An account's access ends on a day that is known: told in time, looked at daily."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.urls import reverse

from conexoes.erros import ErroTransitorio
from conexoes.models import EventoPendente, Notificacao
from conexoes.tenancy import na, sistema
from config.celery import aplicacao
from meta import tasks
from meta.models import ConexaoMeta
from meta.payloads import Pessoa
from meta.services.conta import validade
from meta.services.conta.autorizacao import Autorizada
from meta.services.conta.conexao import Desfecho, receber
from meta.services.conta.reautorizacao import derrubar
from tests.meta.conftest import APP_ID
from tests.servidor import Servidor
from tests.trabalho import drenar_saida

pytestmark = pytest.mark.django_db

AGORA = datetime.fromisoformat("2026-11-10T12:00:00+00:00")
ESCOPOS = [
    *("pages_show_list", "pages_read_engagement", "pages_manage_metadata"),
    *("leads_retrieval", "pages_manage_ads", "ads_management", "business_management"),
]


@pytest.fixture(autouse=True)
def relogio() -> Any:
    with time_machine.travel(AGORA, tick=False) as relogio:
        yield relogio


def conectar(organizacao: Any, **campos: Any) -> ConexaoMeta:
    padrao = {"meta_user_id": "122", "access_token": "EAABconta", "versao_do_token": 1}
    with sistema("comando"):
        return ConexaoMeta.objects.create(organizacao=organizacao, **padrao | campos)


def daqui_a(**tempo: float) -> datetime:
    return AGORA + timedelta(**tempo)


def ler(conexao: ConexaoMeta) -> ConexaoMeta:
    with sistema("comando"):
        return ConexaoMeta.objects.get(pk=conexao.pk)


def avisos() -> list[tuple[str, str, str]]:
    with sistema("comando"):
        return sorted(Notificacao.objects.values_list("usuario__nome", "tom", "titulo"))


# --- the end that is foreseen ----------------------------------------------


@pytest.mark.parametrize(
    ("token", "dados", "esperado"),
    [
        (None, None, None),
        (3, None, (3, False)),
        (None, 5, (5, True)),
        (60, 30, (30, True)),
        (10, 90, (10, False)),
    ],
)
def test_the_nearest_end_counts(
    token: int | None, dados: int | None, esperado: tuple[int, bool] | None
) -> None:
    conexao = ConexaoMeta(
        token_expires_at=token and daqui_a(days=token),
        data_access_expires_at=dados and daqui_a(days=dados),
    )

    fim = validade.fim_de(conexao)

    assert (fim and (fim.dias(AGORA), fim.dos_dados)) == esperado


@pytest.mark.parametrize(
    ("faltam", "lembrete"),
    [
        (timedelta(days=15), None),
        (timedelta(days=14), 14),
        (timedelta(days=7, seconds=1), 14),
        (timedelta(days=7), 7),
        (timedelta(days=2), 2),
        (timedelta(minutes=1), 2),
        (timedelta(0), None),
        (timedelta(days=-1), None),
    ],
)
def test_each_reminder_has_its_days(faltam: timedelta, lembrete: int | None) -> None:
    assert validade.Fim(AGORA + faltam, False).lembrete(AGORA) == lembrete


# --- reminders -------------------------------------------------------------


def test_who_may_renew_is_reminded_thrice_and_once_each(
    gente: SimpleNamespace, relogio: Any
) -> None:
    conectar(gente.aurora, token_expires_at=daqui_a(days=20))

    for dia in range(21):
        relogio.move_to(daqui_a(days=dia))
        tasks.lembrar()
        tasks.lembrar()

    assert avisos() == [
        ("Ana Alves", "alerta", "O acesso ao Facebook vence em 7 dias (30/11/2026)."),
        ("Ana Alves", "erro", "O acesso ao Facebook vence em 2 dias (30/11/2026)."),
        ("Ana Alves", "info", "O acesso ao Facebook vence em 14 dias (30/11/2026)."),
    ]


def test_reminder_comes_by_mail_too_and_says_what_stops(
    gente: SimpleNamespace,
) -> None:
    conectar(gente.aurora, data_access_expires_at=daqui_a(days=1))

    tasks.lembrar()
    drenar_saida()

    [carta] = mail.outbox
    assert carta.to == ["ana@exemplo.test"]
    assert "vence em 1 dia (11/11/2026)" in carta.subject
    assert "enquanto o Facebook aceitar o acesso próprio de cada página" in carta.body


def test_days_nobody_worked_are_not_made_up_for(gente: SimpleNamespace) -> None:
    conexao = conectar(gente.aurora, token_expires_at=daqui_a(days=5))

    assert validade.lembrar() == 1

    assert [tom for _, tom, _ in avisos()] == ["alerta"]
    assert ler(conexao).ultimo_lembrete == 7


def test_new_token_is_reminded_of_anew(gente: SimpleNamespace) -> None:
    conexao = conectar(gente.aurora, token_expires_at=daqui_a(days=5))
    validade.lembrar()
    with sistema("comando"):
        ConexaoMeta.objects.filter(pk=conexao.pk).update(
            versao_do_token=2, ultimo_lembrete=None
        )

    assert validade.lembrar() == 1
    assert len(avisos()) == 2


def test_member_who_may_manage_it_is_reminded(gente: SimpleNamespace) -> None:
    with sistema("comando"):
        gente.bruno.permissoes_conexoes = {"meta_lead_ads": True}
        gente.bruno.save()
    conectar(gente.aurora, token_expires_at=daqui_a(days=5))

    validade.lembrar()

    assert [nome for nome, _, _ in avisos()] == ["Ana Alves", "Bruno Barros"]


@pytest.mark.parametrize(
    "campos",
    [
        {"token_expires_at": None},
        {"token_expires_at": daqui_a(days=15)},
        {"token_expires_at": daqui_a(days=-1)},
        {"status": "expired"},
        {"deletado_em": AGORA},
    ],
)
def test_who_has_nothing_to_renew_is_left_alone(
    gente: SimpleNamespace, campos: dict[str, Any]
) -> None:
    conectar(gente.aurora, **{"token_expires_at": daqui_a(days=5)} | campos)

    assert validade.lembrar() == 0
    assert avisos() == []


# --- the daily look --------------------------------------------------------


def inspecao(**campos: Any) -> tuple[int, Any]:
    dados = {
        "app_id": APP_ID,
        "type": "USER",
        "is_valid": True,
        "user_id": "122",
        "expires_at": int(daqui_a(days=40).timestamp()),
        "data_access_expires_at": int(daqui_a(days=80).timestamp()),
        "scopes": ESCOPOS,
    }
    return 200, {"data": dados | campos}


def olhar(conexao: ConexaoMeta) -> None:
    """One look by a worker, as the clock asks for it."""
    tasks.conferir_validade()
    with sistema("comando"):
        evento = EventoPendente.objects.get(destino="meta.validade")
    validade.conferir(evento)


@pytest.fixture
def conta(gente: SimpleNamespace, credencial: Any) -> ConexaoMeta:
    return conectar(gente.aurora, token_expires_at=daqui_a(days=5), scopes=["velho"])


def test_ends_and_scopes_are_what_meta_says(
    conta: ConexaoMeta, graph: Servidor
) -> None:
    graph.respostas = [inspecao(scopes=ESCOPOS[:-1])]

    olhar(conta)

    depois = ler(conta)
    assert depois.token_expires_at == daqui_a(days=40)
    assert depois.data_access_expires_at == daqui_a(days=80)
    assert depois.scopes == ESCOPOS[:-1]
    assert depois.scopes_faltando == ["business_management"]
    assert (depois.status, depois.ultimo_sync) == ("active", AGORA)
    assert validade.lembrar() == 0


def test_end_that_meta_does_not_say_stays(conta: ConexaoMeta, graph: Servidor) -> None:
    graph.respostas = [inspecao(expires_at=0, data_access_expires_at=0)]

    olhar(conta)

    assert ler(conta).token_expires_at == daqui_a(days=5)


def test_dead_token_asks_to_be_reconnected_once(
    conta: ConexaoMeta, graph: Servidor
) -> None:
    erro = {"code": 190, "subcode": 463, "message": "expired"}
    graph.respostas = [inspecao(is_valid=False, error=erro, scopes=[])]

    olhar(conta)

    depois = ler(conta)
    assert (depois.status, depois.revogada_na_meta) == ("expired", False)
    assert depois.ultimo_erro == "O acesso ao Facebook venceu. Reconecte a conta."
    assert [nome for nome, _, _ in avisos()] == ["Ana Alves"]


def test_app_removed_at_facebook_is_revoked(
    conta: ConexaoMeta, graph: Servidor
) -> None:
    erro = {"code": 190, "subcode": 458, "message": "removed"}
    graph.respostas = [inspecao(is_valid=False, error=erro, scopes=[])]

    olhar(conta)

    assert (ler(conta).status, ler(conta).revogada_na_meta) == ("revoked", True)


def test_token_of_another_app_is_not_ours(conta: ConexaoMeta, graph: Servidor) -> None:
    graph.respostas = [inspecao(app_id="666")]

    olhar(conta)

    assert ler(conta).status == "expired"


def test_meta_that_does_not_answer_changes_nothing(
    conta: ConexaoMeta, graph: Servidor
) -> None:
    graph.respostas = [(500, {"error": {"code": 2, "is_transient": True}})]

    with pytest.raises(ErroTransitorio):
        olhar(conta)

    depois = ler(conta)
    assert (depois.status, depois.scopes) == ("active", ["velho"])
    assert depois.token_expires_at == daqui_a(days=5)


def test_token_replaced_meanwhile_keeps_its_own_ends(
    conta: ConexaoMeta,
    graph: Servidor,
    monkeypatch: pytest.MonkeyPatch,
    transactional_db: None,
) -> None:
    tasks.conferir_validade()
    with sistema("comando"):
        evento = EventoPendente.objects.get(destino="meta.validade")
    graph.respostas = [inspecao(is_valid=False, scopes=[])]
    responder = graph._responder

    def reconectar_e_responder(pedido: Any) -> None:
        graph.chegou.set()
        graph.soltar.wait(5)
        responder(pedido)

    monkeypatch.setattr(graph, "_responder", reconectar_e_responder)
    with ThreadPoolExecutor(1) as outra:
        conferindo = outra.submit(_em_outra_thread, evento)
        assert graph.chegou.wait(5)
        with sistema("comando"):
            ConexaoMeta.objects.filter(pk=conta.pk).update(versao_do_token=2)
        graph.soltar.set()
        conferindo.result(5)

    assert ler(conta).status == "active"
    assert avisos() == []


def _em_outra_thread(evento: EventoPendente) -> None:
    try:
        validade.conferir(evento)
    finally:
        connection.close()


def test_look_is_asked_for_once_a_day_and_only_of_who_is_connected(
    gente: SimpleNamespace, relogio: Any
) -> None:
    viva = conectar(gente.aurora)
    conectar(gente.brisa, status="expired")

    tasks.conferir_validade()
    tasks.conferir_validade()
    relogio.move_to(daqui_a(days=1))
    tasks.conferir_validade()

    with na(gente.aurora):
        chaves = EventoPendente.da(gente.aurora).values_list("chave", flat=True)
        assert sorted(chaves) == [
            f"meta.validade:{viva.pk}:2026-11-10",
            f"meta.validade:{viva.pk}:2026-11-11",
        ]
    with na(gente.brisa):
        assert EventoPendente.da(gente.brisa).count() == 0


def test_the_clock_looks_before_it_reminds() -> None:
    relogio = aplicacao.conf.beat_schedule

    assert relogio["conferir_validade"]["task"] == tasks.conferir_validade.name
    assert relogio["lembrar"]["task"] == tasks.lembrar.name
    horas = [relogio[n]["schedule"].hour for n in ("conferir_validade", "lembrar")]
    assert horas == [{6}, {9}]


# --- above the page --------------------------------------------------------


def acima(organizacao: Any) -> list[tuple[str, str]]:
    with na(organizacao):
        return [(f.tom, f.titulo) for f in validade.faixas(organizacao)]


@pytest.mark.parametrize(
    ("dias", "tom"), [(1, "erro"), (6, "alerta"), (13, "info"), (15, ""), (-1, "erro")]
)
def test_nearer_end_is_said_louder(gente: SimpleNamespace, dias: int, tom: str) -> None:
    conectar(gente.aurora, token_expires_at=daqui_a(days=dias))

    assert [achado for achado, _ in acima(gente.aurora)] == ([tom] if tom else [])
    assert acima(gente.brisa) == []


def test_end_of_peoples_data_is_still_said_when_it_is_past(
    gente: SimpleNamespace,
) -> None:
    """The token is valid by then: nothing that Meta says of it would tell."""
    conectar(gente.aurora, data_access_expires_at=daqui_a(days=-2))

    assert acima(gente.aurora) == [
        ("erro", "O acesso ao Facebook venceu (08/11/2026).")
    ]


def test_dead_account_is_the_worst_and_says_why(gente: SimpleNamespace) -> None:
    conectar(gente.aurora, status="expired", ultimo_erro="Venceu.")

    with na(gente.aurora):
        [faixa] = validade.faixas(gente.aurora)

    assert (faixa.tom, faixa.texto, faixa.acao) == ("erro", "Venceu.", "Reconectar")


@pytest.mark.parametrize(
    "campos",
    [
        {"status": "revoked", "revogada_na_meta": True},
        {"status": "expired", "deletado_em": AGORA},
        {},
    ],
)
def test_who_left_or_is_well_is_not_nagged(
    gente: SimpleNamespace, campos: dict[str, Any]
) -> None:
    conectar(gente.aurora, **campos)

    assert acima(gente.aurora) == []


def test_page_and_hub_show_it_with_its_button_to_who_may_act(
    gente: SimpleNamespace, entrar: Any
) -> None:
    conectar(gente.aurora, token_expires_at=daqui_a(days=6))
    hub, pagina = reverse("conexoes:hub"), reverse("meta:pagina")
    botao = f'<form method="post" action="{reverse("meta:conectar")}"'

    for url in (hub, pagina):
        html = entrar("ana").get(url).content.decode()
        assert "O acesso ao Facebook vence em 6 dias (16/11/2026)." in html
        assert botao in html
    assert "vence em" not in entrar("bruno").get(hub).content.decode()
    assert "vence em" not in entrar("carla").get(hub).content.decode()


def test_dead_account_is_said_once_on_its_page(
    gente: SimpleNamespace, entrar: Any
) -> None:
    conectar(gente.aurora, status="expired", ultimo_erro="Venceu ontem.")

    html = entrar("ana").get(reverse("meta:pagina")).content.decode()

    assert html.count("Venceu ontem.") == 1


# --- it works again --------------------------------------------------------


def reconectar(gente: SimpleNamespace) -> None:
    nova = Autorizada(
        Pessoa("122", "Rita Lima", ""), "EAABnova", None, None, tuple(ESCOPOS)
    )
    with na(gente.aurora, gente.ana):
        assert receber(gente.aurora, gente.ana, nova) == Desfecho.CONECTADA


def test_who_was_told_that_it_died_learns_that_it_is_back(
    gente: SimpleNamespace,
) -> None:
    conexao = conectar(gente.aurora)
    with na(gente.aurora):
        derrubar(ConexaoMeta.da(gente.aurora).get(), "Venceu.")

    reconectar(gente)
    reconectar(gente)

    titulos = [titulo for _, _, titulo in avisos()]
    assert sorted(titulos) == [
        "O Facebook precisa ser conectado de novo",
        "O Facebook voltou a funcionar",
    ]
    assert ler(conexao).avisada_em is None


def test_renewal_in_time_is_no_news(gente: SimpleNamespace) -> None:
    conexao = conectar(gente.aurora, token_expires_at=daqui_a(days=5))
    validade.lembrar()

    reconectar(gente)

    assert [tom for _, tom, _ in avisos()] == ["alerta"]
    assert ler(conexao).ultimo_lembrete is None
