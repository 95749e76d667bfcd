"""What the walk stands on: every table has a row, every URL can be asked for."""

from __future__ import annotations

import pytest

from conexoes.tenancy import sistema
from tests.isolamento.conftest import Visitar
from tests.isolamento.mapa import das_pessoas, do_admin, rotas
from tests.isolamento.mundo import Mundo, do_inquilino

LEITURA_E_ESCRITA = ("get", "post")


def test_every_table_of_an_organisation_has_a_row_of_each(
    nossa: Mundo, alheia: Mundo
) -> None:
    for modelo in do_inquilino():
        assert modelo in nossa.linhas, (
            f"{modelo.__name__}: make a row of it in tests/isolamento/mundo.py"
        )
        with sistema("comando"):
            donas = set(
                modelo._default_manager.values_list("organizacao_id", flat=True)
            )
        assert donas >= {nossa.organizacao.pk, alheia.organizacao.pk}, modelo


def test_every_url_can_be_filled(nossa: Mundo) -> None:
    todas = list(rotas())

    caminhos = [rota.preencher(nossa) for rota in [*das_pessoas(), *do_admin()]]

    assert all("<" not in caminho for caminho in caminhos)
    nossas = [rota for rota in todas if not rota.do_admin]
    assert len(nossas) == len({rota.caminho for rota in nossas})


LIXO = ("\x00", "'\"><x>", "9" * 400, "[]", "é" * 300, "2026-13-99", "-1", "")


@pytest.mark.parametrize("volta", [0, 3, 6])
def test_nobody_breaks_anything_with_rubbish_in_the_query_and_the_form(
    nossa: Mundo, visitar: Visitar, volta: int, nomes_de_campos: list[str]
) -> None:
    admin, quebradas = visitar("admin"), []
    # Every name with some rubbish, another one each time.
    campos = {
        nome: LIXO[(numero + volta) % len(LIXO)]
        for numero, nome in enumerate(nomes_de_campos)
    }

    for rota in das_pessoas():
        for metodo in rota.metodos:
            resposta = admin.ir(metodo, rota.preencher(nossa), campos)
            if resposta.status >= 500:
                quebradas.append((metodo, rota.caminho, resposta.status))

    assert quebradas == []


def test_the_super_admins_site_breaks_for_nobody(
    nossa: Mundo, visitar: Visitar
) -> None:
    quebradas = []

    for quem in ("super", "admin", "anonimo"):
        visitante = visitar(quem)
        for rota in do_admin():
            for metodo in LEITURA_E_ESCRITA:
                resposta = visitante.ir(metodo, rota.preencher(nossa))
                if resposta.status >= 500:
                    quebradas.append((quem, metodo, rota.caminho, resposta.status))

    assert quebradas == []
