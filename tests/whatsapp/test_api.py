"""The API of WhatsApp: what each call answers."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from conexoes.models import EventoPendente
from conexoes.tenancy import na
from tests.whatsapp.api import BASE, Cabecalhos, chamar, ler, mandar
from tests.whatsapp.dominio import criar_sessao, todas, uma
from whatsapp.models import PeriodoDaSessao, SessaoWhatsapp


def test_start_answers_as_the_prd_says(
    token: Cabecalhos, gente: SimpleNamespace
) -> None:
    resposta = mandar("iniciar", token("ana"))

    sessao = uma(SessaoWhatsapp)
    assert resposta.status_code == 201
    assert resposta.json() == {
        "id": str(sessao.pk),
        "session_name": sessao.session_name,
        "status": "qr_pending",
        "message": "Sessão criada. Solicite o QR Code para continuar.",
    }
    assert sessao.usuario_id == gente.ana.pk


def test_start_twice_is_one_session_and_one_intent(token: Cabecalhos) -> None:
    primeira = mandar("iniciar", token("ana"))

    segunda = mandar("iniciar", token("ana"))

    assert segunda.status_code == 201
    assert segunda.json() == primeira.json()
    assert len(todas(SessaoWhatsapp)) == len(todas(EventoPendente)) == 1


def test_start_of_a_connected_session_says_so(
    token: Cabecalhos, sessao: SessaoWhatsapp
) -> None:
    corpo = mandar("iniciar", token("ana")).json()

    assert (corpo["status"], corpo["message"]) == (
        "connected",
        "Este WhatsApp já está conectado.",
    )


def test_code_is_not_there_yet(token: Cabecalhos) -> None:
    mandar("iniciar", token("ana"))

    resposta = ler("qr-code", token("ana"))

    assert resposta.status_code == 200
    assert resposta.json() == {
        "qr_code": None,
        "expires_in": 0,
        "status": "qr_pending",
    }


def com_qr(usuario: Any, segundos: int = 45) -> SessaoWhatsapp:
    return criar_sessao(
        usuario,
        status="qr_pending",
        qr="2@abc,def,ghi",
        qr_expira_em=timezone.now() + timedelta(seconds=segundos),
        qr_numero=1,
    )


def test_code_is_an_image_with_its_time(
    token: Cabecalhos, gente: SimpleNamespace
) -> None:
    cabecalhos = token("ana")
    com_qr(gente.ana)

    corpo = ler("qr-code", cabecalhos).json()

    assert set(corpo) == {"qr_code", "expires_in", "status"}
    assert corpo["qr_code"].startswith("data:image/png;base64,iVBORw0KGgo")
    assert corpo["expires_in"] in (44, 45)
    assert corpo["status"] == "qr_pending"


def test_expired_code_is_not_given(token: Cabecalhos, gente: SimpleNamespace) -> None:
    com_qr(gente.ana, segundos=-1)

    corpo = ler("qr-code", token("ana")).json()

    assert (corpo["qr_code"], corpo["expires_in"]) == (None, 0)


def test_status_answers_as_the_prd_says(
    token: Cabecalhos, gente: SimpleNamespace
) -> None:
    quando = timezone.now()
    sessao = criar_sessao(gente.ana, conectado_em=quando, ultima_mensagem_em=quando)

    resposta = ler("status", token("ana"))

    corpo = resposta.json()
    assert resposta.status_code == 200
    assert datetime.fromisoformat(corpo.pop("conectado_em")) == quando
    assert datetime.fromisoformat(corpo.pop("ultima_mensagem_em")) == quando
    assert corpo == {
        "id": str(sessao.pk),
        "status": "connected",
        "phone_number": "+5511999990000",
        "phone_name": "Ana Vendas",
        "situacao": "conectado",
        "motivo": "",
        "quarentena": False,
        "numero_em_duvida": "",
        "recebe_grupos": False,
        "uptime": None,
    }


def test_status_tells_why_nothing_goes_out(
    token: Cabecalhos, gente: SimpleNamespace
) -> None:
    criar_sessao(
        gente.ana,
        status="failed",
        motivo="O WhatsApp encerrou esta conexão.",
        quarentena_em=timezone.now(),
    )

    corpo = ler("status", token("ana")).json()

    assert (corpo["situacao"], corpo["quarentena"], corpo["motivo"]) == (
        "quarentena",
        True,
        "O WhatsApp encerrou esta conexão.",
    )


def test_status_tells_the_uptime(
    token: Cabecalhos, sessao: SessaoWhatsapp, gente: SimpleNamespace
) -> None:
    agora = timezone.now()
    with na(gente.aurora):
        for situacao, de, ate in (("connected", 8, 2), ("failed", 2, 0)):
            PeriodoDaSessao.objects.create(
                organizacao=gente.aurora,
                sessao=sessao,
                status=situacao,
                inicio_em=agora - timedelta(days=de),
                fim_em=agora - timedelta(days=ate),
            )

    assert ler("status", token("ana")).json()["uptime"] == 75.0


def test_status_tells_the_number_in_doubt(
    token: Cabecalhos, gente: SimpleNamespace
) -> None:
    criar_sessao(gente.ana, status="failed", numero_em_duvida="+5531977776666")

    corpo = ler("status", token("ana")).json()

    assert (corpo["situacao"], corpo["numero_em_duvida"]) == (
        "numero_em_duvida",
        "+5531977776666",
    )


@pytest.mark.parametrize("corpo", [{"aceito_risco": False}, {"outra": 1}])
def test_start_without_consent_is_refused_in_words(
    token: Cabecalhos, corpo: dict[str, Any]
) -> None:
    resposta = mandar("iniciar", token("ana"), **corpo)

    assert resposta.status_code == 409
    assert resposta.json()["erro"]["mensagem"].startswith("Antes de conectar, leia")
    assert todas(SessaoWhatsapp) == todas(EventoPendente) == []


def test_consent_given_once_is_enough(
    token: Cabecalhos, gente: SimpleNamespace
) -> None:
    mandar("iniciar", token("ana"))
    mandar("desconectar", token("ana"))

    resposta = mandar("iniciar", token("ana"), aceito_risco=False)

    assert resposta.status_code == 201


def test_code_is_asked_for_and_read(token: Cabecalhos, gente: SimpleNamespace) -> None:
    sessao = com_qr(gente.ana)

    pedida = mandar("codigo", token("ana"))
    assert pedida.status_code == 202
    assert pedida.json() == {
        "codigo": None,
        "expires_in": 0,
        "status": "qr_pending",
    }
    passo = uma(EventoPendente).payload
    assert (passo["passo"], passo["telefone"]) == ("codigo", "+5511999990000")

    with na(gente.aurora):
        sessao.refresh_from_db()
        sessao.codigo = "ABCD-1234"
        sessao.codigo_expira_em = timezone.now() + timedelta(seconds=60)
        sessao.save()
    lida = ler("codigo", token("ana")).json()
    assert lida["codigo"] == "ABCD-1234"
    assert lida["expires_in"] in (59, 60)
    assert "ABCD-1234" not in ler("status", token("ana")).content.decode()


def test_expired_pairing_code_is_not_given(
    token: Cabecalhos, gente: SimpleNamespace
) -> None:
    criar_sessao(
        gente.ana,
        status="qr_pending",
        codigo="ABCD-1234",
        codigo_expira_em=timezone.now() - timedelta(seconds=1),
    )

    assert ler("codigo", token("ana")).json()["codigo"] is None


@pytest.mark.parametrize("telefone", ["", "123", "abc"])
def test_code_for_what_is_no_number_is_refused(
    token: Cabecalhos, gente: SimpleNamespace, telefone: str
) -> None:
    com_qr(gente.ana)

    resposta = mandar("codigo", token("ana"), telefone=telefone)

    assert resposta.status_code == 400
    assert set(resposta.json()["erro"]["campos"]) == {"telefone"}
    assert todas(EventoPendente) == []


def test_code_for_a_connected_session_is_refused(
    token: Cabecalhos, sessao: SessaoWhatsapp
) -> None:
    resposta = mandar("codigo", token("ana"))

    assert resposta.status_code == 409
    assert todas(EventoPendente) == []


def test_groups_are_let_in_and_kept_out(
    token: Cabecalhos, sessao: SessaoWhatsapp
) -> None:
    ligados = mandar("grupos", token("ana"), recebe=True)
    assert (ligados.status_code, ligados.json()["recebe_grupos"]) == (200, True)
    assert uma(EventoPendente).payload["passo"] == "configurar"

    desligados = mandar("grupos", token("ana"), recebe=False)
    assert desligados.json()["recebe_grupos"] is False
    assert uma(SessaoWhatsapp).recebe_grupos is False


def test_groups_need_an_answer(token: Cabecalhos, sessao: SessaoWhatsapp) -> None:
    resposta = mandar("grupos", token("ana"), outra=1)

    assert resposta.status_code == 400
    assert todas(EventoPendente) == []


def test_status_never_tells_the_code(token: Cabecalhos, gente: SimpleNamespace) -> None:
    com_qr(gente.ana)

    assert "2@abc" not in ler("status", token("ana")).content.decode()


def test_disconnecting_answers_the_new_status(
    token: Cabecalhos, sessao: SessaoWhatsapp
) -> None:
    resposta = mandar("desconectar", token("ana"))

    assert resposta.status_code == 200
    assert resposta.json()["status"] == "disconnected"
    assert uma(SessaoWhatsapp).ligada is False
    assert uma(EventoPendente).payload["passo"] == "desconectar"


@pytest.mark.parametrize(
    "nome", ["qr-code", "status", "desconectar", "grupos", "codigo"]
)
def test_nothing_before_one_ever_connected(token: Cabecalhos, nome: str) -> None:
    resposta = chamar(nome, token("ana"))

    assert resposta.status_code == 404
    assert resposta.json() == {
        "erro": {"codigo": "nao_encontrado", "mensagem": "Não encontrado."}
    }
    assert todas(SessaoWhatsapp) == todas(EventoPendente) == []


def test_broken_body_is_refused(token: Cabecalhos) -> None:
    resposta = Client().post(
        f"{BASE}/iniciar", "{", content_type="application/json", headers=token("ana")
    )

    assert resposta.status_code == 400
    assert todas(SessaoWhatsapp) == []
