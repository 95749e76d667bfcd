"""Who may not come in: nobody, no longer, not from there, not with this role."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from conexoes.acesso import pode
from conexoes.tenancy import sistema
from crm.models import Usuario
from tests.conftest import SENHA
from tests.isolamento.conftest import Visitar
from tests.isolamento.mapa import FLUXOS, PUBLICAS, Rota, das_pessoas, do_admin, rotas
from tests.isolamento.mundo import Mundo
from tests.isolamento.visitas import Resposta, Visitante

ESCREVEM = ("post", "put", "patch", "delete")
# Reached without a person, a session or a cookie: there is nothing to forge.
SEM_CSRF = {"token", "token_refresh"}


def mandado_embora(rota: Rota, resposta: Resposta) -> bool:
    """Whether nobody in particular learnt anything but where the log-in is."""
    if rota.da_api:
        return resposta.status in (401, 405)
    if resposta.status == 302:
        return resposta.cabecalhos["Location"].startswith("/conta/entrar/")
    return resposta.status in (403, 405) and rota.nome not in PUBLICAS


def test_whoever_is_not_logged_in_is_sent_to_the_log_in(
    nossa: Mundo, visitar: Visitar
) -> None:
    anonimo, abertas = visitar("anonimo"), []

    for rota in das_pessoas():
        if rota.nome in PUBLICAS:
            continue
        for metodo in rota.metodos:
            resposta = anonimo.ir(metodo, rota.preencher(nossa))
            if not mandado_embora(rota, resposta):
                abertas.append((metodo, rota.nome, resposta.status))
            assert nossa.marca not in resposta.dito

    assert abertas == [], "guard them, or declare them in PUBLICAS of mapa.py"


def test_what_is_public_says_nothing_of_anybody(nossa: Mundo, visitar: Visitar) -> None:
    anonimo = visitar("anonimo")
    publicas = [rota for rota in das_pessoas() if rota.nome in PUBLICAS]

    assert publicas
    for rota in publicas:
        for metodo in rota.metodos:
            resposta = anonimo.ir(metodo, rota.preencher(nossa))
            assert resposta.status < 500, rota.nome
            for marca in nossa.marcas():
                assert marca not in resposta.dito, rota.nome


def test_some_urls_are_for_admins_alone(gente: SimpleNamespace) -> None:
    """Otherwise the matrix would refuse a member nothing."""
    so_deles = {r.nome for r in das_pessoas() if _so_do_admin(r, gente)}

    assert so_deles >= {"crm:equipe", "crm:convidar", "crm:desativar_pessoa"}


def test_an_admins_forms_sent_by_a_member_are_refused(
    nossa: Mundo, gente: SimpleNamespace, visitar: Visitar
) -> None:
    admin, membro, reenviados = visitar("admin"), visitar("membro"), 0

    for rota in das_pessoas():
        if not _so_do_admin(rota, gente) or "get" not in rota.metodos:
            continue
        pagina = admin.ir("get", rota.preencher(nossa))
        for formulario in Formularios(pagina.corpo, rota.preencher(nossa)).achados:
            if not formulario.destino.startswith("/configuracoes/"):
                continue
            resposta = membro.ir(
                "post", formulario.destino, formulario.campos, recusas=True
            )
            assert (resposta.status, resposta.recusas) == (403, 1), formulario.destino
            reenviados += 1

    assert reenviados > 3


@pytest.mark.parametrize("quem", ["admin", "super"])
def test_nothing_changes_without_the_csrf_token(
    nossa: Mundo, visitar: Visitar, quem: str
) -> None:
    visitante, aceitas = visitar(quem), []
    visitante.navegador.handler.enforce_csrf_checks = True
    lugares = do_admin() if quem == "super" else das_pessoas()

    for rota in lugares:
        if rota.nome in SEM_CSRF or rota.nome == "inicio":
            continue
        for metodo in {*rota.metodos, *ESCREVEM} - {"get"}:
            resposta = visitante.ir(metodo, rota.preencher(nossa))
            if resposta.status not in (403, 405):
                aceitas.append((metodo, rota.nome, resposta.status))

    assert aceitas == []


def desativar(gente: SimpleNamespace, navegador: Client) -> None:
    _mudar(gente.ana, is_active=False)


def sair(gente: SimpleNamespace, navegador: Client) -> None:
    copia = Client()
    copia.cookies["sessionid"] = navegador.cookies["sessionid"].value
    assert copia.post("/conta/sair/").status_code == 302


def encerrar(gente: SimpleNamespace, navegador: Client) -> None:
    _mudar(gente.ana, geracao_de_sessoes=gente.ana.geracao_de_sessoes + 1)


def trocar_senha(gente: SimpleNamespace, navegador: Client) -> None:
    gente.ana.set_password("outra-senha-de-teste")
    _mudar(gente.ana, password=gente.ana.password)


FINS = [desativar, sair, encerrar, trocar_senha]


@pytest.mark.parametrize("fim", FINS)
def test_a_session_that_ended_opens_nothing_again(
    nossa: Mundo,
    gente: SimpleNamespace,
    visitar: Visitar,
    fim: Callable[[SimpleNamespace, Client], None],
) -> None:
    admin = visitar("admin")
    assert admin.ir("get", "/conversas/").status == 200
    fim(gente, admin.navegador)
    abertas = []

    for rota in das_pessoas():
        if rota.nome in PUBLICAS:
            continue
        for metodo in rota.metodos:
            resposta = admin.ir(metodo, rota.preencher(nossa))
            if not mandado_embora(rota, resposta) or nossa.marca in resposta.dito:
                abertas.append((metodo, rota.nome, resposta.status))

    assert abertas == []


@pytest.mark.parametrize("fim", [desativar, encerrar])
def test_a_token_of_before_opens_nothing_again(
    nossa: Mundo,
    gente: SimpleNamespace,
    visitar: Visitar,
    fim: Callable[[SimpleNamespace, Client], None],
) -> None:
    portador = visitar("token")
    fim(gente, portador.navegador)
    da_api = [rota for rota in das_pessoas() if rota.da_api and rota.acao]

    assert da_api
    for rota in da_api:
        for metodo in rota.metodos:
            resposta = portador.ir(metodo, rota.preencher(nossa))
            assert resposta.status == 401, (metodo, rota.caminho)


def test_a_token_of_one_organisation_does_not_act_in_another(
    alheia: Mundo, nossa: Mundo, visitar: Visitar
) -> None:
    portador = visitar("token")
    outra = {"X-Org-Id": str(alheia.organizacao.pk)}

    for rota in das_pessoas():
        if not (rota.da_api and rota.acao):
            continue
        for metodo in rota.metodos:
            resposta = portador.ir(metodo, rota.preencher(nossa), **outra)
            # 401: what tokens do not open at all.
            assert resposta.status in (404, 401), (metodo, rota.caminho)


@pytest.mark.parametrize("quem", ["anonimo", "admin"])
@pytest.mark.parametrize(
    "para",
    ["https://mau.test/", "//mau.test/", "/\\mau.test", "javascript:alert(1)"],
)
def test_no_url_sends_anybody_away_from_here(
    nossa: Mundo, visitar: Visitar, nomes_de_campos: list[str], quem: str, para: str
) -> None:
    de_volta = dict.fromkeys((*nomes_de_campos, "next", "url", "volta"), para)
    visitante, saidas = visitar(quem), []

    for rota in rotas():
        if rota.do_admin or rota.nome in FLUXOS:
            continue
        for metodo in set(rota.metodos) & {"get", "post"}:
            resposta = visitante.ir(metodo, rota.preencher(nossa), de_volta)
            destino = resposta.cabecalhos.get("Location", "")
            destino += resposta.cabecalhos.get("HX-Redirect", "")
            if destino.startswith((para, "//", "http", "javascript", "/\\")):
                saidas.append((metodo, rota.nome, destino))

    assert saidas == []


def test_the_password_page_tells_nobody_who_has_an_account(
    gente: SimpleNamespace,
) -> None:
    url = "/conta/senha/esqueci/"

    conhecido, outro = (
        Client().post(url, {"email": email})
        for email in ("ana@exemplo.test", "ninguem@exemplo.test")
    )

    assert (conhecido.status_code, conhecido["Location"]) == (
        outro.status_code,
        outro["Location"],
    )


def test_the_log_in_tells_nobody_who_has_an_account(gente: SimpleNamespace) -> None:
    _mudar(gente.bruno, is_active=True)

    paginas = [
        Visitante(Client())
        .ir("post", "/conta/entrar/", {"login": login, "password": senha})
        .sem(login)
        for login, senha in (
            ("ana@exemplo.test", SENHA[::-1]),
            ("ninguem@exemplo.test", SENHA[::-1]),
        )
    ]

    assert paginas[0].splitlines() == paginas[1].splitlines()


def _so_do_admin(rota: Rota, gente: SimpleNamespace) -> bool:
    return bool(
        rota.acao and pode(gente.ana, rota.acao) and not pode(gente.bruno, rota.acao)
    )


def _mudar(pessoa: Any, **campos: Any) -> None:
    with sistema("comando"):
        Usuario.objects.filter(pk=pessoa.pk).update(**campos)


class Formularios(HTMLParser):
    """The forms of a page that post, with what each would send as it stands."""

    def __init__(self, corpo: bytes, aqui: str) -> None:
        super().__init__()
        self.achados: list[SimpleNamespace] = []
        self._aqui, self._dentro = aqui, False
        self.feed(corpo.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        atributos = {nome: valor or "" for nome, valor in attrs}
        if tag == "form":
            metodo = atributos.get("method", "get").lower()
            destino = atributos.get("hx-post") or atributos.get("action") or self._aqui
            self._dentro = metodo == "post" or "hx-post" in atributos
            if self._dentro:
                self.achados.append(SimpleNamespace(destino=destino, campos={}))
        elif self._dentro and "name" in atributos:
            valor = atributos.get("value") or "x"
            self.achados[-1].campos[atributos["name"]] = valor

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._dentro = False
