"""How endpoints describe themselves in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from conexoes.api.idempotencia import PARAMETRO

_ERRO: Final[dict[str, Any]] = {
    "type": "object",
    "description": "`codigo` é para programas, `mensagem` para pessoas.",
    "required": ["erro"],
    "properties": {
        "erro": {
            "type": "object",
            "required": ["codigo", "mensagem"],
            "properties": {
                "codigo": {"type": "string", "examples": ["dados_invalidos"]},
                "mensagem": {
                    "type": "string",
                    "examples": ["Confira os campos indicados."],
                },
                "campos": {
                    "type": "object",
                    "description": "Por campo, o que há de errado nele.",
                    "additionalProperties": True,
                },
            },
        }
    },
}
_RESPOSTAS: Final = {
    "400": ("DadosInvalidos", "Corpo, parâmetros ou cabeçalhos inválidos."),
    "401": ("NaoAutenticado", "Sem token, chave ou sessão, ou não valem mais."),
    "403": ("SemPermissao", "A pessoa, ou a chave, não pode fazer isto."),
    "404": ("NaoEncontrado", "Não existe, ou é de outra organização."),
    "409": ("RegraDeNegocio", "Uma regra não permite isto agora; `mensagem` diz qual."),
    "422": ("ChaveReutilizada", "A `Idempotency-Key` já serviu a outra chamada."),
    "429": ("LimiteExcedido", "Chamadas demais; espere `Retry-After` segundos."),
    "default": ("OutroErro", "Qualquer outro erro, na mesma forma."),
}
_MUDAM: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Descricao(AutoSchema):
    """Says which action an endpoint needs, and which call may be made once."""

    def get_description(self) -> str:  # type: ignore[override]
        # Docstrings speak to who writes the house; readers of the API get Portuguese.
        return ""

    def get_override_parameters(self) -> list[Any]:
        return [PARAMETRO] if self._uma_vez() else []

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operacao: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operacao is None:
            return None
        acoes = getattr(self.view, "acoes", {})
        acao = acoes.get(self.method, getattr(self.view, "acao", ""))
        if acao and {ChaveDescrita.name: []} in operacao.get("security", []):
            partes = (operacao.get("description", ""), f"Escopo: `{acao}`.")
            operacao["description"] = "\n\n".join(filter(None, partes))
        operacao["x-erros"] = list(self._erros(operacao))
        return operacao

    def _erros(self, operacao: dict[str, Any]) -> Sequence[str]:
        muda = self.method in _MUDAM
        com_dados = muda or "parameters" in operacao
        autenticada = any(operacao.get("security", []))
        return [
            *(["400"] if com_dados else []),
            "401",
            *(["403", "404"] if autenticada else []),
            *(["409"] if muda else []),
            *(["422"] if self._uma_vez() else []),
            "429",
            "default",
        ]

    def _uma_vez(self) -> bool:
        metodo = getattr(self.view, str(self.method).lower(), None)
        return getattr(metodo, "uma_vez", False)


def com_erros(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Give every operation the errors it may answer with."""
    componentes = result.setdefault("components", {})
    componentes.setdefault("schemas", {})["Erro"] = _ERRO
    componentes["responses"] = {
        nome: {
            "description": descricao,
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/Erro"}}
            },
            **({"headers": _RETRY_AFTER} if status == "429" else {}),
        }
        for status, (nome, descricao) in _RESPOSTAS.items()
    }
    for operacoes in result["paths"].values():
        for operacao in operacoes.values():
            respostas = operacao["responses"]
            for status in operacao.pop("x-erros", ()):
                referencia = f"#/components/responses/{_RESPOSTAS[status][0]}"
                respostas.setdefault(status, {"$ref": referencia})
    return result


_RETRY_AFTER: Final = {
    "Retry-After": {
        "description": "Segundos até poder chamar de novo.",
        "schema": {"type": "integer", "minimum": 1},
    }
}


class TokenDescrito(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "conexoes.autenticacao.PorToken"
    name = "Token"
    priority = 1

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "O `access` de `/api/v1/auth/token/`; vale 15 minutos.",
        }


class ChaveDescrita(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "conexoes.autenticacao.PorChave"
    name = "ChaveDeApi"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "Chave pessoal: `Api-Key cnx_…`. Faz o que os escopos dela "
            "e as permissões da pessoa permitem.",
        }


class SessaoDescrita(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "conexoes.autenticacao.PorSessao"
    name = "Sessao"
    priority = 1

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "A sessão do navegador; o que muda algo pede `X-CSRFToken`.",
        }
