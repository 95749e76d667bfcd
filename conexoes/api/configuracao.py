"""How the API is set up: plain values that ``config/settings.py`` takes over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

_REST_FRAMEWORK: Final[dict[str, Any]] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "conexoes.autenticacao.PorToken",
        "conexoes.autenticacao.PorChave",
        "conexoes.autenticacao.PorSessao",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["conexoes.api.escrita.RespostaEmJson"],
    "DEFAULT_PARSER_CLASSES": ["conexoes.api.leitores.CorpoEmJson"],
    "DEFAULT_SCHEMA_CLASS": "conexoes.api.descricao.Descricao",
    "EXCEPTION_HANDLER": "conexoes.api.erros.responder_erro",
    "DEFAULT_THROTTLE_RATES": {"autenticacao": "10/min"},
}


SIMPLE_JWT: Final[dict[str, Any]] = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=7),
    "UPDATE_LAST_LOGIN": False,
    "CHECK_REVOKE_TOKEN": True,
}


def rest_framework(proxies: int) -> dict[str, Any]:
    """DRF's settings behind so many reverse proxies."""
    return _REST_FRAMEWORK | {"NUM_PROXIES": proxies}


_DESCRICAO: Final = """\
API do Conexões: conversas, mensagens, contatos e conexões da sua organização.

**Como entrar.** Três formas, todas com as permissões da pessoa:

* chave de API, criada em *Chaves de API*: `Authorization: Api-Key cnx_…`;
* token de curta duração, obtido em `/api/v1/auth/token/`: `Authorization: Bearer …`;
* a sessão do navegador, com o cabeçalho `X-CSRFToken` no que muda algo.

**Erros.** Sempre `{"erro": {"codigo", "mensagem", "campos"?}}`; `mensagem` é para
pessoas, `codigo` para programas.

**Limites.** Acima do limite a resposta é 429 com `Retry-After` em segundos.

**Repetir sem medo.** Onde há `Idempotency-Key`, a mesma chave com o mesmo corpo devolve
a mesma resposta por um dia, sem fazer de novo.

**Listas.** `proxima` é o endereço da página seguinte, `null` na última.
"""

_OPENAPI: Final[dict[str, Any]] = {
    "TITLE": "API do Conexões",
    "DESCRIPTION": _DESCRICAO,
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": r"/api(/v\d+)?",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "conexoes.api.descricao.com_erros",
    ],
    "TAGS": [
        {"name": "Entrada", "description": "Tokens de curta duração."},
        {"name": "Conversas", "description": "A caixa de entrada e o que se faz nela."},
        {"name": "Mensagens", "description": "Ler, enviar e acompanhar mensagens."},
        {"name": "Contatos", "description": "Com quem a organização fala."},
        {"name": "Equipe", "description": "Quem atende."},
        {"name": "Organização", "description": "O que a organização escolheu e tem."},
        {"name": "Notificações", "description": "O que a pessoa precisa saber."},
        {"name": "WhatsApp", "description": "O número da própria pessoa."},
        {"name": "Meta Ads", "description": "A conta do Facebook, páginas e leads."},
        {
            "name": "Integrações",
            "description": "As mesmas operações para qualquer provedor.",
        },
    ],
}


def openapi(**escolhas: str) -> dict[str, Any]:
    """drf-spectacular's settings; ``escolhas`` names choices that are called alike."""
    return _OPENAPI | {
        "ENUM_NAME_OVERRIDES": {
            "StatusDoProvedor": "conexoes.provedores.PALAVRAS",
            **escolhas,
        }
    }
