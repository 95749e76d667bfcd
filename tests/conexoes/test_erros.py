import pickle

import pytest

from conexoes import erros

PROVEDOR = [
    erros.ErroTransitorio,
    erros.ResultadoIncerto,
    erros.DisjuntorAberto,
    erros.CredencialInvalida,
    erros.PermissaoInsuficiente,
    erros.ConexaoIndisponivel,
    erros.ErroPermanente,
]
TODOS = [
    *PROVEDOR,
    erros.ErroDeDominio,
    erros.WebhookInvalido,
    erros.CredencialIlegivel,
    erros.ErroConexoes,
]


@pytest.mark.parametrize("classe", PROVEDOR)
def test_provider_errors_are_siblings_under_one_root(classe):
    assert classe.__bases__ == (erros.ErroDoProvedor,)
    assert issubclass(classe, erros.ErroConexoes)


@pytest.mark.parametrize("classe", TODOS)
def test_every_error_has_words_for_a_person_and_keeps_the_detail_apart(classe):
    erro = classe(detalhe="token=abc")

    assert erro.mensagem == classe.padrao
    assert str(erro) == classe.padrao
    assert erro.detalhe == "token=abc"


def test_own_words_replace_the_default():
    erro = erros.ErroDeDominio("Já existe uma conexão com este número.")

    assert erro.mensagem == "Já existe uma conexão com este número."


@pytest.mark.parametrize("classe", TODOS)
def test_an_error_survives_the_way_between_processes(classe):
    copia = pickle.loads(pickle.dumps(classe("não", detalhe="d")))

    assert (type(copia), copia.mensagem, copia.detalhe) == (classe, "não", "d")


def test_a_throttled_error_keeps_its_facts():
    erro = erros.ErroTransitorio(tentar_em=7.0, limitado=True, status=429)

    copia = pickle.loads(pickle.dumps(erro))

    assert (copia.tentar_em, copia.limitado, copia.status) == (7.0, True, 429)
    assert copia.mensagem == "Pedidos demais de uma vez: é preciso esperar um pouco."


def test_the_answer_body_is_not_in_the_text_of_the_error():
    erro = erros.ErroPermanente(corpo={"telefone": "5511987654321"}, status=422)

    assert "5511987654321" not in f"{erro} {erro!r}"
