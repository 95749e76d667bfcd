"""Short-lived tokens: asked for with the password, renewed without it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

from conexoes.autenticacao import ParDeTokens, Renovacao

_PEDIDO = inline_serializer(
    "PedidoDeToken",
    {
        "email": serializers.EmailField(),
        "password": serializers.CharField(style={"input_type": "password"}),
        "codigo": serializers.CharField(
            required=False,
            allow_blank=True,
            max_length=20,
            help_text="Só com a verificação em duas etapas: o código que vale agora, "
            "ou um de reserva. Sem ele, 401 `codigo_exigido`.",
        ),
    },
)
_PAR = inline_serializer(
    "Tokens",
    {"refresh": serializers.CharField(), "access": serializers.CharField()},
)
_RENOVADO = inline_serializer("TokenRenovado", {"access": serializers.CharField()})
_PEDIDO_DE_RENOVACAO = inline_serializer(
    "PedidoDeRenovacao", {"refresh": serializers.CharField()}
)


class ObterToken(TokenObtainPairView):
    serializer_class = ParDeTokens
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "autenticacao"

    @extend_schema(
        operation_id="obter_token",
        tags=["Entrada"],
        summary="Obter tokens",
        description="`access` vale 15 minutos, `refresh` sete dias. Super admins não "
        "usam tokens. Cinco senhas erradas em cinco minutos fecham a conta por um "
        "tempo, com 429.",
        request=_PEDIDO,
        responses={200: _PAR},
        auth=[],
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().post(request, *args, **kwargs)


class RenovarToken(TokenRefreshView):
    serializer_class = Renovacao
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "autenticacao"

    @extend_schema(
        operation_id="renovar_token",
        tags=["Entrada"],
        summary="Renovar o token",
        description="Um `access` novo, enquanto o `refresh` valer. Trocar a senha ou "
        "encerrar as sessões da pessoa acaba com os dois.",
        request=_PEDIDO_DE_RENOVACAO,
        responses={200: _RENOVADO},
        auth=[],
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().post(request, *args, **kwargs)
