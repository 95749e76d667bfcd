"""Commands about the server as a whole: its clock, its version, its faults."""

from sandbox.controle.campos import (
    CampoInvalido,
    Campos,
    ligado,
    numero,
    texto,
    um_de,
)
from sandbox.correio.caixa import CAIXA
from sandbox.correio.falhas import FALHAS as FALHAS_DO_CORREIO
from sandbox.diario import DIARIO, DIARIO_DA_META
from sandbox.graph.semente import semear
from sandbox.relogio import RELOGIO
from sandbox.waha import acidentes
from sandbox.waha.entregas import CARTEIRO
from sandbox.waha.estado import ESTADO
from sandbox.waha.falhas import FALHAS, MUDEZ, QUEDAS, SEGUNDOS, TIPOS, Falha
from sandbox.waha.midias import ARQUIVOS

FORA_DO_AR = 30.0


def reiniciar(campos: Campos) -> None:
    ESTADO.zerar()
    RELOGIO.zerar()
    FALHAS.ligar(None)
    FALHAS.derrubar("", 0)
    CARTEIRO.zerar()
    ARQUIVOS.esvaziar()
    FALHAS_DO_CORREIO.ligar(None)
    CAIXA.esvaziar()
    DIARIO.zerar()
    semear()
    DIARIO_DA_META.zerar()


def mudar_velocidade(campos: Campos) -> Campos:
    fator = numero(campos, "fator", 1)
    if not 0.001 <= fator <= 10:
        raise CampoInvalido("O fator vai de 0,001 a 10.")
    RELOGIO.mudar(fator)
    return {"fator": fator}


def mudar_servidor(campos: Campos) -> Campos:
    """Each field alone, or all three in `perfil`, as the page's buttons send them."""
    servidor = ESTADO.servidor
    nomes = ("versao", "motor", "camada")
    if perfil := texto(campos, "perfil").split():
        campos = dict(zip(nomes, perfil, strict=False))
    for campo in nomes:
        setattr(servidor, campo, texto(campos, campo) or getattr(servidor, campo))
    return dict(vars(servidor))


def reiniciar_servidor(campos: Campos) -> Campos:
    esquecer = um_de(campos, "esquecer", acidentes.ESQUECIMENTOS)
    acidentes.reiniciar_servidor(esquecer)
    return {"sessoes": list(ESTADO.sessoes)}


def derrubar(campos: Campos) -> Campos:
    segundos = numero(campos, "segundos", FORA_DO_AR)
    modo = um_de(campos, "modo", QUEDAS, "fora_502")
    FALHAS.derrubar(modo, segundos)
    return {"modo": modo, "segundos": segundos}


def apagar_arquivos(campos: Campos) -> None:
    ARQUIVOS.esvaziar()


def ligar_falha(campos: Campos) -> Campos:
    tipo = texto(campos, "tipo")
    if not tipo:
        FALHAS.ligar(None)
        return {"falha": None}
    if tipo not in TIPOS:
        raise CampoInvalido(f"Tipo de falha desconhecido: {tipo}.")
    segundos = numero(campos, "segundos", SEGUNDOS.get(tipo, MUDEZ))
    chamadas = int(numero(campos, "chamadas", 1))
    falha = Falha(tipo, chamadas, segundos, texto(campos, "alvo"))
    FALHAS.ligar(falha if chamadas > 0 else None)
    return {"falha": vars(falha)}


def desviar_webhooks(campos: Campos) -> Campos:
    desvios = CARTEIRO.desvios
    duplicar = texto(campos, "duplicar", desvios.duplicar)
    if duplicar not in {"", "evento", "identica"}:
        raise CampoInvalido("Duplicar é “evento”, “identica” ou vazio.")
    desvios.duplicar = duplicar
    desvios.embaralhar = ligado(campos, "embaralhar", desvios.embaralhar)
    desvios.descartar = int(numero(campos, "descartar", desvios.descartar))
    return dict(vars(desvios))
