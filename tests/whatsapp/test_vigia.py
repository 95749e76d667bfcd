"""The monitor against a server whose list we write: what it repairs and tells."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from conexoes import tasks, valkey
from conexoes.models import EventoPendente, Notificacao
from conexoes.tenancy import na, sistema
from config.celery import aplicacao
from crm.models import Usuario
from tests.servidor import Servidor
from tests.whatsapp.dominio import (
    criar_sessao,
    mudar_sessao,
    todas,
    uma,
    usar_servidor,
)
from tests.whatsapp.waha import na_lista
from whatsapp.models import SessaoWhatsapp
from whatsapp.services import sessoes, vigia
from whatsapp.services.situacao import situacao
from whatsapp.tasks import vigiar

Olhar = Callable[..., None]

LISTA = ("GET", "/api/sessions?all=true", None)


@pytest.fixture
def olhar(servidor: Servidor, sessao: SessaoWhatsapp) -> Olhar:
    """One round, in which the server answers with these sessions."""
    usar_servidor(servidor.url)
    mudar_sessao(sessao, conectado_em=ha(0), historico_ate=ha(86_400))

    def _olhar(*lista: Any, status: int = 200, corpo: Any = None) -> None:
        servidor.respostas = [(status, list(lista) if corpo is None else corpo)]
        vigiar()

    return _olhar


def ha(segundos: float) -> Any:
    return timezone.now() - timedelta(seconds=segundos)


def passos() -> list[str]:
    pedidos = todas(EventoPendente, tipo="whatsapp_sessao")
    return [e.payload["passo"] for e in pedidos]


def concluir() -> None:
    """The worker did all that there was to do."""
    with sistema("comando"):
        EventoPendente.objects.update(status="completed")


def titulos(usuario: Usuario) -> list[str]:
    return [n.titulo for n in todas(Notificacao, usuario=usuario)]


def estado(sessao: SessaoWhatsapp) -> tuple[str, str]:
    atual = uma(SessaoWhatsapp, pk=sessao.pk)
    return atual.status, str(situacao(atual))


def test_session_that_is_well_is_only_seen(
    olhar: Olhar, sessao: SessaoWhatsapp, servidor: Servidor
) -> None:
    antes = timezone.now()

    olhar(na_lista(sessao))

    assert servidor.pedidos == [LISTA]
    assert (passos(), estado(sessao)) == ([], ("connected", "conectado"))
    visto_em = uma(SessaoWhatsapp).visto_em
    assert visto_em is not None
    assert antes <= visto_em <= timezone.now()


def test_without_sessions_no_server_is_asked(
    gente: SimpleNamespace, servidor: Servidor
) -> None:
    usar_servidor(servidor.url)

    vigiar()

    assert servidor.pedidos == []


def test_lost_webhook_is_made_up_for(olhar: Olhar, sessao: SessaoWhatsapp) -> None:
    mudar_sessao(sessao, status="connecting", queda_em=ha(30))

    olhar(na_lista(sessao))

    depois = uma(SessaoWhatsapp)
    assert (depois.status, depois.queda_em) == ("connected", None)
    assert [e.tipo for e in todas(EventoPendente)] == ["whatsapp_historico"]


def test_look_counts_no_code_twice(olhar: Olhar, sessao: SessaoWhatsapp) -> None:
    mudar_sessao(sessao, status="connecting", phone_number=None)

    olhar(na_lista(sessao, status="SCAN_QR_CODE", me=None))

    depois = uma(SessaoWhatsapp)
    assert (depois.status, depois.qr_numero) == ("qr_pending", 1)
    assert passos() == ["qr"]


@pytest.mark.parametrize(
    "config",
    [
        None,
        {},
        {"webhooks": [], "ignore": {"groups": True}},
        {"webhooks": [{"url": "https://outro.exemplo.test", "events": ["*"]}]},
    ],
)
def test_forgotten_webhooks_are_asked_for_again(
    olhar: Olhar, sessao: SessaoWhatsapp, config: Any
) -> None:
    olhar(na_lista(sessao, config=config))

    [evento] = todas(EventoPendente)
    assert (evento.payload["passo"], evento.payload["automatico"]) == (
        "configurar",
        True,
    )
    assert evento.expira_em is not None
    # Not seen well: what is read back later begins before this.
    assert uma(SessaoWhatsapp).visto_em is None


def test_never_two_repairs_of_one_session(olhar: Olhar, sessao: SessaoWhatsapp) -> None:
    olhar(na_lista(sessao, config={}))
    valkey.cliente().flushdb()

    olhar(na_lista(sessao, config={}))

    assert passos() == ["configurar"]


def test_server_that_keeps_forgetting_is_not_restarted_every_minute(
    olhar: Olhar, sessao: SessaoWhatsapp
) -> None:
    for _ in range(3):
        olhar(na_lista(sessao, config={}))
        concluir()

    assert passos() == ["configurar"]


def test_configuration_that_something_else_rewrites_is_left_after_a_while(
    olhar: Olhar,
    sessao: SessaoWhatsapp,
    gente: SimpleNamespace,
) -> None:
    for _ in range(9):
        valkey.cliente().delete(f"whatsapp:vigia:configurar:{sessao.pk}")
        olhar(na_lista(sessao, config={}))
        concluir()

    assert passos() == ["configurar"] * 6
    # Nothing is lost meanwhile, and who can end it hears of it once.
    assert todas(EventoPendente, tipo="whatsapp_historico")
    tasks.alertar()
    [carta] = mail.outbox
    assert carta.to == [gente.sofia.email]
    assert sessao.session_name in carta.body


@pytest.mark.django_db(transaction=True)
def test_groups_switched_on_while_we_looked_are_not_configured_twice(
    sessao: SessaoWhatsapp, servidor: Servidor
) -> None:
    """The server's list is then newer than what we had read of the session."""
    usar_servidor(servidor.url)
    mudar_sessao(sessao, conectado_em=ha(0), historico_ate=ha(86_400))
    vista = na_lista(sessao)
    vista["config"]["ignore"]["groups"] = False
    servidor.respostas = [("pende", 200, [vista])]

    with ThreadPoolExecutor(1) as outra:
        ronda = outra.submit(_rondar_a_parte)
        assert servidor.chegou.wait(10)
        mudar_sessao(sessao, recebe_grupos=True)
        servidor.soltar.set()
        ronda.result(10)

    assert passos() == []


def _rondar_a_parte() -> None:
    try:
        vigiar()
    finally:
        connection.close()


def test_one_list_without_it_changes_nothing(
    olhar: Olhar, sessao: SessaoWhatsapp
) -> None:
    mudar_sessao(sessao, visto_em=ha(61))

    olhar()

    assert (passos(), estado(sessao)) == ([], ("connected", "conectado"))


def test_session_that_the_server_lost_is_made_again(
    olhar: Olhar, sessao: SessaoWhatsapp
) -> None:
    mudar_sessao(sessao, visto_em=ha(120))

    olhar()

    depois = uma(SessaoWhatsapp)
    assert passos() == ["conectar"]
    assert (depois.status, depois.tentativas_de_volta) == ("connecting", 1)
    assert depois.motivo == (
        "O servidor do WhatsApp perdeu esta conexão; ela está sendo refeita."
    )
    # What came since it was last seen well may be missing.
    assert depois.historico_ate is not None
    assert depois.historico_ate < ha(239)


def test_lost_before_anybody_scanned_it_waits_for_its_person(
    olhar: Olhar, sessao: SessaoWhatsapp
) -> None:
    mudar_sessao(sessao, status="qr_pending", phone_number=None)

    olhar()

    depois = uma(SessaoWhatsapp)
    assert (passos(), depois.status, depois.ligada) == ([], "disconnected", False)
    assert depois.motivo == (
        "O servidor do WhatsApp foi reiniciado antes da leitura. Gere um novo QR Code."
    )


def test_stopped_one_is_started(olhar: Olhar, sessao: SessaoWhatsapp) -> None:
    olhar(na_lista(sessao, status="STOPPED"))
    assert (passos(), estado(sessao)) == ([], ("disconnected", "desconectado"))

    olhar(na_lista(sessao, status="STOPPED"))

    assert passos() == ["iniciar"]
    assert uma(SessaoWhatsapp).tentativas_de_volta == 1


def test_failed_one_is_restarted_three_times_and_then_left(
    olhar: Olhar, sessao: SessaoWhatsapp, gente: SimpleNamespace
) -> None:
    falha = na_lista(sessao, status="FAILED")
    olhar(falha)
    for segundos in (1, 61, 181):
        mudar_sessao(sessao, queda_em=ha(segundos))
        olhar(falha)
        concluir()
    assert passos() == ["reiniciar"] * 3
    mudar_sessao(sessao, queda_em=ha(299))
    olhar(falha)
    assert (estado(sessao), titulos(gente.ana)) == (("failed", "falha"), [])

    mudar_sessao(sessao, queda_em=ha(301))
    olhar(falha)
    olhar(falha)

    assert passos() == ["reiniciar"] * 3
    assert estado(sessao) == ("failed", "quarentena")
    assert titulos(gente.ana) == ["Seu WhatsApp precisa ser conectado de novo"]
    [aviso] = todas(Notificacao)
    assert "gere um novo QR Code" in aviso.texto
    assert aviso.texto == uma(SessaoWhatsapp).motivo
    assert titulos(gente.bruno) == []


def test_restart_that_ends_at_a_code_is_a_lost_log_in(
    olhar: Olhar, sessao: SessaoWhatsapp, gente: SimpleNamespace
) -> None:
    mudar_sessao(sessao, status="connecting", queda_em=ha(60), tentativas_de_volta=1)

    olhar(na_lista(sessao, status="SCAN_QR_CODE"))

    # No codes for an empty room: the session is stopped and its person told.
    assert passos() == ["parar"]
    assert estado(sessao) == ("failed", "quarentena")
    assert titulos(gente.ana) == ["Seu WhatsApp precisa ser conectado de novo"]


def test_quarantine_ends_at_its_persons_wish(
    olhar: Olhar, sessao: SessaoWhatsapp, gente: SimpleNamespace
) -> None:
    mudar_sessao(sessao, status="failed", quarentena_em=ha(60), queda_em=ha(600))

    with na(gente.aurora, gente.ana):
        sessoes.tentar_de_novo(sessao)

    depois = uma(SessaoWhatsapp)
    assert (depois.status, depois.quarentena_em, depois.queda_em) == (
        "qr_pending",
        None,
        None,
    )
    assert passos() == ["reiniciar"]


def test_drop_of_five_minutes_is_told_once(
    olhar: Olhar, sessao: SessaoWhatsapp, gente: SimpleNamespace
) -> None:
    ainda = na_lista(sessao, status="STARTING")
    mudar_sessao(sessao, status="connecting", queda_em=ha(290))
    olhar(ainda)
    assert titulos(gente.ana) == []

    mudar_sessao(sessao, queda_em=ha(301))
    olhar(ainda)
    olhar(ainda)

    assert titulos(gente.ana) == ["Seu WhatsApp está desconectado"]
    correios = todas(EventoPendente, tipo="notificacao.email")
    assert len(correios) == 1
    assert titulos(gente.bruno) == []


def test_return_is_told_only_to_who_heard_of_the_drop(
    olhar: Olhar, sessao: SessaoWhatsapp, gente: SimpleNamespace
) -> None:
    do_bruno = criar_sessao(
        gente.bruno,
        status="connecting",
        queda_em=ha(30),
        phone_number="+5511988880000",
        historico_ate=ha(600),
    )
    mudar_sessao(sessao, status="connecting", queda_em=ha(400), avisado_em=ha(90))

    olhar(
        na_lista(sessao),
        na_lista(do_bruno, me={"id": "5511988880000@c.us", "pushName": "B"}),
    )

    assert titulos(gente.ana) == ["Seu WhatsApp voltou"]
    assert titulos(gente.bruno) == []
    assert uma(SessaoWhatsapp, pk=sessao.pk).avisado_em is None


def test_garbage_in_a_list_hides_no_other_session(
    olhar: Olhar, sessao: SessaoWhatsapp
) -> None:
    lixo = [None, 7, "x", {}, {"name": None, "status": []}, {"name": ["a"]}]

    olhar(*lixo, na_lista(sessao, config={}))

    assert passos() == ["configurar"]


def test_session_nobody_wants_any_more_is_removed_once(
    olhar: Olhar, sessao: SessaoWhatsapp
) -> None:
    mudar_sessao(sessao, status="disconnected", ligada=False)

    olhar(na_lista(sessao))
    concluir()
    olhar(na_lista(sessao))

    assert passos() == ["desconectar"]


def test_unknown_session_of_the_server_is_left_alone(
    olhar: Olhar, sessao: SessaoWhatsapp, servidor: Servidor
) -> None:
    alheia = na_lista(sessao, name=f"{sessao.session_name}x", status="FAILED")

    olhar(alheia, na_lista(sessao))

    assert servidor.pedidos == [LISTA]
    assert (passos(), estado(sessao)) == ([], ("connected", "conectado"))


def test_repair_stays_in_its_organisation(
    olhar: Olhar, sessao: SessaoWhatsapp, gente: SimpleNamespace
) -> None:
    da_carla = criar_sessao(gente.carla, conectado_em=ha(0))

    olhar(na_lista(sessao), na_lista(da_carla, config={}))

    [evento] = todas(EventoPendente)
    assert (evento.organizacao_id, evento.payload["sessao_id"]) == (
        gente.brisa.pk,
        str(da_carla.pk),
    )


def test_second_monitor_waits_for_its_turn(
    olhar: Olhar, sessao: SessaoWhatsapp, servidor: Servidor
) -> None:
    valkey.cliente().set("whatsapp:vigia", "another's")

    olhar(na_lista(sessao, config={}))

    assert (servidor.pedidos, passos()) == ([], [])
    assert valkey.cliente().get("whatsapp:vigia") == "another's"


@pytest.mark.django_db(transaction=True)
def test_two_monitors_at_once_ask_for_one_repair(
    olhar: Olhar, sessao: SessaoWhatsapp, servidor: Servidor
) -> None:
    mudar_sessao(sessao, status="failed", queda_em=ha(1))
    servidor.respostas = [(200, [na_lista(sessao, status="FAILED")])] * 2

    def rondar(_: int) -> None:
        try:
            vigia._rondar()
        finally:
            connection.close()

    # Past the turn, as if Redis had lost it.
    with ThreadPoolExecutor(2) as dois:
        list(dois.map(rondar, range(2)))

    assert len(servidor.pedidos) == 2
    assert passos() == ["reiniciar"]
    assert uma(SessaoWhatsapp).tentativas_de_volta == 1


def test_turn_is_given_back(olhar: Olhar, sessao: SessaoWhatsapp) -> None:
    olhar(na_lista(sessao))

    assert valkey.cliente().get("whatsapp:vigia") is None


def test_two_hundred_well_sessions_cost_as_much_as_one(
    olhar: Olhar,
    sessao: SessaoWhatsapp,
    gente: SimpleNamespace,
    django_assert_num_queries: Any,
) -> None:
    with sistema("comando"):
        pessoas = Usuario.objects.bulk_create(
            Usuario(
                email=f"p{n}@exemplo.test",
                nome=f"P{n}",
                organizacao=gente.aurora,
                password="",
            )
            for n in range(199)
        )
    todos = [criar_sessao(p, conectado_em=ha(0)) for p in pessoas]
    lista = [na_lista(um) for um in (sessao, *todos)]

    # Two reads, the credential, and two statements to note who was seen; the rest
    # opens and closes the three contexts.
    with django_assert_num_queries(17):
        olhar(*lista)

    assert passos() == []


def test_clock_rings_every_minute_and_a_late_ring_is_dropped() -> None:
    relogio = aplicacao.conf.beat_schedule["vigiar_whatsapp"]

    assert relogio == {
        "task": vigiar.name,
        "schedule": 60.0,
        "options": {"queue": "saida", "expires": 55},
    }
