"""What may go wrong with the next mails."""

import threading
from dataclasses import dataclass

# kind -> what the control page calls it
TIPOS = {
    "recusa_4xx": "Recusar por agora (451)",
    "recusa_5xx": "Recusar de vez (550)",
    "recusa_login": "Recusar usuário e senha (535)",
    "cai": "Aceitar e cair sem responder",
    "cai_sem_guardar": "Perder e cair sem responder",
    "lenta": "Responder devagar",
}
SEGUNDOS = 10.0
# The point of the dialogue where each fault strikes.
MOMENTOS = {
    "recusa_4xx": "destinatario",
    "recusa_5xx": "destinatario",
    "recusa_login": "login",
}


@dataclass(frozen=True)
class Falha:
    """`segundos` are of the wall clock: the client's patience is real too."""

    tipo: str
    mensagens: int
    segundos: float


class Falhas:
    """At most one fault is on; each mail that it hits uses it up by one."""

    def __init__(self) -> None:
        self._trava = threading.Lock()
        self._atual: Falha | None = None

    @property
    def atual(self) -> Falha | None:
        return self._atual

    def ligar(self, falha: Falha | None) -> None:
        with self._trava:
            self._atual = falha

    def tomar(self, momento: str) -> Falha | None:
        """The fault that strikes at this point of the dialogue, if any."""
        with self._trava:
            falha = self._atual
            if falha is None or MOMENTOS.get(falha.tipo, "corpo") != momento:
                return None
            resta = falha.mensagens - 1
            resto = Falha(falha.tipo, resta, falha.segundos)
            self._atual = resto if resta > 0 else None
            return falha


FALHAS = Falhas()
