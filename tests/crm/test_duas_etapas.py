"""The second step of the log-in: activated, asked for, lost, taken away."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from conexoes.models import Notificacao, RegistroAuditoria
from conexoes.tenancy import sistema
from crm.models import Usuario
from tests.conftest import SENHA
from tests.duas_etapas import ativar, codigo, reservas, segredo_na

pytestmark = pytest.mark.django_db

Entrar = Callable[[str], Client]
CONTA = "/conta/duas-etapas/"
EQUIPE = "/configuracoes/equipe/"


def todos(modelo: Any, **filtro: Any) -> list[Any]:
    with sistema("comando"):
        return list(modelo.objects.filter(**filtro).order_by("pk"))


def ate_o_codigo(apelido: str, **mais: str) -> Client:
    """A browser after the password, where the code is asked."""
    navegador = Client()
    resposta = navegador.post(
        "/conta/entrar/",
        {"login": f"{apelido}@exemplo.test", "password": SENHA, **mais},
    )
    assert resposta["Location"] == f"{CONTA}codigo/"
    return navegador


def digitar(navegador: Client, valor: str) -> Any:
    return navegador.post(f"{CONTA}codigo/", {"code": valor})


def dentro(navegador: Client) -> bool:
    return "_auth_user_id" in navegador.session


# --- Activating --------------------------------------------------------------


def test_activation_asks_for_the_password_first(entrar: Entrar) -> None:
    bruno = entrar("bruno")

    resposta = bruno.get(f"{CONTA}ativar/")

    assert resposta.status_code == 302
    assert resposta["Location"].startswith("/conta/reautenticar/?next=")
    assert bruno.post(f"{CONTA}ativar/", {"code": "000000"}).status_code == 302
    assert todos(Authenticator) == []


def test_page_shows_the_secret_as_picture_and_text(entrar: Entrar) -> None:
    bruno = entrar("bruno")
    bruno.post("/conta/reautenticar/", {"password": SENHA})

    pagina = bruno.get(f"{CONTA}ativar/")

    texto = pagina.content.decode()
    achada = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', texto)
    assert achada
    assert base64.b64decode(achada[1]).startswith(b"<?xml")
    assert len(base64.b32decode(segredo_na(pagina))) == 20
    assert pagina.context["totp_url"].startswith("otpauth://totp/bruno%40exemplo.test?")
    assert "issuer=Conex%C3%B5es" in pagina.context["totp_url"]
    assert "no-store" in pagina["Cache-Control"]
    # Another look at the page is another secret.
    assert segredo_na(bruno.get(f"{CONTA}ativar/")) != segredo_na(pagina)


@pytest.mark.parametrize("errado", ["000000", "", "abc", "9" * 21, "\x00"])
def test_wrong_code_activates_nothing(entrar: Entrar, errado: str) -> None:
    bruno = entrar("bruno")
    bruno.post("/conta/reautenticar/", {"password": SENHA})
    bruno.get(f"{CONTA}ativar/")

    resposta = bruno.post(f"{CONTA}ativar/", {"code": errado})

    assert resposta.status_code == 200
    assert resposta.context["form"].errors["code"]
    assert todos(Authenticator) == []


def test_activation_is_audited_and_told_and_ends_the_other_sessions(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    aqui, ali = entrar("bruno"), entrar("bruno")

    ativar(aqui, SENHA)

    assert aqui.get("/conversas/").status_code == 200
    assert ali.get("/conversas/").status_code == 302
    [registro] = todos(RegistroAuditoria, acao="usuario.duas_etapas_ativadas")
    assert (registro.autor_id, registro.organizacao_id) == (
        gente.bruno.pk,
        gente.aurora.pk,
    )
    [aviso] = todos(Notificacao)
    assert (aviso.usuario_id, aviso.tom) == (gente.bruno.pk, "alerta")
    assert len(reservas(aqui)) == 10


def test_secrets_are_sealed_in_the_table(entrar: Entrar) -> None:
    segredo = ativar(entrar("bruno"), SENHA)

    guardados = {a.type: a.data for a in todos(Authenticator)}

    assert guardados["totp"]["secret"].startswith("v1.")
    assert guardados["recovery_codes"]["seed"].startswith("v1.")
    assert segredo not in str(guardados)


def test_second_activation_changes_nothing(entrar: Entrar) -> None:
    bruno = entrar("bruno")
    ativar(bruno, SENHA)

    resposta = bruno.get(f"{CONTA}ativar/")

    assert resposta["Location"] == f"{CONTA}desativar/"
    assert len(todos(Authenticator, type="totp")) == 1


# --- The code at the log-in --------------------------------------------------


def test_password_alone_is_not_in(entrar: Entrar) -> None:
    ativar(entrar("bruno"), SENHA)

    novo = ate_o_codigo("bruno")

    assert not dentro(novo)
    for url in ("/conversas/", "/conta/perfil/", f"{CONTA}reserva/"):
        assert novo.get(url).status_code == 302, url
    assert novo.post("/conta/perfil/aparelhos/sair/").status_code == 302
    assert novo.get("/api/v1/conexoes/whatsapp/status").status_code == 401


def test_the_code_opens_once(entrar: Entrar) -> None:
    segredo = ativar(entrar("bruno"), SENHA)
    primeiro, segundo = ate_o_codigo("bruno"), ate_o_codigo("bruno")
    valor = codigo(segredo)

    resposta = digitar(primeiro, valor)
    repetida = digitar(segundo, valor)

    assert (resposta.status_code, resposta["Location"]) == (302, "/")
    assert dentro(primeiro)
    assert repetida.status_code == 200
    assert not dentro(segundo)


@pytest.mark.parametrize("escrito", ["{}{}", "{} {}", "{}-{}"])
def test_used_code_stays_used_for_as_long_as_it_counts(
    gente: SimpleNamespace, entrar: Entrar, escrito: str
) -> None:
    segredo = ativar(entrar("bruno"), SENHA)
    primeiro, segundo = ate_o_codigo("bruno"), ate_o_codigo("bruno")
    valor = codigo(segredo)
    digitar(primeiro, valor)
    # What allauth itself remembers is gone after half a minute.
    cache.delete(f"allauth.mfa.totp.used?user={gente.bruno.pk}&code={valor}")

    digitar(segundo, escrito.format(valor[:3], valor[3:]))

    assert (dentro(primeiro), dentro(segundo)) == (True, False)


@pytest.mark.parametrize("passo", [-1, 1])
def test_a_clock_half_a_minute_off_still_opens(entrar: Entrar, passo: int) -> None:
    segredo = ativar(entrar("bruno"), SENHA)
    navegador = ate_o_codigo("bruno")

    digitar(navegador, codigo(segredo, passo=passo))

    assert dentro(navegador)


@pytest.mark.parametrize("passo", [-3, 3])
def test_old_and_future_codes_open_nothing(entrar: Entrar, passo: int) -> None:
    segredo = ativar(entrar("bruno"), SENHA)
    navegador = ate_o_codigo("bruno")

    resposta = digitar(navegador, codigo(segredo, passo=passo))

    assert "Código incorreto." in resposta.content.decode()
    assert not dentro(navegador)


def test_code_of_another_person_opens_nothing(entrar: Entrar) -> None:
    ativar(entrar("bruno"), SENHA)
    da_ana = ativar(entrar("ana"), SENHA)
    navegador = ate_o_codigo("bruno")

    digitar(navegador, codigo(da_ana))

    assert not dentro(navegador)


def test_recovery_code_opens_once(entrar: Entrar) -> None:
    bruno = entrar("bruno")
    ativar(bruno, SENHA)
    um, outro = reservas(bruno)[:2]
    primeiro, segundo = ate_o_codigo("bruno"), ate_o_codigo("bruno")

    digitar(primeiro, um)
    digitar(segundo, um)

    assert (dentro(primeiro), dentro(segundo)) == (True, False)
    assert um not in reservas(bruno)
    assert outro in reservas(bruno)


@pytest.mark.django_db(transaction=True)
def test_two_who_type_the_same_recovery_code_at_once(entrar: Entrar) -> None:
    bruno = entrar("bruno")
    ativar(bruno, SENHA)
    um = reservas(bruno)[0]
    navegadores = [ate_o_codigo("bruno") for _ in range(4)]

    def tentar(navegador: Client) -> int:
        try:
            status: int = digitar(navegador, um).status_code
            return status
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as juntos:
        respostas = sorted(juntos.map(tentar, navegadores))

    assert respostas == [200, 200, 200, 302]
    assert [dentro(n) for n in navegadores].count(True) == 1


def test_guessing_codes_comes_to_an_end_and_begins_anew_later(entrar: Entrar) -> None:
    segredo = ativar(entrar("bruno"), SENHA)
    for _ in range(5):
        # A new log-in each time does not help.
        digitar(ate_o_codigo("bruno"), "000000")
    navegador = ate_o_codigo("bruno")

    fechado = digitar(navegador, codigo(segredo))

    assert "Muitas tentativas" in fechado.content.decode()
    assert not dentro(navegador)
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        digitar(navegador, codigo(segredo))
    assert dentro(navegador)


@pytest.mark.parametrize(
    ("para", "chega"),
    [
        ("/contatos/", "/contatos/"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_after_the_code_the_way_leads_inside(
    entrar: Entrar, para: str, chega: str
) -> None:
    segredo = ativar(entrar("bruno"), SENHA)
    navegador = ate_o_codigo("bruno", next=para)

    resposta = digitar(navegador, codigo(segredo))

    assert (resposta.status_code, resposta["Location"]) == (302, chega)


def test_code_page_without_the_password_before_it_is_the_log_in(entrar: Entrar) -> None:
    segredo = ativar(entrar("bruno"), SENHA)
    navegador = Client()

    assert navegador.get(f"{CONTA}codigo/")["Location"] == "/conta/entrar/"
    assert digitar(navegador, codigo(segredo))["Location"] == "/conta/entrar/"
    assert not dentro(navegador)


def test_whoever_is_deactivated_between_password_and_code_is_out(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    segredo = ativar(entrar("bruno"), SENHA)
    navegador = ate_o_codigo("bruno")
    with sistema("comando"):
        Usuario.objects.filter(pk=gente.bruno.pk).update(is_active=False)

    digitar(navegador, codigo(segredo))

    assert navegador.get("/conversas/").status_code == 302


# --- Recovery codes, deactivation --------------------------------------------


def test_recovery_codes_are_downloaded_and_made_anew(entrar: Entrar) -> None:
    bruno = entrar("bruno")
    ativar(bruno, SENHA)
    velhos = reservas(bruno)

    arquivo = bruno.get(f"{CONTA}reserva/baixar/")
    bruno.post(f"{CONTA}reserva/novos/")

    assert arquivo["Content-Type"].startswith("text/plain")
    assert (
        'filename="conexoes-codigos-de-reserva.txt"' in arquivo["Content-Disposition"]
    )
    assert re.findall(r"^\d{8}$", arquivo.content.decode(), re.M) == velhos
    assert "no-store" in arquivo["Cache-Control"]
    assert not set(velhos) & set(reservas(bruno))
    assert (
        len(todos(RegistroAuditoria, acao="usuario.codigos_de_reserva_trocados")) == 1
    )


def test_recovery_codes_ask_for_proof_again_after_five_minutes(entrar: Entrar) -> None:
    bruno = entrar("bruno")
    ativar(bruno, SENHA)

    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        for url in ("reserva/", "reserva/novos/", "reserva/baixar/", "desativar/"):
            resposta = bruno.get(f"{CONTA}{url}")
            assert resposta["Location"].startswith("/conta/reautenticar/?next="), url


def test_deactivation_is_audited_and_the_code_is_asked_no_more(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    bruno = entrar("bruno")
    ativar(bruno, SENHA)

    resposta = bruno.post(f"{CONTA}desativar/")

    assert resposta["Location"] == CONTA
    assert bruno.get(CONTA)["Location"] == "/conta/perfil/#seguranca"
    assert todos(Authenticator) == []
    [registro] = todos(RegistroAuditoria, acao="usuario.duas_etapas_desativadas")
    assert registro.autor_id == gente.bruno.pk
    assert bruno.get("/conversas/").status_code == 200
    assert entrar("bruno").get("/conversas/").status_code == 200


@pytest.mark.parametrize(
    "url",
    ["ativar/", "desativar/", "reserva/novos/", "codigo/", "confirmar/"],
)
def test_forged_forms_are_refused(entrar: Entrar, url: str) -> None:
    bruno = entrar("bruno")
    ativar(bruno, SENHA)
    antes = reservas(bruno)
    forjado = Client(enforce_csrf_checks=True)
    forjado.cookies = bruno.cookies

    assert forjado.post(f"{CONTA}{url}", {"code": "000000"}).status_code == 403
    assert reservas(bruno) == antes


@pytest.mark.parametrize("para", ["//evil.example/", "https://evil.example/"])
@pytest.mark.parametrize("url", ["/conta/reautenticar/", f"{CONTA}confirmar/"])
def test_proof_leads_nowhere_else(entrar: Entrar, url: str, para: str) -> None:
    bruno = entrar("bruno")
    segredo = ativar(bruno, SENHA)
    prova = {"password": SENHA, "code": codigo(segredo), "next": para}

    resposta = bruno.post(url, prova)

    assert (resposta.status_code, resposta["Location"]) == (302, "/")


# --- The team ----------------------------------------------------------------


def test_admins_see_who_has_it_and_take_it_from_who_lost_the_phone(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    bruno, ana = entrar("bruno"), entrar("ana")
    ativar(bruno, SENHA)
    assert ana.get(EQUIPE).context["protegidas"] == {gente.bruno.pk}

    resposta = ana.post(f"{EQUIPE}{gente.bruno.pk}/duas-etapas/zerar/")

    assert resposta["Location"] == f"{EQUIPE}{gente.bruno.pk}/"
    assert todos(Authenticator) == []
    assert bruno.get("/conversas/").status_code == 302
    assert entrar("bruno").get("/conversas/").status_code == 200
    [registro] = todos(RegistroAuditoria, acao="usuario.duas_etapas_zeradas")
    assert (registro.autor_id, registro.objeto) == (
        gente.ana.pk,
        f"usuario:{gente.bruno.pk}",
    )
    avisos = [a.titulo for a in todos(Notificacao, usuario_id=gente.bruno.pk)]
    assert "Sua verificação em duas etapas foi zerada" in avisos
    assert ana.get(EQUIPE).context["protegidas"] == set()


def test_resetting_twice_says_so_and_is_audited_once(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    ana = entrar("ana")
    ativar(entrar("bruno"), SENHA)
    url = f"{EQUIPE}{gente.bruno.pk}/duas-etapas/zerar/"

    ana.post(url)
    segunda = ana.post(url, follow=True)

    assert "já entra só com a senha" in segunda.content.decode()
    assert len(todos(RegistroAuditoria, acao="usuario.duas_etapas_zeradas")) == 1


def test_nobody_resets_their_own_on_the_team_page(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    ana = entrar("ana")
    ativar(ana, SENHA)

    resposta = ana.post(f"{EQUIPE}{gente.ana.pk}/duas-etapas/zerar/", follow=True)

    assert "se desativa no seu perfil" in resposta.content.decode()
    assert len(todos(Authenticator, type="totp")) == 1


def test_the_team_page_tells_nothing_of_another_organisation(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    ativar(entrar("davi"), SENHA)
    ana = entrar("ana")

    assert ana.get(EQUIPE).context["protegidas"] == set()
    url = f"{EQUIPE}{gente.davi.pk}/duas-etapas/zerar/"
    assert ana.post(url).status_code == 404
    assert len(todos(Authenticator, type="totp")) == 1


def test_the_console_helps_who_lost_everything(
    gente: SimpleNamespace, entrar: Entrar
) -> None:
    bruno = entrar("bruno")
    ativar(bruno, SENHA)
    saida = StringIO()

    call_command("duas_etapas", "zerar", "BRUNO@exemplo.test", stdout=saida)
    call_command("duas_etapas", "zerar", "bruno@exemplo.test", stdout=saida)

    assert saida.getvalue().splitlines() == [
        "Pronto: a conta entra só com a senha, e as sessões dela acabaram.",
        "Esta conta já entra só com a senha.",
    ]
    assert bruno.get("/conversas/").status_code == 302
    with pytest.raises(CommandError):
        call_command("duas_etapas", "zerar", "ninguem@exemplo.test")
