"""Lead forms of a page and where their leads go (PRD 2.5)."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from conexoes.api.idempotencia import uma_vez
from conexoes.api.organizacao import ApiDaOrganizacao, lido
from meta.models import FormularioLeadAds, FormularioMeta, PaginaMeta
from meta.provedor import RECURSO
from meta.serializers.formularios import (
    FormulariosDaPagina,
    MapeamentoInteiro,
    NovoMapeamento,
    PedidoDeMapeamento,
)
from meta.services import formularios
from meta.services.mapeamento import ler_questoes, sugerir

T = TypeVar("T")
_TAG = ["Meta Lead Ads"]


class _Api(ApiDaOrganizacao):
    acao = "meta_lead_ads.gerenciar"
    recurso = RECURSO.slug

    def pagina(self, page_id: str) -> PaginaMeta:
        """The selected page; 404 for another organisation's, or none."""
        paginas = PaginaMeta.da(self.organizacao).select_related("conexao")
        return _achado(paginas.filter(page_id=page_id, ativo=True).first())

    def responder(self, mapeamento: FormularioLeadAds, status: int = 200) -> Response:
        formulario = (
            FormularioMeta.da(self.organizacao)
            .filter(form_id=mapeamento.form_id)
            .first()
        )
        esperando = formularios.esperando(self.organizacao, mapeamento.pagina)
        novas = formularios.novidades(mapeamento, formulario)
        contexto = {
            "esperando": esperando.get(mapeamento.form_id, 0),
            "novas": [questao.chave for questao in novas],
        }
        return Response(
            MapeamentoInteiro(mapeamento, context=contexto).data, status=status
        )


class Formularios(_Api):
    @extend_schema(
        operation_id="mapear_formulario",
        tags=_TAG,
        summary="Mapear um formulário",
        description="Os leads que esperavam por ele seguem. 409 quando já tem um"
        " mapeamento, ou quando a página não tem este formulário.",
        request=NovoMapeamento,
        responses={201: MapeamentoInteiro},
    )
    @uma_vez
    def post(self, request: Request) -> Response:
        pedido = lido(NovoMapeamento, request.data, organizacao=self.organizacao)
        pagina = self._da_conta(pedido["page_id"])
        form_id = pedido["form_id"].replace("\x00", "")
        todos = formularios.todos_os(pagina)
        mapeamento = formularios.mapear(
            pagina,
            todos if form_id == "todos" else form_id,
            pedido["pedido"],
            autor=self.usuario,
        )
        if pedido.get("ativo") is False:
            formularios.desativar(mapeamento, autor=self.usuario)
        return self.responder(mapeamento, status=201)

    def _da_conta(self, page_id: str) -> PaginaMeta:
        try:
            return self.pagina(page_id.replace("\x00", ""))
        except Http404:
            recusa = {"page_id": ["Nenhuma página escolhida tem este id."]}
            raise ValidationError(recusa) from None


class FormulariosDe(_Api):
    @extend_schema(
        operation_id="listar_formularios",
        tags=_TAG,
        summary="Listar os formulários de uma página",
        description="Como foram lidos da Meta da última vez, com as perguntas, o campo"
        " sugerido para cada uma e o mapeamento, se já existe.",
        responses=FormulariosDaPagina,
    )
    def get(self, request: Request, page_id: str) -> Response:
        pagina = self.pagina(page_id)
        mapeados = {
            um.form_id: um.pk
            for um in FormularioLeadAds.da(self.organizacao).filter(
                pagina=pagina, deletado_em=None
            )
        }
        todos = FormularioMeta.da(self.organizacao).filter(pagina=pagina)
        lidos = list(todos.order_by("nome", "pk"))
        esperando = formularios.esperando(self.organizacao, pagina)
        resposta = {
            "resultados": [
                self._formulario(um, esperando.get(um.form_id, 0), mapeados)
                for um in lidos
            ],
            "padrao_id": mapeados.get(formularios.todos_os(pagina)),
        }
        return Response(FormulariosDaPagina(resposta).data)

    def _formulario(
        self, um: FormularioMeta, esperando: int, mapeados: dict[str, UUID]
    ) -> dict[str, Any]:
        questoes, sugestoes = ler_questoes(um.perguntas), sugerir(um.perguntas)
        return {
            "form_id": um.form_id,
            "nome": um.nome,
            "status": um.status,
            "perguntas": [
                {
                    "chave": questao.chave,
                    "rotulo": questao.rotulo,
                    "tipo": questao.tipo,
                    "opcoes": questao.opcoes,
                    "sugestao": sugestao.alvo,
                    "confianca": sugestao.confianca if sugestao.alvo else "",
                }
                for questao, sugestao in zip(questoes, sugestoes, strict=True)
            ],
            "leads_esperando": esperando,
            "mapeamento_id": mapeados.get(um.form_id),
        }


class UmMapeamento(_Api):
    @extend_schema(
        operation_id="ver_mapeamento",
        tags=_TAG,
        summary="Ver um mapeamento",
        responses=MapeamentoInteiro,
    )
    def get(self, request: Request, mapeamento_id: UUID) -> Response:
        return self.responder(self._buscar(mapeamento_id))

    @extend_schema(
        operation_id="mudar_mapeamento",
        tags=_TAG,
        summary="Mudar um mapeamento",
        description="O que não vem no corpo fica como está. Leads que já entraram ficam"
        " como estão. `ativo` liga e desliga: desligado, os leads esperam.",
        request=PedidoDeMapeamento,
        responses=MapeamentoInteiro,
    )
    def patch(self, request: Request, mapeamento_id: UUID) -> Response:
        mapeamento = self._buscar(mapeamento_id)
        pedido = lido(
            PedidoDeMapeamento,
            request.data,
            parcial=True,
            organizacao=self.organizacao,
            mapeamento=mapeamento,
        )
        if pedido.keys() - {"pedido", "ativo"}:
            formularios.alterar(mapeamento, pedido["pedido"], autor=self.usuario)
        if "ativo" in pedido:
            mudar = formularios.ativar if pedido["ativo"] else formularios.desativar
            mudar(mapeamento, autor=self.usuario)
        return self.responder(mapeamento)

    @extend_schema(
        operation_id="remover_mapeamento",
        tags=_TAG,
        summary="Remover um mapeamento",
        description="Os leads seguem o mapeamento de todos os outros formulários da"
        " página, ou esperam.",
        responses={204: None},
    )
    def delete(self, request: Request, mapeamento_id: UUID) -> Response:
        formularios.remover(self._buscar(mapeamento_id), autor=self.usuario)
        return Response(status=204)

    def _buscar(self, mapeamento_id: UUID) -> FormularioLeadAds:
        todos = FormularioLeadAds.da(self.organizacao).select_related(
            "pagina", "funil", "etapa_destino", "owner"
        )
        return _achado(todos.filter(pk=mapeamento_id, deletado_em=None).first())


def _achado(linha: T | None) -> T:
    if linha is None:
        raise Http404
    return linha
