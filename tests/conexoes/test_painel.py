"""The super admin's site as a whole: who enters, its language, its policy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from conexoes import disjuntor, valkey
from conexoes.erros import ErroTransitorio
from conexoes.models import (
    PARTE_SEM_DONO,
    CredencialGlobal,
    RecursoDaOrganizacao,
    RegistroAuditoria,
)
from conexoes.tenancy import na, sistema
from crm.models import Organizacao, Usuario
from tests.conexoes.conftest import Ensaio, entrega, intento, mudar
from tests.conexoes.paginas import em_ingles, ler
from tests.whatsapp.dominio import criar_sessao
from whatsapp.models import PeriodoDaSessao

pytestmark = pytest.mark.django_db

Entrar = Callable[[str], Client]
LISTAS = {
    "crm_organizacao": "add",
    "crm_usuario": "add",
    "conexoes_credencialglobal": "add",
    "conexoes_recursodaorganizacao": "add",
    "conexoes_eventopendente": "",
    "conexoes_webhookrecebido": "",
    "conexoes_registroauditoria": "",
    "whatsapp_sessaowhatsapp": "",
    "whatsapp_periododasessao": "",
}
NOME_HOSTIL = "<script>alert('x')</script>"


@pytest.fixture
def linhas(gente: SimpleNamespace, ensaio: Ensaio) -> dict[str, Any]:
    """One row of each list; what others typed tries to be a script."""
    sessao = criar_sessao(gente.ana)
    evento = intento(gente.aurora)
    mudar(evento, status="failed", motivo="permanente", ultimo_erro=NOME_HOSTIL)
    webhook = entrega(gente.aurora)
    with sistema("comando"):
        Organizacao.objects.filter(pk=gente.aurora.pk).update(nome=NOME_HOSTIL)
        Usuario.objects.filter(pk=gente.ana.pk).update(nome=NOME_HOSTIL)
        credencial = CredencialGlobal.objects.create(
            provedor="waha", url="http://127.0.0.1:1/", segredo="s"
        )
        recurso = RecursoDaOrganizacao.objects.create(
            organizacao=gente.aurora, recurso="instagram"
        )
        registro = RegistroAuditoria.objects.create(
            organizacao=gente.aurora,
            acao="acesso.recusado",
            autor_nome=NOME_HOSTIL,
            detalhes={"campo": NOME_HOSTIL},
        )
        periodo = PeriodoDaSessao.objects.create(
            organizacao=gente.aurora,
            sessao=sessao,
            status="connected",
            inicio_em=timezone.now(),
        )
    return {
        "crm_organizacao": gente.aurora,
        "crm_usuario": gente.ana,
        "conexoes_credencialglobal": credencial,
        "conexoes_recursodaorganizacao": recurso,
        "conexoes_eventopendente": evento,
        "conexoes_webhookrecebido": webhook,
        "conexoes_registroauditoria": registro,
        "whatsapp_sessaowhatsapp": sessao,
        "whatsapp_periododasessao": periodo,
    }


def paginas(linhas: dict[str, Any]) -> list[str]:
    """Every page of the site that is reached by GET."""
    urls = [reverse("admin:index"), reverse("admin:mortos")]
    for nome, linha in linhas.items():
        urls.append(reverse(f"admin:{nome}_changelist"))
        urls.append(reverse(f"admin:{nome}_change", args=[linha.pk]))
        if LISTAS[nome]:
            urls.append(reverse(f"admin:{nome}_add"))
    urls.append(reverse("admin:crm_usuario_desativar", args=[linhas["crm_usuario"].pk]))
    urls += [f"/admin/{app}/" for app in ("crm", "conexoes", "whatsapp")]
    urls.append(reverse("admin:search") + "?extended=1&s=Aurora")
    return urls


def test_every_list_is_known_here() -> None:
    resolvidas = {
        nome.removesuffix("_changelist")
        for padrao in admin.site.get_urls()
        for nome in _nomes(padrao)
        if nome.endswith("_changelist")
    }

    assert resolvidas == set(LISTAS)


def test_rows_are_named_in_portuguese_and_at_our_hour(linhas: dict[str, Any]) -> None:
    registro, periodo = (
        linhas[nome]
        for nome in ("conexoes_registroauditoria", "whatsapp_periododasessao")
    )
    # Near midnight in Greenwich, where the day is the next one already.
    registro.em = periodo.inicio_em = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)

    with override("pt-br"):
        assert str(registro) == "acesso.recusado · 01/03/2026, 22:30"
        assert str(periodo) == "Conectado · 01/03/2026, 22:30"


def test_badge_without_a_reason_stands_alone(
    entrar: Entrar, linhas: dict[str, Any]
) -> None:
    html = entrar("sofia").get("/admin/conexoes/webhookrecebido/").content.decode()

    assert '<span class="adm-selo"' in html
    assert '<small class="adm-porque"></small>' not in html


def _nomes(padrao: Any) -> list[str]:
    if hasattr(padrao, "url_patterns"):
        return [nome for filho in padrao.url_patterns for nome in _nomes(filho)]
    return [padrao.name or ""]


def test_every_page_answers_in_portuguese_and_loads_nothing_from_outside(
    entrar: Entrar, linhas: dict[str, Any]
) -> None:
    sofia = entrar("sofia")

    for url in paginas(linhas):
        resposta = sofia.get(url)
        html = resposta.content.decode()

        assert resposta.status_code == 200, url
        # The provider's own words, and the demo's address, stay as they are.
        assert em_ingles(html, "WORKING", "http://") == [], url
        assert ler(html).fora == [], url
        assert NOME_HOSTIL not in html, url


def test_only_the_site_of_the_super_admin_has_the_looser_policy(
    entrar: Entrar, linhas: dict[str, Any]
) -> None:
    sofia, ana = entrar("sofia"), entrar("ana")
    do_painel = {sofia.get(url)["Content-Security-Policy"] for url in paginas(linhas)}
    de_fora = {
        cliente.get(url)["Content-Security-Policy"]
        for cliente, urls in (
            (ana, ("/conversas/", "/contatos/", "/configuracoes/conexoes/whatsapp/")),
            (sofia, ("/organizacoes/", "/admin/nada/", "/admin/login/", "/nada/")),
            (Client(), ("/conta/entrar/", "/conta/senha/esqueci/", "/adminx/")),
        )
        for url in urls
    }

    [folgada] = do_painel
    diretivas = dict(parte.split(" ", 1) for parte in folgada.split("; "))
    assert diretivas["script-src"] == "'self' 'unsafe-eval'"
    assert diretivas["style-src"] == "'self' 'unsafe-inline'"
    assert diretivas["default-src"] == "'none'"
    assert diretivas["connect-src"] == diretivas["font-src"] == "'self'"
    assert all("unsafe" not in politica for politica in de_fora)


@pytest.mark.parametrize("apelido", ["ana", "bruno"])
def test_nobody_of_an_organisation_reads_a_page_of_it(
    entrar: Entrar, linhas: dict[str, Any], apelido: str
) -> None:
    navegador = entrar(apelido)

    for url in paginas(linhas):
        resposta = navegador.get(url, follow=True)
        assert resposta.status_code == 403, url
    with sistema("comando"):
        recusas = RegistroAuditoria.objects.filter(
            acao="acesso.recusado", objeto="/admin/login/"
        )
        assert recusas.count() == len(paginas(linhas))


def test_whoever_is_not_logged_in_is_sent_to_the_log_in(
    linhas: dict[str, Any],
) -> None:
    for url in paginas(linhas):
        resposta = Client().get(url, follow=True)
        assert resposta.redirect_chain[-1][0].startswith("/conta/entrar/"), url


def test_the_sites_own_password_and_log_out_pages_are_everybodys(
    entrar: Entrar,
) -> None:
    sofia = entrar("sofia")

    assert sofia.get("/admin/password_change/").url == "/conta/senha/alterar/"
    assert sofia.get("/admin/logout/").status_code == 405
    assert sofia.post("/admin/logout/").url == "/conta/entrar/"
    assert "_auth_user_id" not in sofia.session


def test_the_search_finds_lists_organisations_and_people(
    entrar: Entrar, gente: SimpleNamespace
) -> None:
    sofia = entrar("sofia")

    def achados(termo: str) -> str:
        url = reverse("admin:search")
        return sofia.get(url, {"s": termo, "extended": 1}).content.decode()

    assert reverse("admin:crm_organizacao_change", args=[gente.aurora.pk]) in achados(
        "aurora"
    )
    assert reverse("admin:crm_usuario_change", args=[gente.bruno.pk]) in achados(
        "bruno@exemplo"
    )
    assert reverse("admin:conexoes_registroauditoria_changelist") in achados("audit")
    assert "Nada encontrado" in achados("zzzz")


@pytest.mark.parametrize("parametros", ["page=abc&s=a", "s=%00", "s=", "page=9&s=a"])
def test_a_search_of_nonsense_is_answered(entrar: Entrar, parametros: str) -> None:
    url = f"{reverse('admin:search')}?extended=1&{parametros}"

    assert entrar("sofia").get(url).status_code == 200


def test_the_first_page_tells_the_health_of_each_organisation(
    entrar: Entrar, gente: SimpleNamespace, ensaio: Ensaio
) -> None:
    criar_sessao(gente.ana, status="connected", status_do_provedor="WORKING")
    criar_sessao(gente.bruno, status="failed", status_do_provedor="FAILED")
    intento(gente.aurora)
    for motivo, status in (
        ("pausada", "pending"),
        ("incerta", "pending"),
        ("permanente", "failed"),
        ("", "completed"),
    ):
        mudar(intento(gente.aurora), motivo=motivo, status=status)
    mudar(entrega(gente.aurora), status="failed", motivo="envenenada")
    velha = entrega(gente.brisa)
    mudar(velha, status="completed", criado_em=timezone.now() - timedelta(days=3))
    mudar(entrega(None), status="failed", motivo="esgotada")
    mudar(entrega(None), status="failed", motivo="envenenada", quedas=3)

    contexto = entrar("sofia").get("/admin/").context

    aurora, brisa = contexto["organizacoes"]
    assert {(c.provedor, c.estado, c.tom, c.quantas) for c in aurora.conexoes} == {
        ("WhatsApp", "Conectado", "ok", 1),
        ("WhatsApp", "Falha na conexão", "erro", 1),
    }
    assert (aurora.esperando, aurora.pausadas, aurora.incertas) == (1, 1, 1)
    assert (aurora.mortas, aurora.webhooks_24h, aurora.sucesso_pct) == (2, 1, 50.0)
    assert aurora.mais_antiga is not None
    assert (brisa.mortas, brisa.webhooks_24h, brisa.sucesso_pct) == (0, 0, None)
    assert timezone.now() - brisa.ouvida_em > timedelta(days=2)
    assert contexto["sem_organizacao"].mortas == 2
    assert contexto["totais"]["mortas"] == 4
    assert contexto["totais"]["nao_atribuidos"] == 0


def test_what_is_nobodys_is_no_dead_item(
    entrar: Entrar, gente: SimpleNamespace, ensaio: Ensaio
) -> None:
    lida = {"status": "failed", "motivo": "envenenada"}
    mudar(entrega(None), **lida)
    dividida = entrega(gente.aurora)
    mudar(entrega(None, pai=dividida), tipo=PARTE_SEM_DONO, **lida)
    mudar(entrega(None), **lida | {"motivo": "descartada"})
    mudar(entrega(gente.aurora), **lida)
    sofia = entrar("sofia")

    painel = sofia.get("/admin/")

    assert painel.context["totais"]["nao_atribuidos"] == 2
    assert painel.context["totais"]["mortas"] == 1
    assert painel.context["sem_organizacao"] is None
    pagina = painel.content.decode()
    assert '<a href="/configuracoes/nao-atribuidos/">Não atribuídos</a>' in pagina
    [grupo] = sofia.get(reverse("admin:mortos")).context["grupos"]
    assert (grupo.organizacao, grupo.quantos) == ("Aurora Imóveis", 1)


def test_the_first_page_costs_the_same_for_one_organisation_as_for_many(
    entrar: Entrar, gente: SimpleNamespace, ensaio: Ensaio
) -> None:
    sofia = entrar("sofia")
    sofia.get("/admin/")
    with CaptureQueriesContext(
        connection,
    ) as poucas:
        sofia.get("/admin/")
    with sistema("comando"):
        novas = [Organizacao.objects.create(nome=f"Empresa {n}") for n in range(12)]
    for nova in novas:
        mudar(intento(nova), status="failed", motivo="permanente")
        entrega(nova)
        with na(nova):
            pessoa = Usuario.objects.create_user(
                f"{nova.pk}@exemplo.test", nome="Pessoa", organizacao=nova
            )
        criar_sessao(pessoa)

    with CaptureQueriesContext(connection) as muitas:
        resposta = sofia.get("/admin/")

    assert len(resposta.context["organizacoes"]) == 14
    assert len(muitas) == len(poucas)


def test_the_first_page_shows_open_breakers_and_credentials_with_a_problem(
    entrar: Entrar, gente: SimpleNamespace
) -> None:
    with sistema("comando"):
        CredencialGlobal.objects.create(
            provedor="waha", url="http://127.0.0.1:1/", problema="A chave foi recusada."
        )
    for _ in range(disjuntor.LIMIARES["waha"].falhas):
        with (
            pytest.raises(ErroTransitorio),
            disjuntor.passar("waha", "waha.exemplo.test"),
        ):
            raise ErroTransitorio("503")

    pagina = entrar("sofia").get("/admin/").content.decode()

    assert "waha.exemplo.test" in pagina
    assert "A chave foi recusada." in pagina


def test_a_breaker_that_closed_again_is_not_shown() -> None:
    with pytest.raises(ErroTransitorio), disjuntor.passar("waha", "uma-vez"):
        raise ErroTransitorio("503")

    assert disjuntor.abertos() == []
    assert valkey.cliente().keys("disjuntor:*") != []


def test_the_super_admin_needs_no_organisation_and_keeps_the_one_chosen(
    entrar: Entrar, gente: SimpleNamespace
) -> None:
    sofia = entrar("sofia")
    assert sofia.get("/admin/").status_code == 200

    lista = sofia.get(reverse("admin:crm_organizacao_changelist")).content.decode()
    assert f'formaction="{reverse("crm:trocar_organizacao")}"' in lista
    sofia.post(reverse("crm:trocar_organizacao"), {"organizacao": gente.brisa.pk})

    assert sofia.get("/contatos/").status_code == 200
    assert sofia.get("/admin/").status_code == 200


@pytest.mark.parametrize(("tema", "classe"), [("escuro", "dark"), ("claro", "light")])
def test_the_site_wears_the_theme_that_the_person_chose(
    entrar: Entrar, gente: SimpleNamespace, tema: str, classe: str
) -> None:
    with sistema("comando"):
        Usuario.objects.filter(pk=gente.sofia.pk).update(tema=tema)

    assert f'class="{classe}"' in entrar("sofia").get("/admin/").content.decode()
