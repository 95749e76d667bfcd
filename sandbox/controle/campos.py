"""A command's fields, read and checked, and the endpoint around it."""

import json
import math
from collections.abc import Callable, Coroutine
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.views.decorators.http import require_POST

from sandbox.waha.erros import ErroWaha
from sandbox.waha.estado import ESTADO, Mensagem, Sessao
from sandbox.waha.numeros import digitos
from sandbox.waha.sessoes import AcaoImpossivel

Campos = dict[str, Any]
Comando = Callable[..., Campos | None]


class CampoInvalido(Exception):
    """A value that cannot be used; the words are for the page."""


def comando(
    fazer: Comando, *, volta: str = "/"
) -> Callable[..., Coroutine[Any, Any, HttpResponse]]:
    """A POST endpoint around one function: fields in, facts for the answer out."""

    async def atender(request: HttpRequest, **partes: str) -> HttpResponse:
        try:
            fatos = fazer(_campos(request), **partes) or {}
        except CampoInvalido as erro:
            return _erro(422, str(erro))
        except (AcaoImpossivel, ErroWaha) as erro:
            return _erro(409, str(erro))
        except LookupError as erro:
            return _erro(404, str(erro.args[0]))
        if "application/json" in request.headers.get("Accept", ""):
            return JsonResponse({"ok": True, **fatos})
        ancora = f"#sessao-{partes['nome']}" if "nome" in partes else ""
        return HttpResponseRedirect(f"{volta}{ancora}", status=303)

    return require_POST(atender)


def achar_sessao(nome: str) -> Sessao:
    sessao = ESTADO.achar(nome)
    if sessao is None:
        raise LookupError("Sessão não encontrada.")
    return sessao


def achar_mensagem(nome: str, identificador: str) -> tuple[Sessao, Mensagem]:
    sessao = achar_sessao(nome)
    achada = sessao.mensagem(identificador)
    if achada is None:
        raise LookupError("Mensagem não encontrada.")
    return sessao, achada


def texto(campos: Campos, campo: str, padrao: str = "") -> str:
    return str(campos.get(campo, padrao) or "").strip()


def obrigatorio(campos: Campos, campo: str) -> str:
    escrito = texto(campos, campo)
    if not escrito:
        raise CampoInvalido("Escreva a mensagem antes de enviar.")
    return escrito


def um_de(campos: Campos, campo: str, opcoes: Any, padrao: str = "") -> str:
    escolhida = texto(campos, campo, padrao)
    if escolhida not in opcoes:
        raise CampoInvalido(f"“{campo}” não pode ser “{escolhida}”.")
    return escolhida


def telefone(campos: Campos, padrao: str, campo: str = "numero") -> str:
    numero = digitos(texto(campos, campo) or padrao)
    if not 8 <= len(numero) <= 15:
        raise CampoInvalido("Digite o número com código do país e DDD.")
    return numero


def numero(
    campos: Campos, campo: str, padrao: float, minimo: float | None = 0
) -> float:
    valor = campos.get(campo)
    try:
        escrito = str(padrao if valor in (None, "") else valor)
        lido = float(escrito.replace(",", "."))
    except ValueError:
        lido = math.nan
    if not math.isfinite(lido) or (minimo is not None and lido < minimo):
        desde = "" if minimo is None else " a partir de zero"
        raise CampoInvalido(f"“{campo}” precisa ser um número{desde}.")
    return lido


def ligado(campos: Campos, campo: str, padrao: bool) -> bool:
    return str(campos.get(campo, padrao)).lower() in {"true", "on", "1", "sim"}


def _campos(request: HttpRequest) -> Campos:
    if request.content_type != "application/json":
        # Only a name that says so stands for many: "r.cores[]".
        return {
            nome: valores if nome.endswith("[]") else valores[-1]
            for nome, valores in request.POST.lists()
        }
    try:
        campos = json.loads(request.body or b"{}")
    except ValueError as erro:
        raise CampoInvalido("O corpo não é JSON.") from erro
    if not isinstance(campos, dict):
        raise CampoInvalido("O corpo não é um objeto JSON.")
    return campos


def _erro(status: int, mensagem: str) -> JsonResponse:
    return JsonResponse({"erro": mensagem}, status=status)
