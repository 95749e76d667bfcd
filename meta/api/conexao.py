"""PRD 2.5: the account and its pages. The same verbs as the pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from conexoes import oauth
from conexoes.api.organizacao import ApiDaOrganizacao, ApiSemTransacao
from conexoes.erros import ErroConexoes, ErroDeDominio
from conexoes.tenancy import na
from meta.models import PaginaMeta
from meta.provedor import RECURSO
from meta.serializers.conexao import (
    ContaMeta,
    EnderecoDoDialogo,
    PaginaDaLista,
    PaginasMeta,
)
from meta.services.aplicativo.credencial import PROVEDOR
from meta.services.conta import autorizacao
from meta.services.conta.conexao import conexao_de
from meta.services.conta.desligamento import desconectar
from meta.services.conta.situacao import da_organizacao
from meta.services.paginas import escolha

PAGE_ID = OpenApiParameter(
    "page_id",
    OpenApiTypes.STR,
    OpenApiParameter.PATH,
    description="ID da página no Facebook.",
)


class UrlDeAutorizacao(ApiSemTransacao):
    acao = "meta_lead_ads.gerenciar"
    recurso = RECURSO.slug

    @extend_schema(
        operation_id="url_de_autorizacao_da_meta",
        tags=["Meta Ads"],
        summary="Obter o endereço do login do Facebook",
        description="Vale dez minutos, uma vez, e só no navegador desta sessão: sem"
        " sessão (por token ou chave), 409.",
        request=None,
        responses=EnderecoDoDialogo,
    )
    def get(self, request: Request) -> Response:
        with _dito():
            state = oauth.iniciar(request._request, PROVEDOR)
            url = autorizacao.url_do_dialogo(state)
        segundos = int(oauth.VALIDADE.total_seconds())
        return Response({"url": url, "expires_in": segundos})


class Conta(ApiDaOrganizacao):
    acao = "meta_lead_ads.gerenciar"

    @extend_schema(
        operation_id="status_da_meta",
        tags=["Meta Ads"],
        summary="Ver o estado da conta",
        description="404 para quem nunca conectou, ou desconectou.",
        request=None,
        responses=ContaMeta,
    )
    def get(self, request: Request) -> Response:
        conexao = conexao_de(self.organizacao)
        if conexao is None:
            raise Http404
        return Response(_conta(conexao, self.organizacao))

    @extend_schema(
        operation_id="desconectar_meta",
        tags=["Meta Ads"],
        summary="Desconectar a conta",
        description="Os mapeamentos e os leads ficam. O que a Meta precisa desfazer é"
        " pedido a ela em seguida.",
        request=None,
        responses={204: None},
    )
    def delete(self, request: Request) -> Response:
        if conexao_de(self.organizacao) is None:
            raise Http404
        desconectar(self.organizacao, self.usuario)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Paginas(ApiSemTransacao):
    acao = "meta_lead_ads.gerenciar"
    recurso = RECURSO.slug

    @extend_schema(
        operation_id="listar_paginas_da_meta",
        tags=["Meta Ads"],
        summary="Listar as páginas",
        description="Lidas agora no Facebook; espera por ele.",
        request=None,
        responses=PaginasMeta,
    )
    def get(self, request: Request) -> Response:
        with _dito():
            escolha.atualizar(self.organizacao)
        with na(self.organizacao, self.usuario):
            linhas = PaginaDaLista(_listadas(self.organizacao), many=True).data
        return Response({"resultados": linhas})


class Selecionar(ApiSemTransacao):
    acao = "meta_lead_ads.gerenciar"
    recurso = RECURSO.slug

    @extend_schema(
        operation_id="selecionar_pagina_da_meta",
        tags=["Meta Ads"],
        summary="Selecionar uma página",
        description="Inscreve a página para avisar dos leads e confere; espera pelo"
        " Facebook.",
        parameters=[PAGE_ID],
        request=None,
        responses=PaginaDaLista,
    )
    def post(self, request: Request, page_id: str) -> Response:
        pagina = self._buscar(page_id)
        with _dito():
            escolhida = escolha.selecionar(self.organizacao, self.usuario, pagina.pk)
        return Response(PaginaDaLista(escolhida).data)

    @extend_schema(
        operation_id="retirar_pagina_da_meta",
        tags=["Meta Ads"],
        summary="Retirar uma página",
        description="Os leads e os mapeamentos dela ficam.",
        parameters=[PAGE_ID],
        request=None,
        responses=PaginaDaLista,
    )
    def delete(self, request: Request, page_id: str) -> Response:
        pagina = self._buscar(page_id)
        with na(self.organizacao, self.usuario):
            escolha.retirar(pagina, self.usuario, destino="meta.desinscricao")
        return Response(PaginaDaLista(pagina).data)

    def _buscar(self, page_id: str) -> PaginaMeta:
        with na(self.organizacao, self.usuario):
            linhas = PaginaMeta.da(self.organizacao).filter(page_id=page_id[:50])
            pagina = linhas.first()
        if pagina is None:
            raise Http404
        return pagina


def _listadas(organizacao: object) -> QuerySet[PaginaMeta]:
    linhas = PaginaMeta.da(organizacao).order_by("page_name")
    return linhas.filter(sumiu_em=None)


def _conta(conexao: object, organizacao: object) -> dict[str, object]:
    vars(conexao)["situacao"] = da_organizacao(organizacao).value
    return ContaMeta(conexao).data  # type: ignore[arg-type]


@contextmanager
def _dito() -> Iterator[None]:
    """What Facebook refused is a rule of business to who called us: 409, in words."""
    try:
        yield
    except ErroDeDominio:
        raise
    except ErroConexoes as erro:
        raise ErroDeDominio(erro.mensagem) from erro
