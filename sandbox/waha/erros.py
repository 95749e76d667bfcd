"""Error bodies as the server (NestJS) writes them."""

from datetime import UTC, datetime
from typing import Any

ESPERADO = "Session status is not as expected. Try again later or restart the session"


class ErroWaha(Exception):
    """An answer other than success; `corpo` goes on the wire as it is."""

    def __init__(self, status: int, corpo: dict[str, Any]) -> None:
        super().__init__(status)
        self.status = status
        self.corpo = corpo


def _nest(status: int, nome: str, mensagem: str | list[str]) -> ErroWaha:
    corpo = {"message": mensagem, "error": nome, "statusCode": status}
    return ErroWaha(status, corpo)


def nao_autorizado() -> ErroWaha:
    return ErroWaha(401, {"message": "Unauthorized", "statusCode": 401})


def invalido(mensagem: str | list[str]) -> ErroWaha:
    return _nest(400, "Bad Request", mensagem)


def nao_encontrado(mensagem: str) -> ErroWaha:
    return _nest(404, "Not Found", mensagem)


def sessao_nao_encontrada() -> ErroWaha:
    return nao_encontrado("Session not found")


def improcessavel(mensagem: str) -> ErroWaha:
    return _nest(422, "Unprocessable Entity", mensagem)


def status_inesperado(sessao: str, status: str, esperados: list[str]) -> ErroWaha:
    corpo = {"error": ESPERADO, "session": sessao, "status": status}
    return ErroWaha(422, {**corpo, "expected": esperados})


def grande_demais() -> ErroWaha:
    corpo = {"statusCode": 413, "message": "request entity too large"}
    return ErroWaha(413, corpo)


def nao_tratado(mensagem: str) -> ErroWaha:
    """The unhandled error of the real server, stack trace included."""
    excecao = {
        "message": mensagem,
        "name": "Error",
        "stack": f"Error: {mensagem}\n    at sendRawMessage (socket.js:62:19)",
    }
    hora = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return ErroWaha(500, {"statusCode": 500, "timestamp": hora, "exception": excecao})
