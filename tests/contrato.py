"""The promises that every integration keeps, written once.

``tests/<app>/test_contrato.py`` subclasses ``Contrato``, and ``ContratoDeWebhook`` if
its provider delivers, and names its ``Adaptador``: how this one is connected, given
work and spoken to. ``test_contratos.py`` fails on a registered provider without one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from django.apps import apps
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from conexoes import provedores
from conexoes.acesso import pode
from conexoes.models import (
    CredencialGlobal,
    EventoPendente,
    Motivo,
    RegistroAuditoria,
    Status,
    WebhookRecebido,
)
from conexoes.provedores import Provedor
from conexoes.tenancy import na, sistema
from tests.retrato import escrito, retrato
from tests.servidor import Servidor
from tests.trabalho import apressar, drenar, drenar_entrada, drenar_saida

Entrar = Callable[[str], Client]
# How the log of libraries is called; they write SQL at DEBUG, the product never does.
DAS_BIBLIOTECAS = ("django.db", "psycopg", "urllib3")


class Adaptador(ABC):
    """One integration as the promises see it; made anew for each test.

    ``aceito`` is the provider's whole answer, ``(status, body)``, to the call of
    ``trabalhar``; ``ditos`` is what people say, are called and are reached by in what
    the adapter makes: it may stand in the tables, never in a log.
    """

    slug: ClassVar[str]
    app: ClassVar[str]
    aceito: ClassVar[tuple[int, Any]]
    ditos: ClassVar[tuple[str, ...]]

    def __init__(self, gente: SimpleNamespace, servidor: Servidor) -> None:
        self.gente, self.servidor = gente, servidor

    @property
    def provedor(self) -> Provedor:
        achado = provedores.obter(self.slug)
        assert achado is not None
        return achado

    @abstractmethod
    def apontar(self, url: str) -> None:
        """What the super admin does: the provider is at ``url``, with its key."""

    @abstractmethod
    def conectar(self, pessoa: Any) -> Model:
        """The person's connection, working, without having asked the provider."""

    @abstractmethod
    def trabalhar(self, navegador: Client) -> None:
        """Do by its page what keeps one row of work of one call, safe to repeat."""

    @abstractmethod
    def precisa_reautorizar(self, conexao: Model) -> bool:
        """Whether the connection asks its owner to connect it again."""

    def recusa(self, status: int) -> list[Any]:
        """What the provider answers to a credential it refuses, call by call."""
        return [(status, {"message": "no", "error": {}})]

    @abstractmethod
    def segredos(self) -> list[str]:
        """Every secret there is by now, readable: keys, tokens, passwords, codes."""


class AdaptadorDeWebhook(Adaptador):
    """An integration whose provider delivers."""

    @abstractmethod
    def entrega(self, *, conta: str = "", repetida: bool = False) -> bytes:
        """The body of one happening; of an account that is nobody's when ``conta``
        names it; ``repetida`` tells the same happening in other bytes."""

    @abstractmethod
    def endereco(self) -> str:
        """The path of the real URL that the provider posts to: an organisation's, or
        one that all share, whose deliveries have a part for each of them."""

    @abstractmethod
    def assinar(self, corpo: bytes, segredo: str = "") -> dict[str, str]:
        """The headers that sign ``corpo``: truly, or with another ``segredo``."""

    def postar(
        self, corpo: bytes, cabecalhos: dict[str, str] | None = None
    ) -> HttpResponse:
        """One request by the provider's door; signed unless told otherwise."""
        assinados = self.assinar(corpo) if cabecalhos is None else cabecalhos
        return Client().generic(
            "POST",
            self.endereco(),
            corpo,
            content_type="application/json",
            headers=assinados,
        )

    def entregar(self, **opcoes: Any) -> None:
        """One delivery, accepted and read."""
        assert self.postar(self.entrega(**opcoes)).status_code == 200
        drenar_entrada()


class Contrato:
    """What holds for every provider, whichever way it is spoken to."""

    Adaptador: ClassVar[type[Adaptador]]

    @pytest.fixture
    def adaptador(self, gente: SimpleNamespace, servidor: Servidor) -> Adaptador:
        novo = self.Adaptador(gente, servidor)
        novo.apontar(servidor.url)
        return novo

    @pytest.fixture
    def conexao(self, adaptador: Adaptador, gente: SimpleNamespace) -> Any:
        """Ana's."""
        return adaptador.conectar(gente.ana)

    @pytest.fixture
    def trabalho(
        self, adaptador: Adaptador, conexao: Any, entrar: Entrar
    ) -> Callable[[], EventoPendente]:
        """Ana gave it work; the row as it stands now."""
        adaptador.trabalhar(entrar("ana"))
        pk = _uma(EventoPendente).pk
        return lambda: _uma(EventoPendente, pk=pk)

    def test_every_destino_is_its_own_and_has_its_verb(
        self, adaptador: Adaptador
    ) -> None:
        provedor = adaptador.provedor

        assert provedor.destinos
        for nome, destino in provedor.destinos.items():
            assert provedores.destino(nome) is destino
        assert set(provedor.eventos.values()) <= set(provedor.destinos)

    def test_its_card_stands_on_the_hub_before_and_after(
        self, adaptador: Adaptador, gente: SimpleNamespace, entrar: Entrar
    ) -> None:
        url, ana = reverse("conexoes:hub"), entrar("ana")
        antes = ana.get(url).content.decode()

        adaptador.conectar(gente.ana)

        depois = ana.get(url).content.decode()
        assert reverse(adaptador.provedor.url) in antes
        assert antes != depois
        # A card is read for each organisation: the other one's is as it was.
        assert "Conectar" in entrar("carla").get(url).content.decode()

    @pytest.mark.parametrize("apelido", ["ana", "bruno"])
    def test_only_who_may_connect_reaches_its_page(
        self,
        adaptador: Adaptador,
        gente: SimpleNamespace,
        entrar: Entrar,
        apelido: str,
    ) -> None:
        pessoa = getattr(gente, apelido)
        permitido = pode(pessoa, adaptador.provedor.acao_permitida)

        resposta = entrar(apelido).get(reverse(adaptador.provedor.url))

        assert resposta.status_code == (200 if permitido else 403)
        assert len(_todas(RegistroAuditoria, acao="acesso.recusado")) == (not permitido)

    def test_whoever_is_not_logged_in_reaches_nothing(
        self, adaptador: Adaptador, conexao: Any
    ) -> None:
        resposta = Client().get(reverse(adaptador.provedor.url))

        assert resposta.status_code == 302
        assert resposta["Location"].startswith("/conta/entrar/?next=")

    def test_the_page_of_another_organisation_shows_nothing_of_it(
        self,
        adaptador: Adaptador,
        trabalho: Callable[[], EventoPendente],
        conexao: Any,
        entrar: Entrar,
    ) -> None:
        pagina = entrar("carla").get(reverse(adaptador.provedor.url)).content.decode()

        for dito in (*adaptador.ditos, str(conexao.pk), str(trabalho().pk)):
            assert dito not in pagina

    def test_its_rows_are_invisible_outside_their_organisation(
        self,
        adaptador: Adaptador,
        trabalho: Callable[[], EventoPendente],
        gente: SimpleNamespace,
    ) -> None:
        assert trabalho().organizacao_id == gente.aurora.pk
        cheias = [
            modelo
            for rotulo in (adaptador.app, "crm", "conexoes")
            for modelo in apps.get_app_config(rotulo).get_models()
            if _da_organizacao(modelo) and _todas(modelo, organizacao=gente.aurora)
        ]

        assert {m._meta.app_label for m in cheias} >= {adaptador.app, "conexoes"}
        for modelo in cheias:
            aurora = modelo._default_manager.filter(organizacao=gente.aurora)
            with na(gente.brisa):
                assert aurora.count() == 0, modelo
            assert aurora.count() == 0, modelo
            with na(gente.aurora):
                assert aurora.count() > 0, modelo

    def test_accepted_work_is_done_by_one_call(
        self,
        adaptador: Adaptador,
        trabalho: Callable[[], EventoPendente],
        servidor: Servidor,
    ) -> None:
        servidor.respostas = [adaptador.aceito]

        drenar()
        drenar()

        assert (trabalho().status, trabalho().motivo) == (Status.CONCLUIDO, "")
        assert len(servidor.pedidos) == 1

    @pytest.mark.parametrize("status", [401, 403])
    def test_refused_credential_pauses_and_asks_whoever_can_mend_it(
        self,
        adaptador: Adaptador,
        trabalho: Callable[[], EventoPendente],
        conexao: Any,
        servidor: Servidor,
        status: int,
    ) -> None:
        respostas = adaptador.recusa(status)
        servidor.respostas = list(respostas)

        drenar_saida()

        assert (trabalho().status, trabalho().motivo) == (
            Status.PENDENTE,
            Motivo.PAUSADA,
        )
        assert trabalho().tentativas == 0
        assert trabalho().ultimo_erro != ""
        marcadas = [c for c in _todas(CredencialGlobal) if c.problema]
        pedida = adaptador.precisa_reautorizar(conexao)
        # Whose key it is decides who is asked, and never both.
        assert (bool(marcadas), pedida) in ((True, False), (False, True))
        assert len(servidor.pedidos) == len(respostas)

    def test_server_error_waits_for_the_next_attempt(
        self,
        adaptador: Adaptador,
        trabalho: Callable[[], EventoPendente],
        servidor: Servidor,
    ) -> None:
        servidor.respostas = [(500, {"message": "boom"}), adaptador.aceito]

        drenar_saida()

        esperando = trabalho()
        assert (esperando.status, esperando.motivo) == (Status.PENDENTE, Motivo.RETRY)
        assert esperando.tentativas == 1
        assert esperando.proxima_tentativa > timezone.now()
        assert len(servidor.pedidos) == 1
        apressar()
        drenar()
        assert trabalho().status == Status.CONCLUIDO
        assert len(servidor.pedidos) == 2

    def test_too_many_requests_wait_and_spend_no_attempt(
        self,
        adaptador: Adaptador,
        trabalho: Callable[[], EventoPendente],
        servidor: Servidor,
    ) -> None:
        servidor.respostas = [(429, {"message": "slow down", "error": {}})]

        drenar_saida()

        esperando = trabalho()
        assert (esperando.status, esperando.motivo) == (Status.PENDENTE, Motivo.RETRY)
        assert esperando.tentativas == 0
        assert esperando.proxima_tentativa > timezone.now()

    def test_secrets_are_unreadable_in_table_log_and_repr(
        self,
        adaptador: Adaptador,
        trabalho: Callable[[], EventoPendente],
        servidor: Servidor,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        caplog.set_level("DEBUG")
        servidor.respostas = [(500, {"message": "boom"})]
        trabalho()
        drenar_saida()
        segredos = adaptador.segredos()

        no_banco = escrito("conexoes", "crm", adaptador.app)
        no_log = "\n".join(str(vars(registro)) for registro in caplog.records)
        em_repr = "\n".join(
            f"{linha!r} {linha} {vars(linha)}"
            for rotulo in ("conexoes", adaptador.app)
            for modelo in apps.get_app_config(rotulo).get_models()
            for linha in _todas(modelo)
        )

        assert "chamada_externa" in no_log
        assert segredos
        for segredo in segredos:
            assert len(segredo) >= 6
            for onde in (no_banco, no_log, em_repr):
                assert segredo not in onde

    def test_what_people_say_is_in_no_log(
        self,
        adaptador: Adaptador,
        trabalho: Callable[[], EventoPendente],
        servidor: Servidor,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        caplog.set_level("DEBUG")
        servidor.respostas = [(400, {"message": "no", "error": {}})]
        trabalho()
        drenar_saida()

        nossas = [r for r in caplog.records if not r.name.startswith(DAS_BIBLIOTECAS)]
        no_log = "\n".join(f"{r.getMessage()} {vars(r)}" for r in nossas)
        guardado = escrito("conexoes", "crm", adaptador.app)
        assert "trabalho_falhou" in no_log
        for dito in adaptador.ditos:
            assert dito in guardado
            assert dito not in no_log

    def test_the_demonstration_given_twice_is_given_once(
        self, adaptador: Adaptador, gente: SimpleNamespace
    ) -> None:
        demonstrar = adaptador.provedor.demonstrar
        if demonstrar is None:
            pytest.skip("it has nothing to demonstrate")
        with sistema("comando"):
            demonstrar(gente.aurora)
        antes = retrato("conexoes", "crm", adaptador.app)

        with sistema("comando"):
            demonstrar(gente.aurora)

        assert retrato("conexoes", "crm", adaptador.app) == antes


class ContratoDeWebhook(Contrato):
    """What holds besides for a provider that delivers."""

    Adaptador: ClassVar[type[AdaptadorDeWebhook]]

    @pytest.fixture
    def porta(self, adaptador: Any, conexao: Any) -> AdaptadorDeWebhook:
        """The adapter, with Ana connected."""
        esta: AdaptadorDeWebhook = adaptador
        return esta

    @pytest.mark.parametrize("falsa", ["another secret", "another body", "none"])
    def test_false_signature_leaves_no_row(
        self, porta: AdaptadorDeWebhook, falsa: str
    ) -> None:
        antes, corpo = self._mundo(porta), porta.entrega()
        cabecalhos = {
            "another secret": porta.assinar(corpo, segredo="falso"),
            "another body": porta.assinar(corpo + b" "),
            "none": {},
        }[falsa]

        resposta = porta.postar(corpo, cabecalhos)

        drenar_entrada()
        assert (resposta.status_code, resposta.content) == (401, b"")
        assert self._mundo(porta) == antes

    def test_delivery_changes_the_world(self, porta: AdaptadorDeWebhook) -> None:
        antes = retrato("crm")

        porta.entregar()

        assert retrato("crm") != antes
        assert _recebida().status == Status.CONCLUIDO

    def test_same_delivery_twice_changes_the_world_once(
        self, porta: AdaptadorDeWebhook
    ) -> None:
        porta.entregar()
        antes = self._mundo(porta)

        porta.entregar()

        assert self._mundo(porta) == antes

    def test_same_happening_in_another_delivery_changes_the_world_once(
        self, porta: AdaptadorDeWebhook
    ) -> None:
        porta.entregar()
        antes = self._mundo(porta, fora=("webhooks_logs",))

        porta.entregar(repetida=True)

        assert len(_todas(WebhookRecebido, pai=None)) == 2
        depois = self._mundo(porta, fora=("webhooks_logs",))
        assert _sem_tempos(depois) == _sem_tempos(antes)

    def test_unknown_account_is_kept_and_creates_nothing(
        self, porta: AdaptadorDeWebhook
    ) -> None:
        antes = self._mundo(porta, fora=("webhooks_logs",))

        porta.entregar(conta="de-ninguem")

        assert self._mundo(porta, fora=("webhooks_logs",)) == antes
        assert _recebida().status != Status.CONCLUIDO

    @pytest.mark.parametrize("corpo", [b"", b"{", b"null", b"[]", b'{"x": 1}', b"\xff"])
    def test_signed_nonsense_is_kept_and_creates_nothing(
        self, porta: AdaptadorDeWebhook, corpo: bytes
    ) -> None:
        antes = self._mundo(porta, fora=("webhooks_logs",))

        assert porta.postar(corpo).status_code == 200
        drenar_entrada()

        assert self._mundo(porta, fora=("webhooks_logs",)) == antes
        assert _recebida().status != Status.PROCESSANDO

    def _mundo(self, porta: Adaptador, fora: tuple[str, ...] = ()) -> Any:
        return retrato("conexoes", "crm", porta.app, fora=fora)


def _da_organizacao(modelo: type[Model]) -> bool:
    return any(campo.name == "organizacao" for campo in modelo._meta.fields)


def _todas(modelo: Any, **filtros: Any) -> list[Any]:
    with sistema("comando"):
        return list(modelo._default_manager.filter(**filtros))


def _uma(modelo: Any, **filtros: Any) -> Any:
    with sistema("comando"):
        return modelo._default_manager.get(**filtros)


def _recebida() -> Any:
    """The only delivery, whole: what is shared has parts besides."""
    return _uma(WebhookRecebido, pai=None)


def _sem_tempos(mundo: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Without when a row was last looked at: that may well have changed."""
    return {
        tabela: [
            {campo: valor for campo, valor in linha.items() if "_em" not in campo}
            for linha in linhas
        ]
        for tabela, linhas in mundo.items()
    }
