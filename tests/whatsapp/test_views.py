"""The WhatsApp page, and who may do what on it."""

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conexoes.models import EventoPendente
from conexoes.tenancy import na, sistema
from crm.models import Contato, Conversa, Usuario
from tests.servidor import Servidor
from tests.trabalho import drenar_saida
from tests.whatsapp.dominio import (
    criar_sessao,
    escrever,
    todas,
    uma,
    usar_servidor,
)
from tests.whatsapp.telas import HTMX, PAGINA, Entrar, passo, texto
from whatsapp.models import SessaoWhatsapp

HOJE = timezone.now()


@pytest.fixture
def ana(entrar: Entrar) -> Client:
    return entrar("ana")


def test_page_before_the_first_connection(ana: Client) -> None:
    pagina = texto(ana.get(PAGINA))

    assert "Conecte seu número do WhatsApp para enviar e receber" in pagina
    assert 'hx-post="/configuracoes/conexoes/whatsapp/conectar/"' in pagina
    # Said before the first time: this way is not the official one.
    assert "Ler os riscos desta conexão" in pagina
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


def test_cards_of_a_first_connection_come_by_themselves(
    ana: Client, gente: SimpleNamespace
) -> None:
    """What listens for the change is there before there is anything to show."""
    pagina = texto(ana.get(PAGINA))
    assert "Histórico da conexão" not in pagina
    assert 'id="historico"' in pagina
    assert 'id="equipe"' in pagina

    criar_sessao(gente.ana)

    fragmento = texto(ana.get(f"{PAGINA}historico/", headers=HTMX))
    assert "Histórico da conexão" in fragmento


def test_member_sees_only_their_own(
    entrar: Entrar, sessao: SessaoWhatsapp, gente: SimpleNamespace
) -> None:
    pagina = texto(entrar("bruno").get(PAGINA))

    assert "Números da equipe" not in pagina
    assert 'id="equipe"' not in pagina
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


def test_disconnecting_shows_the_section_and_a_notice(
    ana: Client, sessao: SessaoWhatsapp
) -> None:
    resposta = ana.post(f"{PAGINA}desconectar/", headers=HTMX)

    assert "Conectar de novo" in texto(resposta)
    assert json.loads(resposta["HX-Trigger"])["aviso"] == {
        "texto": "WhatsApp desconectado.",
        "tom": "ok",
    }
    assert uma(SessaoWhatsapp).status == "disconnected"
    assert uma(EventoPendente).payload["passo"] == "desconectar"


@pytest.mark.parametrize(
    "rota", ["desconectar/", "novo-qr/", "grupos/", "numero/", "pedir-codigo/"]
)
@pytest.mark.parametrize("apelido", ["bruno", "carla", "davi"])
def test_nobody_touches_another_persons_session(
    entrar: Entrar, sessao: SessaoWhatsapp, apelido: str, rota: str
) -> None:
    resposta = entrar(apelido).post(PAGINA + rota, headers=HTMX)

    assert resposta.status_code == 404
    assert uma(SessaoWhatsapp).status == "connected"
    assert todas(EventoPendente) == []


@pytest.mark.parametrize(
    "rota",
    ["conectar/", "novo-qr/", "desconectar/", "grupos/", "numero/", "pedir-codigo/"],
)
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


def test_hub_tells_admins_that_the_server_refuses_the_installations_key(
    entrar: Entrar, parada: Conversa, gente: SimpleNamespace, servidor: Servidor
) -> None:
    usar_servidor(servidor.url)
    servidor.respostas = [(401, {"message": "Unauthorized", "statusCode": 401})]
    escrever(parada, "Olá!", gente.ana)
    drenar_saida()
    recusa = "O servidor WAHA recusou a chave de API configurada."
    hub = "/configuracoes/conexoes/"

    de_admin = texto(entrar("ana").get(hub))
    de_membro = texto(entrar("bruno").get(hub))
    nela = {"X-Org-Id": str(gente.aurora.pk)}
    de_super = texto(entrar("sofia").get(hub, headers=nela))
    de_fora = texto(entrar("carla").get(hub))

    assert "WhatsApp: o servidor recusou o acesso do CRM." in de_admin
    assert "1 envio está guardado e sai quando o acesso voltar." in de_admin
    assert "/admin/" not in de_admin
    assert f"{recusa} 1 envio desta organização espera a correção." in " ".join(
        de_super.split()
    )
    assert "Corrigir a credencial" in de_super
    assert "recusou o acesso do CRM" not in de_membro + de_fora


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


@pytest.mark.parametrize(
    ("campos", "selo", "frase"),
    [
        (
            {"status": "failed", "quarentena_em": HOJE, "motivo": "Foi removido."},
            "Precisa de um novo QR Code",
            "Não tentamos mais sozinhos",
        ),
        (
            {"status": "qr_pending", "status_do_provedor": "PASSKEY_REQUIRED"},
            "Falta confirmar a chave de acesso",
            "O WhatsApp pediu a chave de acesso da conta.",
        ),
        (
            {"status": "connected", "status_do_provedor": "DANCANDO"},
            "Estado desconhecido",
            "DANCANDO",
        ),
        (
            {"status": "connecting", "queda_em": HOJE},
            "Conectando",
            "está voltando sozinha",
        ),
    ],
)
def test_page_says_what_happened_and_what_to_do(
    ana: Client,
    gente: SimpleNamespace,
    campos: dict[str, Any],
    selo: str,
    frase: str,
) -> None:
    criar_sessao(gente.ana, **campos)

    pagina = texto(ana.get(PAGINA))

    assert selo in pagina
    assert frase in pagina


def em_duvida(usuario: Any) -> SessaoWhatsapp:
    return criar_sessao(
        usuario,
        status="failed",
        status_do_provedor="WORKING",
        numero_em_duvida="+5531977776666",
        nome_em_duvida="Outra",
        conectado_em=timezone.now(),
    )


def test_number_in_doubt_shows_both_numbers_and_two_answers(
    ana: Client, gente: SimpleNamespace
) -> None:
    em_duvida(gente.ana)

    pagina = texto(ana.get(PAGINA))

    assert "+55 11 99999-0000" in pagina
    assert "+55 31 97777-6666" in pagina
    assert "Usar o número novo" in pagina
    assert "Desconectar o número novo" in pagina
    assert "Gerar novo QR Code" not in pagina
    assert passo(texto(ana.get(f"{PAGINA}qr/", headers=HTMX))) == "duvida"


@pytest.mark.parametrize(
    ("usar", "status", "numero"),
    [
        ("1", "connected", "+5531977776666"),
        ("0", "disconnected", "+5511999990000"),
    ],
)
def test_number_in_doubt_is_decided(
    ana: Client, gente: SimpleNamespace, usar: str, status: str, numero: str
) -> None:
    em_duvida(gente.ana)

    resposta = ana.post(f"{PAGINA}numero/", {"usar": usar}, headers=HTMX)

    assert resposta.status_code == 200
    depois = uma(SessaoWhatsapp)
    assert (depois.status, depois.phone_number) == (status, numero)
    assert depois.numero_em_duvida == ""


def test_nothing_to_decide_is_said(ana: Client, sessao: SessaoWhatsapp) -> None:
    resposta = ana.post(f"{PAGINA}numero/", {"usar": "0"}, headers=HTMX)

    assert json.loads(resposta["HX-Trigger"])["aviso"]["tom"] == "erro"
    assert uma(SessaoWhatsapp).status == "connected"


def test_same_number_twice_is_told_to_a_member_too(
    entrar: Entrar, sessao: SessaoWhatsapp, gente: SimpleNamespace
) -> None:
    criar_sessao(gente.bruno)

    pagina = texto(entrar("bruno").get(PAGINA))

    assert "Este número está conectado duas vezes." in pagina
    assert "Também está com Ana Alves." in pagina


def test_groups_switch(ana: Client, sessao: SessaoWhatsapp) -> None:
    assert "ficam só no celular" in texto(ana.get(PAGINA))

    fragmento = texto(ana.post(f"{PAGINA}grupos/", {"recebe": "1"}, headers=HTMX))

    assert "Parar de receber" in fragmento
    assert uma(SessaoWhatsapp).recebe_grupos is True
    assert uma(EventoPendente).payload["passo"] == "configurar"


def test_todays_budget_is_on_the_page(ana: Client, gente: SimpleNamespace) -> None:
    sessao = criar_sessao(gente.ana, conectado_em=timezone.now() - timedelta(days=60))
    with na(gente.aurora):
        contato = Contato.objects.create(organizacao=gente.aurora, nome="Edu")
        Conversa.objects.create(
            organizacao=gente.aurora,
            contato=contato,
            canal="whatsapp",
            conexao_id=sessao.pk,
            endereco="5531977776666@c.us",
            iniciada_por_nos_em=timezone.now(),
        )

    assert "1 de 30" in texto(ana.get(PAGINA))
