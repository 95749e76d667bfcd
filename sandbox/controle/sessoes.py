"""Commands about one session: its phone, its line, its misfortunes."""

from sandbox.controle.campos import (
    Campos,
    Comando,
    achar_sessao,
    ligado,
    numero,
    telefone,
    texto,
)
from sandbox.waha import acidentes, mensagens, sessoes

NUMERO_DO_CELULAR, NOME_DO_CELULAR = "5511987654321", "Ana Vendas"
TEMPESTADE, TEMPESTADE_MAXIMA = 50, 1000


def escanear(campos: Campos, nome: str) -> Campos:
    sessao = achar_sessao(nome)
    sessoes.escanear(sessao, *_dono(campos))
    return {"eu": sessao.eu}


def digitar_codigo(campos: Campos, nome: str) -> Campos:
    sessao = achar_sessao(nome)
    dono = texto(campos, "nome") or NOME_DO_CELULAR
    sessoes.digitar_codigo(sessao, texto(campos, "codigo"), dono)
    return {"eu": sessao.eu}


def exigir_chave(campos: Campos, nome: str) -> None:
    acidentes.exigir_chave(achar_sessao(nome), *_dono(campos))


def assinar_chave(campos: Campos, nome: str) -> None:
    acidentes.assinar_chave(achar_sessao(nome))


def confirmar_chave(campos: Campos, nome: str) -> None:
    acidentes.confirmar_chave(achar_sessao(nome))


def renovar_qr(campos: Campos, nome: str) -> None:
    sessoes.renovar_qr(achar_sessao(nome))


def expirar_qr(campos: Campos, nome: str) -> None:
    sessoes.expirar_qr(achar_sessao(nome))


def sair(campos: Campos, nome: str) -> None:
    acidentes.sair_pelo_celular(achar_sessao(nome))


def banir(campos: Campos, nome: str) -> None:
    acidentes.banir(achar_sessao(nome))


def perder_internet(campos: Campos, nome: str) -> None:
    acidentes.perder_internet(achar_sessao(nome), numero(campos, "segundos", 5))


def ensurdecer(campos: Campos, nome: str) -> Campos:
    surda = ligado(campos, "ligado", True)
    acidentes.ensurdecer(achar_sessao(nome), surda)
    return {"ligado": surda}


def soltar_tempestade(campos: Campos, nome: str) -> Campos:
    quantos = min(int(numero(campos, "quantos", TEMPESTADE)), TEMPESTADE_MAXIMA)
    acidentes.tempestade(achar_sessao(nome), quantos)
    return {"quantos": quantos}


def ligar_automatico(campos: Campos, nome: str) -> Campos:
    automatico = ligado(campos, "ligado", False)
    mensagens.ligar_automatico(achar_sessao(nome), automatico)
    return {"ligado": automatico}


def _dono(campos: Campos) -> tuple[str, str]:
    numero_dele = telefone(campos, NUMERO_DO_CELULAR)
    return numero_dele, texto(campos, "nome") or NOME_DO_CELULAR


ROTAS: dict[str, Comando] = {
    "escanear": escanear,
    "codigo": digitar_codigo,
    "passkey": exigir_chave,
    "passkey/assinar": assinar_chave,
    "passkey/confirmar": confirmar_chave,
    "qr/renovar": renovar_qr,
    "qr/expirar": expirar_qr,
    "sair": sair,
    "banir": banir,
    "internet": perder_internet,
    "surda": ensurdecer,
    "tempestade": soltar_tempestade,
    "automatico": ligar_automatico,
}
