import json
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conexoes.models import EventoPendente
from conexoes.tenancy import sistema
from crm.models import Usuario
from tests.whatsapp.dominio import criar_sessao, todas, uma
from whatsapp.models import SessaoWhatsapp

PAGINA = "/configuracoes/conexoes/whatsapp/"
HTMX = {"HX-Request": "true"}
Entrar = Callable[[str], Client]


@pytest.fixture
def ana(entrar: Entrar) -> Client:
    return entrar("ana")


def texto(resposta: Any) -> str:
    assert resposta.status_code == 200
    return resposta.content.decode()


def passo(pagina: str) -> str:
    return pagina.partition('data-passo="')[2].partition('"')[0]


def no_qr(usuario: Any, segundos: int | None, **campos: Any) -> SessaoWhatsapp:
    """A session that waits for a scan; ``segundos`` until its code expires."""
    vence = None
    if segundos is not None:
        vence = timezone.now() + timedelta(seconds=segundos)
        campos |= {"qr": "2@abc,def,ghi", "qr_numero": 1}
    return criar_sessao(usuario, status="qr_pending", qr_expira_em=vence, **campos)


def test_page_before_the_first_connection(ana: Client) -> None:
    pagina = texto(ana.get(PAGINA))

    assert "Conecte seu número do WhatsApp para enviar e receber" in pagina
    assert 'hx-post="/configuracoes/conexoes/whatsapp/conectar/"' in pagina
    # Said before the first time: this way is not the official one.
    assert "Este caminho não é oficial" in pagina
    assert "desconectar/" not in pagina


def test_page_of_a_connected_number(ana: Client, gente: SimpleNamespace) -> None:
    criar_sessao(gente.ana, conectado_em=timezone.now(), total_mensagens_recebidas=1234)

    pagina = texto(ana.get(PAGINA))

    assert "Minha conexão WhatsApp" in pagina
    assert "+55 11 99999-0000" in pagina
    assert "Ana Vendas" in pagina
    assert "Recebidas: 1.234" in pagina
    assert 'hx-post="/configuracoes/conexoes/whatsapp/desconectar/"' in pagina
    assert "conectar/" not in pagina.replace("desconectar/", "")


@pytest.mark.parametrize(
    ("status", "motivo", "frase"),
    [
        ("disconnected", "Desconectado pelo CRM.", "Desconectado pelo CRM."),
        ("qr_pending", "", "Falta escanear o QR Code com o celular."),
        ("connecting", "", "Estamos falando com o WhatsApp"),
        (
            "failed",
            "O QR Code expirou sem ser lido.",
            "O QR Code expirou sem ser lido.",
        ),
    ],
)
def test_page_says_what_to_do_in_every_other_state(
    ana: Client, gente: SimpleNamespace, status: str, motivo: str, frase: str
) -> None:
    criar_sessao(gente.ana, status=status, motivo=motivo)

    pagina = texto(ana.get(PAGINA))

    assert frase in pagina
    assert str(SessaoWhatsapp.Status(status).label) in pagina


def test_names_and_reasons_are_escaped(ana: Client, gente: SimpleNamespace) -> None:
    criar_sessao(
        gente.ana, status="failed", motivo="<script>a</script>", phone_name="<b>x"
    )

    pagina = texto(ana.get(PAGINA))

    assert "&lt;script&gt;a&lt;/script&gt;" in pagina
    assert "<script>a" not in pagina
    assert "<b>x" not in pagina


def test_fragment_is_the_one_the_page_includes(
    ana: Client, sessao: SessaoWhatsapp
) -> None:
    fragmento = texto(ana.get(f"{PAGINA}sessao/", headers=HTMX))

    assert fragmento.lstrip().startswith("<section")
    assert fragmento.strip() in texto(ana.get(PAGINA))


def test_anonymous_goes_to_the_log_in(gente: SimpleNamespace) -> None:
    resposta = Client().get(PAGINA)

    assert resposta.status_code == 302
    assert resposta["Location"] == f"/conta/entrar/?next={PAGINA.replace('/', '%2F')}"


def test_admin_sees_the_team(ana: Client, gente: SimpleNamespace) -> None:
    criar_sessao(gente.bruno, phone_number="+5531988887777")
    criar_sessao(gente.carla)

    pagina = texto(ana.get(PAGINA))

    assert "Números da equipe" in pagina
    assert "Bruno Barros" in pagina
    assert "+55 31 98888-7777" in pagina
    assert "Carla Costa" not in pagina


def test_member_sees_only_their_own(
    entrar: Entrar, sessao: SessaoWhatsapp, gente: SimpleNamespace
) -> None:
    pagina = texto(entrar("bruno").get(PAGINA))

    assert "Números da equipe" not in pagina
    assert "+55 11 99999-0000" not in pagina
    assert "Conecte seu número do WhatsApp" in pagina


def test_super_admin_sees_the_team_and_connects_nothing(
    entrar: Entrar, sessao: SessaoWhatsapp, gente: SimpleNamespace
) -> None:
    navegador = entrar("sofia")
    nela = {"X-Org-Id": str(gente.aurora.pk)}

    pagina = texto(navegador.get(PAGINA, headers=nela))
    recusada = navegador.post(f"{PAGINA}conectar/", headers=nela)

    assert "Ana Alves" in pagina
    assert 'hx-post="/configuracoes/conexoes/whatsapp/conectar/"' not in pagina
    assert recusada.status_code == 403
    assert len(todas(SessaoWhatsapp)) == 1


def test_connecting_opens_the_dialog_while_the_code_is_prepared(
    ana: Client, gente: SimpleNamespace
) -> None:
    dialogo = texto(ana.post(f"{PAGINA}conectar/", headers=HTMX))

    assert passo(dialogo) == "preparando"
    assert "Preparando o QR Code…" in dialogo
    assert 'hx-get="/configuracoes/conexoes/whatsapp/qr/"' in dialogo
    assert uma(SessaoWhatsapp).usuario_id == gente.ana.pk
    assert uma(EventoPendente).payload["passo"] == "conectar"


def test_why_it_takes_long_is_said_in_the_dialog(
    ana: Client, gente: SimpleNamespace
) -> None:
    no_qr(gente.ana, None, motivo="O serviço externo não respondeu.")

    dialogo = texto(ana.get(f"{PAGINA}qr/", headers=HTMX))

    assert passo(dialogo) == "preparando"
    assert "O serviço externo não respondeu." in dialogo


def test_code_to_scan(ana: Client, gente: SimpleNamespace) -> None:
    sessao = no_qr(gente.ana, 45)

    dialogo = texto(ana.get(f"{PAGINA}qr/", headers=HTMX))

    assert passo(dialogo) == "escaneie"
    assert 'src="data:image/png;base64,' in dialogo
    assert f'data-expira-em="{sessao.qr_expira_em:%Y-%m-%dT}' in dialogo
    assert "Gerar novo QR Code" in dialogo
    assert "Dispositivos conectados" in dialogo
    assert "2@abc" not in dialogo


def test_expired_code_is_hidden_and_still_waits_for_the_next(
    ana: Client, gente: SimpleNamespace
) -> None:
    no_qr(gente.ana, -1)

    dialogo = texto(ana.get(f"{PAGINA}qr/", headers=HTMX))

    assert passo(dialogo) == "expirado"
    assert "O código venceu" in dialogo
    assert "data:image/png" not in dialogo
    assert "Gerar novo QR Code" in dialogo
    # WhatsApp gives up to six codes in a row: the dialog must learn of the next one.
    assert 'hx-get="/configuracoes/conexoes/whatsapp/qr/"' in dialogo


def test_dialog_of_a_scanned_code(ana: Client, gente: SimpleNamespace) -> None:
    criar_sessao(gente.ana, status="connecting", qr_numero=1)

    dialogo = texto(ana.get(f"{PAGINA}qr/", headers=HTMX))

    assert passo(dialogo) == "conectando"
    assert 'hx-get="/configuracoes/conexoes/whatsapp/qr/"' in dialogo


def test_dialog_while_the_server_starts_the_session(
    ana: Client, gente: SimpleNamespace
) -> None:
    criar_sessao(gente.ana, status="connecting")

    assert passo(texto(ana.get(f"{PAGINA}qr/", headers=HTMX))) == "preparando"


@pytest.mark.parametrize("status", ["failed", "disconnected"])
def test_dialog_of_a_failure_offers_a_new_code(
    ana: Client, gente: SimpleNamespace, status: str
) -> None:
    criar_sessao(gente.ana, status=status, motivo="O QR Code expirou sem ser lido.")

    dialogo = texto(ana.get(f"{PAGINA}qr/", headers=HTMX))

    assert passo(dialogo) == "falhou"
    assert "O QR Code expirou sem ser lido." in dialogo
    assert 'hx-post="/configuracoes/conexoes/whatsapp/novo-qr/"' in dialogo


def test_dialog_ends_with_success(ana: Client, sessao: SessaoWhatsapp) -> None:
    resposta = ana.get(f"{PAGINA}qr/", headers=HTMX)

    dialogo = texto(resposta)
    assert passo(dialogo) == "conectado"
    assert "WhatsApp conectado" in dialogo
    assert json.loads(resposta["HX-Trigger"]) == {"fechar-modal": {}}
    assert "hx-get" not in dialogo


def test_dialog_of_a_state_before_success_does_not_close(
    ana: Client, gente: SimpleNamespace
) -> None:
    no_qr(gente.ana, 45)

    assert "HX-Trigger" not in ana.get(f"{PAGINA}qr/", headers=HTMX)


def test_new_code_begins_again(ana: Client, gente: SimpleNamespace) -> None:
    no_qr(gente.ana, -1)

    dialogo = texto(ana.post(f"{PAGINA}novo-qr/", headers=HTMX))

    assert passo(dialogo) == "preparando"
    assert uma(EventoPendente).payload["passo"] == "reiniciar"
    assert (uma(SessaoWhatsapp).qr, uma(SessaoWhatsapp).qr_numero) == ("", 0)


def test_new_code_of_a_connected_number_is_refused_with_words(
    ana: Client, sessao: SessaoWhatsapp
) -> None:
    resposta = ana.post(f"{PAGINA}novo-qr/", headers=HTMX)

    aviso = json.loads(resposta["HX-Trigger"])["aviso"]
    assert aviso == {"texto": "Este WhatsApp já está conectado.", "tom": "erro"}
    assert passo(texto(resposta)) == "conectado"
    assert uma(SessaoWhatsapp).status == "connected"
    assert todas(EventoPendente) == []


def test_disconnecting_shows_the_section_and_a_notice(
    ana: Client, sessao: SessaoWhatsapp
) -> None:
    resposta = ana.post(f"{PAGINA}desconectar/", headers=HTMX)

    assert "Conectar WhatsApp" in texto(resposta)
    assert json.loads(resposta["HX-Trigger"])["aviso"] == {
        "texto": "WhatsApp desconectado.",
        "tom": "ok",
    }
    assert uma(SessaoWhatsapp).status == "disconnected"
    assert uma(EventoPendente).payload["passo"] == "desconectar"


@pytest.mark.parametrize("rota", ["desconectar/", "novo-qr/"])
@pytest.mark.parametrize("apelido", ["bruno", "carla", "davi"])
def test_nobody_touches_another_persons_session(
    entrar: Entrar, sessao: SessaoWhatsapp, apelido: str, rota: str
) -> None:
    resposta = entrar(apelido).post(PAGINA + rota, headers=HTMX)

    assert resposta.status_code == 404
    assert uma(SessaoWhatsapp).status == "connected"
    assert todas(EventoPendente) == []


def test_code_of_another_person_is_not_shown(
    entrar: Entrar, gente: SimpleNamespace
) -> None:
    no_qr(gente.ana, 45)

    assert entrar("bruno").get(f"{PAGINA}qr/", headers=HTMX).status_code == 404


@pytest.mark.parametrize("rota", ["conectar/", "novo-qr/", "desconectar/"])
def test_changes_need_a_post(ana: Client, sessao: SessaoWhatsapp, rota: str) -> None:
    assert ana.get(PAGINA + rota).status_code == 405

    assert todas(EventoPendente) == []


def test_changes_need_the_csrf_token(ana: Client, sessao: SessaoWhatsapp) -> None:
    ana.handler.enforce_csrf_checks = True

    assert ana.post(f"{PAGINA}desconectar/", headers=HTMX).status_code == 403

    assert uma(SessaoWhatsapp).status == "connected"


def test_hub_shows_the_number_and_its_state(
    ana: Client, sessao: SessaoWhatsapp
) -> None:
    pagina = texto(ana.get("/configuracoes/conexoes/"))

    assert "+55 11 99999-0000 · Ana Vendas" in pagina
    assert "Conectado" in pagina


def test_hub_tells_a_failed_number(ana: Client, gente: SimpleNamespace) -> None:
    criar_sessao(gente.ana, status="failed")

    assert "Falha na conexão" in texto(ana.get("/configuracoes/conexoes/"))


def test_more_people_cost_no_more_queries(ana: Client, gente: SimpleNamespace) -> None:
    criar_sessao(gente.ana)
    ana.get(PAGINA)
    with CaptureQueriesContext(
        connection,
    ) as poucas:
        ana.get(PAGINA)
    for n in range(5):
        with sistema("comando"):
            pessoa = Usuario.objects.create_user(
                f"p{n}@exemplo.test", nome=f"P{n}", organizacao=gente.aurora
            )
        criar_sessao(pessoa)

    with CaptureQueriesContext(connection) as muitas:
        pagina = texto(ana.get(PAGINA))

    assert "P4" in pagina
    assert len(muitas) == len(poucas)


def test_polling_the_code_writes_nothing(ana: Client, gente: SimpleNamespace) -> None:
    no_qr(gente.ana, 45)

    with CaptureQueriesContext(connection) as consultas:
        ana.get(f"{PAGINA}qr/", headers=HTMX)

    escritas = ("INSERT", "UPDATE", "DELETE")
    assert [
        q for q in consultas.captured_queries if q["sql"].startswith(escritas)
    ] == []
