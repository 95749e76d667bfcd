"""Another number than before, and one number twice."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction

from conexoes.erros import ErroDeDominio
from conexoes.models import EventoPendente, Notificacao, RegistroAuditoria
from conexoes.tenancy import na
from crm.models import Conversa, Mensagem
from tests.trabalho import drenar
from tests.whatsapp.dominio import (
    criar_sessao,
    escrever,
    mudar_sessao,
    nada_no_dominio,
    todas,
    uma,
)
from tests.whatsapp.waha import Entregador, Ponte
from whatsapp.models import SessaoWhatsapp
from whatsapp.services import sessoes
from whatsapp.services.situacao import situacao

OUTRO = {"id": "5521977776666@c.us", "pushName": "Outra Ana"}


def decidir(verbo: Any, usuario: Any) -> None:
    with na(usuario.organizacao_id, usuario):
        minha = sessoes.sessao_de(usuario)
        verbo(minha, usuario)


@pytest.fixture
def duvida(entregar: Entregador, sessao: SessaoWhatsapp) -> Entregador:
    """Ana's session fell, and another phone read the new code."""
    mudar_sessao(sessao, status="connecting")
    entregar("session_status__working.json", envelope={"me": OUTRO})
    return entregar


def test_other_number_is_held_and_its_owner_asked(
    duvida: Entregador, gente: SimpleNamespace
) -> None:
    sessao = uma(SessaoWhatsapp)
    assert (sessao.status, situacao(sessao)) == ("failed", "numero_em_duvida")
    assert (sessao.numero_em_duvida, sessao.nome_em_duvida) == (
        "+5521977776666",
        "Outra Ana",
    )
    assert sessao.phone_number == "+5511999990000"
    [aviso] = todas(Notificacao)
    assert (aviso.usuario_id, aviso.tom) == (gente.ana.pk, "alerta")
    assert "+55 21 97777-6666" in aviso.texto
    assert "whatsapp.numero_em_duvida" in [r.acao for r in todas(RegistroAuditoria)]


def test_repeated_news_of_it_asks_no_second_time(duvida: Entregador) -> None:
    depois = {"timestamp": 1_795_313_299_000, "me": OUTRO}
    duvida("session_status__working.json", envelope=depois)

    assert len(todas(Notificacao)) == 1
    assert uma(SessaoWhatsapp).status == "failed"


def test_nothing_is_written_while_it_is_in_doubt(duvida: Entregador) -> None:
    duvida("message__texto.json")

    assert nada_no_dominio()


def test_nothing_goes_out_while_it_is_in_doubt(
    entregar: Entregador, parada: Conversa, sessao: SessaoWhatsapp, gente: Any
) -> None:
    mudar_sessao(sessao, status="connecting")
    entregar("session_status__working.json", envelope={"me": OUTRO})

    mensagem = escrever(parada, "Para quem?", gente.ana)
    drenar()

    assert uma(Mensagem, pk=mensagem.pk).status == "pendente"


@pytest.mark.parametrize("me", ["5511999990000@c.us", "551199990000@c.us"])
def test_ninth_digit_makes_no_other_number(
    entregar: Entregador, sessao: SessaoWhatsapp, me: str
) -> None:
    mudar_sessao(sessao, status="connecting")

    entregar("session_status__working.json", envelope={"me": {"id": me}})

    depois = uma(SessaoWhatsapp)
    assert (depois.status, depois.numero_em_duvida) == ("connected", "")


def test_right_number_after_all_needs_no_answer(duvida: Entregador) -> None:
    duvida("session_status__working.json", envelope={"timestamp": 1_795_313_299_000})

    sessao = uma(SessaoWhatsapp)
    assert (sessao.status, sessao.numero_em_duvida) == ("connected", "")


def test_new_number_is_taken_from_the_moment_it_connected(
    duvida: Entregador, gente: SimpleNamespace
) -> None:
    lido_em = uma(SessaoWhatsapp).conectado_em

    decidir(sessoes.usar_numero_novo, gente.ana)

    sessao = uma(SessaoWhatsapp)
    assert (sessao.status, sessao.numero_em_duvida) == ("connected", "")
    assert (sessao.phone_number, sessao.phone_name) == ("+5521977776666", "Outra Ana")
    assert sessao.historico_ate == lido_em
    # A number that is new here warms up anew.
    assert sessao.numero_desde == lido_em
    assert uma(EventoPendente, tipo="whatsapp_historico").status == "pending"
    acoes = [r.acao for r in todas(RegistroAuditoria)]
    assert acoes == ["whatsapp.numero_em_duvida", "whatsapp.numero_trocado"]


def test_refused_number_is_logged_out(
    duvida: Entregador, gente: SimpleNamespace
) -> None:
    decidir(sessoes.recusar_numero_novo, gente.ana)

    sessao = uma(SessaoWhatsapp)
    assert (sessao.status, sessao.ligada) == ("disconnected", False)
    assert (sessao.numero_em_duvida, sessao.phone_number) == ("", "+5511999990000")
    assert sessao.motivo == ("O número +55 21 97777-6666 foi recusado e desconectado.")
    [evento] = todas(EventoPendente, tipo="whatsapp_sessao")
    assert evento.payload["passo"] == "desconectar"


@pytest.mark.parametrize(
    "verbo", [sessoes.usar_numero_novo, sessoes.recusar_numero_novo]
)
def test_without_a_doubt_there_is_nothing_to_answer(
    sessao: SessaoWhatsapp, gente: SimpleNamespace, verbo: Any
) -> None:
    with pytest.raises(ErroDeDominio), transaction.atomic():
        decidir(verbo, gente.ana)

    assert uma(SessaoWhatsapp).status == "connected"
    assert todas(EventoPendente) == []


def test_number_that_left_meanwhile_is_not_called_connected(
    duvida: Entregador, gente: SimpleNamespace
) -> None:
    fora = {"timestamp": 1_795_313_299_000, "me": OUTRO}
    duvida("session_status__failed.json", envelope=fora)
    assert situacao(uma(SessaoWhatsapp)) == "numero_em_duvida"

    decidir(sessoes.usar_numero_novo, gente.ana)

    sessao = uma(SessaoWhatsapp)
    assert (sessao.status, sessao.phone_number) == ("failed", "+5521977776666")
    assert sessao.motivo == (
        "O número novo se desconectou antes da sua resposta. Conecte de novo."
    )


def test_new_code_waits_for_the_answer(
    duvida: Entregador, gente: SimpleNamespace
) -> None:
    with pytest.raises(ErroDeDominio), transaction.atomic():
        decidir(lambda minha, _: sessoes.gerar_novo_qr(minha), gente.ana)

    assert uma(SessaoWhatsapp).numero_em_duvida == "+5521977776666"


def test_what_was_said_in_doubt_is_read_back_when_it_is_accepted(
    conectada: Ponte, conversa: Conversa, gente: SimpleNamespace
) -> None:
    conectada.mandar("sair")
    conectada.ate(lambda: uma(SessaoWhatsapp).status == "failed")
    with na(gente.aurora, gente.ana):
        minha = sessoes.sessao_de(gente.ana)
        assert minha is not None
        sessoes.gerar_novo_qr(minha)
    conectada.ate(lambda: uma(SessaoWhatsapp).qr)
    conectada.mandar("escanear", numero="5521977776666", nome="Outra Ana")
    conectada.ate(lambda: uma(SessaoWhatsapp).numero_em_duvida)
    conectada.mandar("cliente", numero="5531988887777", texto="Cadê você?")
    conectada.assentar()
    assert [m.texto for m in todas(Mensagem)] == ["Bom dia"]

    decidir(sessoes.usar_numero_novo, gente.ana)
    conectada.assentar()

    assert [m.texto for m in todas(Mensagem)] == ["Bom dia", "Cadê você?"]
    assert uma(SessaoWhatsapp).status == "connected"


def test_one_number_twice_is_told_to_both(
    entregar: Entregador, sessao: SessaoWhatsapp, gente: SimpleNamespace
) -> None:
    do_bruno = criar_sessao(gente.bruno)
    criar_sessao(gente.carla)
    mudar_sessao(sessao, status="connecting")

    entregar("session_status__working.json")

    avisos = {(n.usuario_id, n.titulo) for n in todas(Notificacao)}
    titulo = "O mesmo número está conectado duas vezes"
    assert avisos == {(gente.ana.pk, titulo), (gente.bruno.pk, titulo)}
    # A member cannot see a colleague's session, and learns the name all the same.
    with na(gente.aurora, gente.bruno):
        assert sessoes.mesmo_numero(do_bruno) == ["Ana Alves"]


def test_number_of_one_person_is_not_doubled(
    sessao: SessaoWhatsapp, gente: SimpleNamespace
) -> None:
    criar_sessao(gente.bruno, phone_number="+5521977776666")
    criar_sessao(gente.carla)

    with na(gente.aurora, gente.ana):
        assert sessoes.mesmo_numero(sessao) == []
