"""Refusals are classed by their code, and told in words."""

from __future__ import annotations

from typing import Any

import pytest

from conexoes import graph
from conexoes.erros import (
    CredencialInvalida,
    ErroDoProvedor,
    ErroPermanente,
    ErroTransitorio,
    PermissaoInsuficiente,
    ResultadoIncerto,
)
from conexoes.graph import Graph
from tests.conexoes.graph.conftest import (
    LIXO,
    AppRecusado,
    recusa,
)
from tests.servidor import Servidor


@pytest.mark.parametrize(
    ("code", "subcode", "classe"),
    [
        *((c, 0, ErroTransitorio) for c in (1, 2)),
        *((c, 0, ErroTransitorio) for c in (4, 17, 32, 341, 613, 130429, 131056)),
        *((c, 0, ErroTransitorio) for c in (80000, 80005, 80014)),
        (17, 2446079, ErroTransitorio),
        (613, 1487742, ErroTransitorio),
        (368, 0, ErroTransitorio),
        *((190, s, CredencialInvalida) for s in (0, 458, 459, 460, 463, 464, 467, 492)),
        (102, 0, CredencialInvalida),
        *((c, 0, PermissaoInsuficiente) for c in (3, 10, 200, 210, 299)),
        *((c, 0, ErroPermanente) for c in (100, 191, 300, 506, 803, 2500, 80015)),
        *((100, s, ErroPermanente) for s in (33, 36007, 36009)),
        *((c, 0, AppRecusado) for c in (101, 104, 2635)),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 403, 500])
def test_refusal_is_classed_by_its_code_whatever_the_status(
    falso: Graph,
    servidor: Servidor,
    status: int,
    code: int,
    subcode: int,
    classe: type[ErroDoProvedor],
) -> None:
    servidor.respostas = [(status, recusa(code, subcode, fbtrace_id="Ab1"))]

    with pytest.raises(ErroDoProvedor) as erro:
        falso.ler("/me", nome="eu")

    assert type(erro.value) is classe
    assert graph.codigo(erro.value) == (code, subcode)
    assert erro.value.detalhe == f"eu: HTTP {status} code {code}/{subcode} Ab1"


def test_transient_flag_wins_over_an_unknown_code(
    falso: Graph, servidor: Servidor
) -> None:
    servidor.respostas = [(400, recusa(99, is_transient=True))]

    with pytest.raises(ErroTransitorio) as erro:
        falso.ler("/me", nome="eu")

    assert erro.value.limitado is False


@pytest.mark.parametrize(
    ("mensagem", "subcode", "classe"),
    [
        ("(#100) requires the 'pages_read_engagement' permission", 0, "permissao"),
        ("does not exist, cannot be loaded due to missing permissions", 33, "nao"),
        ("API calls from the server require an appsecret_proof argument", 0, "app"),
    ],
)
def test_hundred_says_three_things(
    falso: Graph, servidor: Servidor, mensagem: str, subcode: int, classe: str
) -> None:
    corpo = recusa(100, subcode)
    corpo["error"]["message"] = mensagem
    servidor.respostas = [(400, corpo)]

    with pytest.raises(ErroDoProvedor) as erro:
        falso.ler("/me", nome="eu")

    classes = {"permissao": PermissaoInsuficiente, "nao": ErroPermanente}
    assert type(erro.value) is classes.get(classe, AppRecusado)


def test_wrong_app_secret_is_the_installations_to_mend(
    falso: Graph, servidor: Servidor
) -> None:
    corpo = recusa(1)
    corpo["error"]["message"] = "Error validating client secret."
    servidor.respostas = [(400, corpo)]

    with pytest.raises(AppRecusado) as erro:
        falso.ler("/oauth/access_token", nome="trocar")

    assert erro.value.mensagem == (
        "O Facebook recusou o App ID ou o App Secret configurado."
    )


@pytest.mark.parametrize(
    ("corpo", "mensagem"),
    [
        (
            recusa(100, error_user_msg="O formulário  foi\narquivado."),
            "O Facebook recusou: O formulário foi arquivado.",
        ),
        (recusa(300), "O Facebook recusou o pedido (código 300)."),
        (recusa(1), "O Facebook teve um erro passageiro."),
        (recusa(2), "O Facebook está indisponível por um momento."),
        (recusa(506), "O Facebook diz que isto já tinha sido enviado."),
        (
            recusa(803),
            "O Facebook não conhece o que foi pedido: o ID está errado ou não existe"
            " mais.",
        ),
        (
            recusa(2200, error_user_msg="URL não validada."),
            "A Meta chamou o nosso endereço e não recebeu a resposta que esperava."
            " Confira se ele abre de fora, com https, e se o token de verificação é o"
            " desta instalação.",
        ),
        (
            recusa(2500),
            "O Facebook não conhece este endereço da API. A versão da Graph API"
            " configurada pode estar errada.",
        ),
        (
            recusa(100, 33),
            "O Facebook não encontra o que foi pedido, ou a conta conectada não tem"
            " acesso.",
        ),
        (
            recusa(80005),
            "Pedidos demais ao Facebook de uma vez: é preciso esperar um pouco.",
        ),
        (
            recusa(368),
            "O Facebook bloqueou esta ação por um tempo, pelas políticas dele."
            " Tentaremos de novo em algumas horas; confira a qualidade da conta em"
            " facebook.com.",
        ),
        (
            recusa(200),
            "O Facebook não deu permissão para isto. Autorize o que falta e tente"
            " de novo.",
        ),
        (
            recusa(190, 460, error_user_msg="Please log in"),
            "A senha do Facebook foi trocada. Reconecte a conta.",
        ),
        (
            recusa(100, 36009),
            "A autorização do Facebook já foi usada ou venceu. Comece de novo.",
        ),
    ],
)
def test_refusal_in_words(
    falso: Graph, servidor: Servidor, corpo: Any, mensagem: str
) -> None:
    servidor.respostas = [(400, corpo)]

    with pytest.raises(ErroDoProvedor) as erro:
        falso.ler("/me", nome="eu")

    assert erro.value.mensagem == mensagem


@pytest.mark.parametrize("resposta", [(502, LIXO), (500, b""), (200, LIXO), "corta"])
def test_no_readable_answer_is_transient(
    falso: Graph, servidor: Servidor, resposta: Any
) -> None:
    servidor.respostas = [resposta]

    with pytest.raises(ErroTransitorio) as erro:
        falso.ler("/me", nome="eu")

    assert erro.value.mensagem == "O Facebook não respondeu agora."
    assert "html" not in erro.value.detalhe
    assert graph.codigo(erro.value) == (0, 0)


@pytest.mark.parametrize("resposta", [(500, recusa(2)), (502, LIXO), "corta"])
def test_writing_that_must_not_happen_twice_is_uncertain(
    falso: Graph, servidor: Servidor, resposta: Any
) -> None:
    servidor.respostas = [resposta, resposta]

    with pytest.raises(ResultadoIncerto):
        falso.escrever("/1/test_leads", nome="criar")
    with pytest.raises(ErroTransitorio):
        falso.escrever("/1/subscribed_apps", nome="inscrever", repetivel=True)
