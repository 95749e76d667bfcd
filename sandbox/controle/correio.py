"""Commands about the mailbox."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from sandbox.controle.campos import CampoInvalido, Campos, numero, texto
from sandbox.correio.caixa import CAIXA
from sandbox.correio.falhas import FALHAS, SEGUNDOS, TIPOS, Falha
from sandbox.correio.servidor import SERVIDOR


@require_GET
async def correio(request: HttpRequest) -> JsonResponse:
    falha = FALHAS.atual
    return JsonResponse(
        {
            "porta": SERVIDOR.porta,
            "falha": falha and vars(falha),
            "correios": [carta.retrato() for carta in CAIXA.todos()],
        }
    )


def ligar_falha(campos: Campos) -> Campos:
    tipo = texto(campos, "tipo")
    if not tipo:
        FALHAS.ligar(None)
        return {"falha": None}
    if tipo not in TIPOS:
        raise CampoInvalido(f"Tipo de falha desconhecido: {tipo}.")
    mensagens = int(numero(campos, "mensagens", 1))
    falha = Falha(tipo, mensagens, numero(campos, "segundos", SEGUNDOS))
    FALHAS.ligar(falha if mensagens > 0 else None)
    return {"falha": vars(falha)}


def esvaziar(campos: Campos) -> None:
    CAIXA.esvaziar()
