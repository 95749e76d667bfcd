"""Everything the control page can do, each as one POST endpoint.

Bodies are forms or JSON. With `Accept: application/json` the answer is JSON:
`{"ok": true, ...}` or, with status 404, 409 or 422, `{"erro": "..."}`. Without it a
success goes back to the page (303). Seconds and amounts are numbers, switches
`true`/`false` (a form may send `on`). <s> is a session's name.

GET  /controle/estado.json      sessions with messages, fault, calls, deliveries (newest
                                first), counts; `contagens.webhooks_pendentes` is 0 when
                                nothing is under way
POST /controle/reiniciar        forget everything; speed as at the start
POST /controle/velocidade       fator: 1 is real time, 0.01 a hundred times faster
POST /controle/servidor         versao, motor, camada: as /api/server/version tells
POST /controle/falha            tipo, chamadas (1), segundos, alvo (part of the path)
                                tipos: sandbox.waha.falhas.TIPOS; empty turns it off
POST /controle/webhooks         duplicar ("", evento, identica), embaralhar, descartar:
                                how many to lose; a field left out keeps its value

POST /controle/sessoes/<s>/escanear      numero, nome: the phone reads the QR code
POST /controle/sessoes/<s>/qr/renovar    this code expires, the next one comes
POST /controle/sessoes/<s>/qr/expirar    all six expired: FAILED
POST /controle/sessoes/<s>/sair          removed on the phone: WORKING -> FAILED
POST /controle/sessoes/<s>/internet      segundos (5, scaled): STARTING, then WORKING
POST /controle/sessoes/<s>/automatico    ligado: deliver and read by itself
POST /controle/sessoes/<s>/cliente       numero, nome, texto, lid, sem_telefone,
                                         responde_a (bare id): the customer writes
POST /controle/sessoes/<s>/celular       numero, texto: typed on the account's own phone
POST /controle/sessoes/<s>/mensagens/<id>/entregar | /ler | /recusar
                                         <id> is the bare or the full message id

Numbers ending in 404 have no WhatsApp. Brazilian accounts from area code 31 on are
known without the ninth digit, and a text to the other spelling goes nowhere.
"""

import json
import math
from collections.abc import Callable, Coroutine
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from sandbox import retrato
from sandbox.diario import DIARIO
from sandbox.relogio import RELOGIO
from sandbox.waha import mensagens, sessoes
from sandbox.waha.entregas import CARTEIRO
from sandbox.waha.estado import ESTADO, Mensagem, Pessoa, Sessao
from sandbox.waha.falhas import FALHAS, MUDEZ, SEGUNDOS, TIPOS, Falha
from sandbox.waha.numeros import digitos
from sandbox.waha.sessoes import AcaoImpossivel

NUMERO_DO_CELULAR, NOME_DO_CELULAR = "5511987654321", "Ana Vendas"
NUMERO_DO_CLIENTE, NOME_DO_CLIENTE = "5531988887777", "Carlos Lima"

Campos = dict[str, Any]
Comando = Callable[..., Campos | None]


class CampoInvalido(Exception):
    """A value that cannot be used; the words are for the page."""


def comando(fazer: Comando) -> Callable[..., Coroutine[Any, Any, HttpResponse]]:
    """A POST endpoint around one function: fields in, facts for the answer out."""

    async def atender(request: HttpRequest, **partes: str) -> HttpResponse:
        try:
            fatos = fazer(_campos(request), **partes) or {}
        except CampoInvalido as erro:
            return _erro(422, str(erro))
        except AcaoImpossivel as erro:
            return _erro(409, str(erro))
        except LookupError as erro:
            return _erro(404, str(erro.args[0]))
        if "application/json" in request.headers.get("Accept", ""):
            return JsonResponse({"ok": True, **fatos})
        ancora = f"#sessao-{partes['nome']}" if "nome" in partes else ""
        return HttpResponseRedirect(f"/{ancora}", status=303)

    return require_POST(atender)


@require_GET
async def estado(request: HttpRequest) -> HttpResponse:
    return JsonResponse(retrato.tirar())


def reiniciar(campos: Campos) -> None:
    ESTADO.zerar()
    RELOGIO.zerar()
    FALHAS.ligar(None)
    CARTEIRO.zerar()
    DIARIO.zerar()


def mudar_velocidade(campos: Campos) -> Campos:
    fator = _numero(campos, "fator", 1)
    if not 0.001 <= fator <= 10:
        raise CampoInvalido("O fator vai de 0,001 a 10.")
    RELOGIO.mudar(fator)
    return {"fator": fator}


def mudar_servidor(campos: Campos) -> Campos:
    servidor = ESTADO.servidor
    for campo in ("versao", "motor", "camada"):
        setattr(servidor, campo, _texto(campos, campo) or getattr(servidor, campo))
    return dict(vars(servidor))


def ligar_falha(campos: Campos) -> Campos:
    tipo = _texto(campos, "tipo")
    if not tipo:
        FALHAS.ligar(None)
        return {"falha": None}
    if tipo not in TIPOS:
        raise CampoInvalido(f"Tipo de falha desconhecido: {tipo}.")
    segundos = _numero(campos, "segundos", SEGUNDOS.get(tipo, MUDEZ))
    chamadas = int(_numero(campos, "chamadas", 1))
    falha = Falha(tipo, chamadas, segundos, _texto(campos, "alvo"))
    FALHAS.ligar(falha if chamadas > 0 else None)
    return {"falha": vars(falha)}


def desviar_webhooks(campos: Campos) -> Campos:
    desvios = CARTEIRO.desvios
    duplicar = _texto(campos, "duplicar", desvios.duplicar)
    if duplicar not in {"", "evento", "identica"}:
        raise CampoInvalido("Duplicar é “evento”, “identica” ou vazio.")
    desvios.duplicar = duplicar
    desvios.embaralhar = _ligado(campos, "embaralhar", desvios.embaralhar)
    desvios.descartar = int(_numero(campos, "descartar", desvios.descartar))
    return dict(vars(desvios))


def escanear(campos: Campos, nome: str) -> Campos:
    sessao = _sessao(nome)
    numero = _telefone(campos, NUMERO_DO_CELULAR)
    sessoes.escanear(sessao, numero, _texto(campos, "nome") or NOME_DO_CELULAR)
    return {"eu": sessao.eu}


def renovar_qr(campos: Campos, nome: str) -> None:
    sessoes.renovar_qr(_sessao(nome))


def expirar_qr(campos: Campos, nome: str) -> None:
    sessoes.expirar_qr(_sessao(nome))


def sair(campos: Campos, nome: str) -> None:
    sessoes.sair_pelo_celular(_sessao(nome))


def perder_internet(campos: Campos, nome: str) -> None:
    sessoes.perder_internet(_sessao(nome), _numero(campos, "segundos", 5))


def ligar_automatico(campos: Campos, nome: str) -> Campos:
    ligado = _ligado(campos, "ligado", False)
    mensagens.ligar_automatico(_sessao(nome), ligado)
    return {"ligado": ligado}


def escrever_como_cliente(campos: Campos, nome: str) -> Campos:
    sem_telefone = _ligado(campos, "sem_telefone", False)
    mensagem = mensagens.escrever_como_cliente(
        _sessao(nome),
        Pessoa.do_numero(
            _telefone(campos, NUMERO_DO_CLIENTE),
            _texto(campos, "nome") or NOME_DO_CLIENTE,
            sem_telefone,
        ),
        _obrigatorio(campos, "texto"),
        por_lid=sem_telefone or _ligado(campos, "lid", False),
        responde_a=_texto(campos, "responde_a"),
    )
    return {"mensagem": retrato.mensagem(mensagem)}


def escrever_pelo_celular(campos: Campos, nome: str) -> Campos:
    pessoa = Pessoa.do_numero(
        _telefone(campos, NUMERO_DO_CLIENTE),
        _texto(campos, "nome") or NOME_DO_CLIENTE,
    )
    texto = _obrigatorio(campos, "texto")
    mensagem = mensagens.escrever_pelo_celular(_sessao(nome), pessoa, texto)
    return {"mensagem": retrato.mensagem(mensagem)}


def marcar(ack: int) -> Comando:
    def fazer(campos: Campos, nome: str, mensagem: str) -> Campos:
        sessao, achada = _mensagem(nome, mensagem)
        if not mensagens.avancar(sessao, achada, ack):
            raise AcaoImpossivel("Esta mensagem não pode mais mudar para esse estado.")
        return {"mensagem": retrato.mensagem(achada)}

    return fazer


def _sessao(nome: str) -> Sessao:
    sessao = ESTADO.achar(nome)
    if sessao is None:
        raise LookupError("Sessão não encontrada.")
    return sessao


def _mensagem(nome: str, identificador: str) -> tuple[Sessao, Mensagem]:
    sessao = _sessao(nome)
    # true_<chat>_<id>: the last part is enough.
    achada = sessao.mensagem(identificador.rsplit("_", 1)[-1])
    if achada is None or not achada.de_mim:
        raise LookupError("Mensagem não encontrada.")
    return sessao, achada


def _campos(request: HttpRequest) -> Campos:
    if request.content_type != "application/json":
        return request.POST.dict()
    try:
        campos = json.loads(request.body or b"{}")
    except ValueError as erro:
        raise CampoInvalido("O corpo não é JSON.") from erro
    if not isinstance(campos, dict):
        raise CampoInvalido("O corpo não é um objeto JSON.")
    return campos


def _texto(campos: Campos, campo: str, padrao: str = "") -> str:
    return str(campos.get(campo, padrao) or "").strip()


def _obrigatorio(campos: Campos, campo: str) -> str:
    texto = _texto(campos, campo)
    if not texto:
        raise CampoInvalido("Escreva a mensagem antes de enviar.")
    return texto


def _telefone(campos: Campos, padrao: str) -> str:
    numero = digitos(_texto(campos, "numero") or padrao)
    if not 8 <= len(numero) <= 15:
        raise CampoInvalido("Digite o número com código do país e DDD.")
    return numero


def _numero(campos: Campos, campo: str, padrao: float) -> float:
    valor = campos.get(campo)
    try:
        texto = str(padrao if valor in (None, "") else valor)
        numero = float(texto.replace(",", "."))
    except ValueError:
        numero = math.nan
    if not (math.isfinite(numero) and numero >= 0):
        raise CampoInvalido(f"“{campo}” precisa ser um número a partir de zero.")
    return numero


def _ligado(campos: Campos, campo: str, padrao: bool) -> bool:
    return str(campos.get(campo, padrao)).lower() in {"true", "on", "1", "sim"}


def _erro(status: int, mensagem: str) -> JsonResponse:
    return JsonResponse({"erro": mensagem}, status=status)


DA_SESSAO: dict[str, Comando] = {
    "escanear": escanear,
    "qr/renovar": renovar_qr,
    "qr/expirar": expirar_qr,
    "sair": sair,
    "internet": perder_internet,
    "automatico": ligar_automatico,
    "cliente": escrever_como_cliente,
    "celular": escrever_pelo_celular,
    "mensagens/<str:mensagem>/entregar": marcar(mensagens.ENTREGUE),
    "mensagens/<str:mensagem>/ler": marcar(mensagens.LIDA),
    "mensagens/<str:mensagem>/recusar": marcar(mensagens.ERRO),
}

urlpatterns = [
    path("estado.json", estado),
    path("reiniciar", comando(reiniciar)),
    path("velocidade", comando(mudar_velocidade)),
    path("servidor", comando(mudar_servidor)),
    path("falha", comando(ligar_falha)),
    path("webhooks", comando(desviar_webhooks)),
    *(
        path(f"sessoes/<str:nome>/{rota}", comando(fazer))
        for rota, fazer in DA_SESSAO.items()
    ),
]
