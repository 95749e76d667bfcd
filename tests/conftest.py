"""People every test knows, a database bound by row-level security, closed sockets."""

from __future__ import annotations

import gc
import ipaddress
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
import uuid6
from django.conf import settings as configuracao
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache as memoria
from django.db import OperationalError, connection
from django.test import Client, TransactionTestCase
from environ import Env
from psycopg import sql
from uuid6 import uuid7

from conexoes import chaves, configuracoes, valkey, webhooks
from conexoes.tenancy import na, sistema
from crm.models import Organizacao, Usuario
from tests.servidor import Servidor

# Asserts of the shared promises are to say what they saw, too.
pytest.register_assert_rewrite("tests.contrato")

SENHA = "uma-senha-de-teste"


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector, which took a seventh of a test's
    time, need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


@contextmanager
def como_dono() -> Iterator[None]:
    """Log in as the owner of the tables: only to create and to drop them."""
    app = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(_credenciais_do_dono())
    connection.settings_dict["OPTIONS"] = {}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(
            {k: app[k] for k in ("USER", "PASSWORD", "OPTIONS")}
        )


def _credenciais_do_dono() -> dict[str, str]:
    url = Env.db_url_config(configuracao.DATABASE_OWNER_URL)
    return {"USER": url["USER"], "PASSWORD": url["PASSWORD"]}


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_db_blocker: Any
) -> Iterator[None]:
    """Create the test database as its owner, then test as the bound app role."""
    sufixo = getattr(request.config, "workerinput", {}).get("workerid", "")
    with django_db_blocker.unblock():
        nome = connection.settings_dict["NAME"]
        with como_dono():
            connection.settings_dict["TEST"]["NAME"] = f"test_{nome}_{sufixo}"
            connection.creation.create_test_db(verbosity=0, autoclobber=True)
    yield
    # Threads that ended leave connections behind until they are collected.
    gc.collect()
    with django_db_blocker.unblock(), como_dono():
        if _dono.cache_info().currsize:
            _dono().close()
        # What a thread still holds is thrown away, or clobbered by the next run.
        with suppress(OperationalError):
            connection.creation.destroy_test_db(nome, verbosity=0)


def _esvaziar(_: TransactionTestCase) -> None:
    """What Django truncates after a test that commits, deleted.

    TRUNCATE makes and unlinks the files of every table and index, a few hundred, for
    the handful of rows that there are: forty times as long. The foreign keys are all
    deferred, so that the order of the tables is none.
    """
    tabelas = connection.introspection.django_table_names()
    connection.close()
    with _dono().transaction():
        apagar = sql.SQL("DELETE FROM {}")
        _dono().execute(
            sql.SQL(";").join(apagar.format(sql.Identifier(t)) for t in tabelas)
        )


@cache
def _dono() -> psycopg.Connection[Any]:
    """The owner's connection to the test database, one a process."""
    onde = connection.settings_dict
    return psycopg.connect(
        host=onde["HOST"],
        port=onde["PORT"],
        dbname=onde["NAME"],
        user=_credenciais_do_dono()["USER"],
        password=_credenciais_do_dono()["PASSWORD"],
        autocommit=True,
    )


# Those that never commit have a teardown of their own.
TransactionTestCase._fixture_teardown = _esvaziar  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _portas_fechadas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but this machine may be reached."""
    conectar = socket.socket.connect

    def so_daqui(self: socket.socket, endereco: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            ip = socket.getaddrinfo(endereco[0], None)[0][4][0]
            assert ipaddress.ip_address(ip).is_loopback, f"a test reached {endereco}"
        conectar(self, endereco)

    monkeypatch.setattr(socket.socket, "connect", so_daqui)


@pytest.fixture(autouse=True)
def _memoria_limpa() -> None:
    """Each test starts with an empty cache and broker, no remembered secret, and no
    content type of a row that the test before it took back."""
    webhooks.esquecer_segredos()
    configuracoes.esquecer()
    valkey.cliente().flushdb()
    memoria.clear()
    ContentType.objects.clear_cache()


@pytest.fixture(autouse=True)
def _relogio_das_chaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys made by a test that travels ahead stay the last ones of that test alone:
    uuid7 never goes back behind the moment of the newest it made in this process."""
    monkeypatch.setattr(uuid6, "_last_v7_timestamp", None)


@pytest.fixture(autouse=True)
def _senhas_rapidas(settings: Any) -> None:
    """The real hash is slow on purpose, and six people are made for most tests."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _estaticos_sem_lista(settings: Any) -> None:
    """Do not list every static file anew for each test's client."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture
def gente(db: Any) -> SimpleNamespace:
    """Two organisations and their people.

    ``ana`` is admin and ``bruno`` member of ``aurora``; ``carla`` is admin and
    ``davi`` member of ``brisa``; ``sofia`` is the super admin.
    """
    with sistema("comando"):
        aurora = Organizacao.objects.create(nome="Aurora Imóveis")
        brisa = Organizacao.objects.create(nome="Brisa Odontologia")
        pessoas = {
            apelido: Usuario.objects.create_user(
                f"{apelido}@exemplo.test",
                SENHA,
                nome=nome,
                organizacao=organizacao,
                papel=papel,
            )
            for apelido, nome, organizacao, papel in (
                ("ana", "Ana Alves", aurora, "admin"),
                ("bruno", "Bruno Barros", aurora, "member"),
                ("carla", "Carla Costa", brisa, "admin"),
                ("davi", "Davi Dias", brisa, "member"),
            )
        }
        sofia = Usuario.objects.create_superuser(
            "sofia@exemplo.test", SENHA, nome="Sofia Souza"
        )
    return SimpleNamespace(aurora=aurora, brisa=brisa, sofia=sofia, **pessoas)


@pytest.fixture
def entrar(gente: SimpleNamespace) -> Callable[[str], Client]:
    """A browser logged in as one of the people, through the real log-in page."""

    def _entrar(apelido: str) -> Client:
        navegador = Client()
        resposta = navegador.post(
            "/conta/entrar/",
            {"login": f"{apelido}@exemplo.test", "password": SENHA},
        )
        assert resposta.status_code == 302, resposta.content[:300]
        return navegador

    return _entrar


@pytest.fixture
def token(gente: SimpleNamespace) -> Callable[[str], dict[str, str]]:
    """Headers of an API call by one of the people."""

    def _token(apelido: str) -> dict[str, str]:
        resposta = Client().post(
            "/api/v1/auth/token/",
            {"email": f"{apelido}@exemplo.test", "password": SENHA},
            content_type="application/json",
        )
        assert resposta.status_code == 200, resposta.content
        return {"Authorization": f"Bearer {resposta.json()['access']}"}

    return _token


@pytest.fixture
def servidor() -> Iterator[Servidor]:
    """A provider that answers what it is told."""
    aberto = Servidor()
    yield aberto
    aberto.fechar()


@pytest.fixture
def chave(gente: SimpleNamespace) -> Callable[..., dict[str, str]]:
    """Headers of a call with one of the people's keys, for these actions."""

    def _chave(apelido: str, *escopos: str, **campos: Any) -> dict[str, str]:
        pessoa = getattr(gente, apelido)
        opcoes = {"nome": "Teste", "expira_em": None, "pk": uuid7(), **campos}
        with na(pessoa.organizacao_id, pessoa):
            _linha, segredo = chaves.criar(pessoa, escopos=list(escopos), **opcoes)
        return {"Authorization": f"Api-Key {segredo}"}

    return _chave
