"""What every endpoint of an organisation's API is: guarded, limited, inside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import Http404
from rest_framework.exceptions import APIException, Throttled
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from conexoes import recursos
from conexoes.acesso import PodeNaApi, conferir_acao
from conexoes.api import limites
from conexoes.middleware import sem_transacao
from conexoes.tenancy import pessoa


class ApiDaOrganizacao(APIView):
    """A view on the caller's organisation.

    Subclasses name the ``acao`` they need, and in ``acoes`` those of methods that need
    another one. With a ``recurso`` it answers 404 in an organisation that has not that
    feature.
    """

    acao: str
    acoes: ClassVar[Mapping[str, str]] = {}
    recurso = ""
    permission_classes = [IsAuthenticated, PodeNaApi]
    throttle_classes = limites.TODOS

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.recurso and not recursos.ativo(self.organizacao, self.recurso):
            raise Http404

    @property
    def organizacao(self) -> Any:
        """The organisation of the request; 404 for a super admin who chose none."""
        organizacao = self.request._request.organizacao  # type: ignore[attr-defined]
        if organizacao is None:
            raise Http404
        return organizacao

    @property
    def usuario(self) -> Any:
        """The person who calls, by whatever means."""
        return self.request.user

    def exigir(self, acao: str) -> None:
        """Refuse, as for ``acao`` of the class, who may not do this too."""
        conferir_acao(self.request, acao)

    def perform_authentication(self, request: Request) -> None:
        # Calls that are refused count as well, and first: those with a key or a token
        # that is none are their address's.
        try:
            super().perform_authentication(request)
        except APIException:
            self._contar(request)
            raise
        self._contar(request)

    def _contar(self, request: Request) -> None:
        try:
            super().check_throttles(request)
        except Throttled:
            limites.anotar_recusa(request)
            raise

    def check_throttles(self, request: Request) -> None:
        """Nothing more: done as soon as it is known who calls."""


class ApiSemTransacao(ApiDaOrganizacao):
    """The same for what waits for a provider, or streams.

    Only who calls is found out in a transaction; the view opens its own.
    """

    @classmethod
    def as_view(cls, **opcoes: Any) -> Any:
        return sem_transacao(super().as_view(**opcoes))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        with pessoa(None):
            super().initial(request, *args, **kwargs)


def lido(
    forma: type[Serializer[Any]], dados: Any, *, parcial: bool = False, **contexto: Any
) -> dict[str, Any]:
    """What a call says, checked; 400 with the fields that are wrong."""
    leitor = forma(data=dados, partial=parcial, context=contexto)
    leitor.is_valid(raise_exception=True)
    conferidos: dict[str, Any] = leitor.validated_data
    return conferidos
