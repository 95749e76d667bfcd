"""The features that a super admin gives an organisation or takes from it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.apps import apps
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conexoes import auditoria, recursos
from conexoes.api.organizacao import ApiDaOrganizacao
from conexoes.autenticacao import PorSessao


class RecursoMudado(serializers.Serializer[Any]):
    organizacao = serializers.UUIDField()
    recurso = serializers.CharField()
    ativo = serializers.BooleanField()


class MudarRecurso(ApiDaOrganizacao):
    """Document 000's ``enable`` and ``disable``; by session, as super admins have no
    token. It runs in the super admin's context, which crosses organisations."""

    acao = "recursos.mudar"
    authentication_classes = [PorSessao]
    ligado: bool = True

    @extend_schema(
        tags=["Organização"],
        summary="Dar ou tirar um recurso (super admin)",
        description="Pela sessão, já que super admins não têm token nem chave. Repetir "
        "não muda nada.",
        request=None,
        responses=RecursoMudado,
    )
    def put(self, request: Request, organizacao_id: UUID, recurso: str) -> Response:
        organizacao = (
            apps.get_model("crm", "Organizacao").objects.filter(pk=organizacao_id)
        ).first()
        if organizacao is None or recurso not in recursos.todos():
            raise Http404
        recursos.mudar(
            organizacao,
            recurso,
            self.ligado,
            autor=request.user,
            ip=auditoria.endereco_ip(request._request),
        )
        return Response(
            {
                "organizacao": str(organizacao_id),
                "recurso": recurso,
                "ativo": self.ligado,
            }
        )
