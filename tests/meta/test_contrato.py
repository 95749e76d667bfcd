"""How Meta is spoken to, for the promises every integration keeps; and its own."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from conexoes.models import CredencialGlobal
from conexoes.provedores import destino
from conexoes.tenancy import sistema
from meta import provedor
from meta.models import ConexaoMeta, PaginaMeta
from tests.contrato import AdaptadorDeWebhook, Contrato, ContratoDeWebhook
from tests.meta.chegada.graph import FORMULARIO, corpo, mudanca
from tests.meta.conftest import APP_ID, SEGREDO, ler
from tests.meta.contas import PAGINA, PAGINA_DA_META, SIM, conta, pagina, relida
from tests.meta.formularios.dominio import mapear, novo_formulario
from tests.meta.portas import WEBHOOK, assinar
from tests.servidor import Servidor
from tests.trabalho import drenar


class Meta(AdaptadorDeWebhook):
    """The organisation's account, page and mapped form; its work is to give the page
    up, what happens is a lead."""

    slug = app = "meta"
    aceito = SIM
    ditos = ("Ana Souza", "Aurora Imóveis do Facebook", "103000000000001")
    cartao = "meta"

    def apontar(self, url: str) -> None:
        # The address is a setting: the fixture below sets it, and takes it back.
        with sistema("comando"):
            CredencialGlobal.objects.create(
                provedor="meta",
                identificador=APP_ID,
                segredo=SEGREDO,
                token_de_verificacao="exemplo-de-verificacao",
            )

    def conectar(self, pessoa: Any) -> ConexaoMeta:
        conexao = conta(pessoa)
        nova = pagina(conexao, page_name="Aurora Imóveis do Facebook")
        novo_formulario(nova, FORMULARIO)
        mapear(nova, FORMULARIO, autor=pessoa)
        return conexao

    def entrega(self, *, conta: str = "", repetida: bool = False) -> bytes:
        nota = {"nota": "de novo"} if repetida else {}
        page_id = "103000000000999" if conta else PAGINA
        return corpo(mudanca("9002001", page_id, **nota), page_id=page_id)

    def endereco(self) -> str:
        return WEBHOOK

    def assinar(self, corpo: bytes, segredo: str = "") -> dict[str, str]:
        return {"X-Hub-Signature-256": assinar(corpo, segredo or SEGREDO)}

    def entregar(self, **opcoes: Any) -> None:
        # The word of a lead is not the lead: that is asked for.
        self.servidor.respostas.append((200, {"9002001": ler("lead__completo")}))
        super().entregar(**opcoes)
        drenar()

    def trabalhar(self, navegador: Client) -> None:
        with sistema("comando"):
            pk = PaginaMeta.objects.get().pk
        resposta = navegador.post(
            f"{PAGINA_DA_META}paginas/{pk}/retirar/", {"cartao": self.cartao}
        )
        assert resposta.status_code == 302

    def recusa(self, status: int) -> list[Any]:
        # Meta tells by a code, and is asked about the account before it is believed.
        if status == 401:
            return [
                (status, ler("erro__token_vencido")),
                (200, ler("inspecao__vencida")),
            ]
        return [(status, ler("erro__sem_anuncio")), (200, ler("inspecao__valida"))]

    def precisa_reautorizar(self, conexao: Any) -> bool:
        atual = relida(conexao)
        with sistema("comando"):
            com_problema = PaginaMeta.objects.exclude(problema="").exists()
        return atual.status != "active" or com_problema

    def segredos(self) -> list[str]:
        with sistema("comando"):
            credencial = CredencialGlobal.objects.get()
            return [
                credencial.segredo,
                credencial.token_de_verificacao,
                *(c.access_token for c in ConexaoMeta.objects.all()),
                *(p.page_access_token for p in PaginaMeta.objects.all()),
            ]


class Paginas(Meta):
    """The same, by the card of the pages."""

    slug = "facebook_pages"
    cartao = "facebook"


class TestContrato(ContratoDeWebhook):
    Adaptador = Meta


class TestContratoDasPaginas(Contrato):
    Adaptador = Paginas


@pytest.fixture(autouse=True)
def _aponta(graph: Servidor) -> None:
    """Graph is the server that the promises speak for."""


def test_every_destino_of_the_account_is_listed() -> None:
    nossos = {"meta.paginas", "meta.pagina", "meta.desinscricao", "meta.desligamento"}

    assert nossos <= set(provedor.PROVEDOR.destinos)
    assert set(provedor.PAGINAS.destinos) == {"facebook_pages.desinscricao"}
    assert all(destino(nome).chama_fora for nome in nossos)
