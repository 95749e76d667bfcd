"""Single values of Meta's JSON: ids, times, texts kept as they came."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

ID_MAXIMO: Final = 50
NOME_MAXIMO: Final = 255


def id_de(valor: Any) -> str:
    """An id as text, "" for what is none. Some sources write it as a number."""
    if isinstance(valor, int) and not isinstance(valor, bool):
        valor = str(valor) if 0 <= valor < 10**ID_MAXIMO else ""
    if not isinstance(valor, str) or not valor.isascii() or not valor.isalnum():
        return ""
    return valor if len(valor) <= ID_MAXIMO else ""


def anuncio_de(valor: Any) -> str:
    """The id of an ad, an ad set or a campaign; organic leads say 0 or nothing."""
    lido = id_de(valor)
    return "" if lido == "0" else lido


def cru(valor: Any) -> Any:
    """A value verbatim, except for what PostgreSQL cannot hold (NUL, surrogates).

    Nothing is normalised: the key of a question is compared letter for letter.
    """
    if isinstance(valor, str):
        return valor.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
    if isinstance(valor, list):
        return [cru(item) for item in valor]
    if isinstance(valor, dict):
        return {cru(chave): cru(item) for chave, item in valor.items()}
    return valor


def momento(valor: Any) -> datetime | None:
    """A time: unix seconds in a delivery, ISO 8601 with +0000 in an object."""
    if isinstance(valor, str) and valor.isascii() and valor.isdecimal():
        valor = int(valor[:20])
    try:
        if isinstance(valor, str):
            lido = datetime.fromisoformat(valor)
            return lido if lido.tzinfo else lido.replace(tzinfo=UTC)
        if isinstance(valor, int | float) and not isinstance(valor, bool) and valor > 0:
            return datetime.fromtimestamp(valor, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def textos(valor: Any) -> tuple[str, ...]:
    """The texts of a list, whatever else it holds."""
    if not isinstance(valor, list):
        return ()
    return tuple(cru(item) for item in valor if isinstance(item, str))


def objetos(valor: Any) -> list[dict[str, Any]]:
    """The objects of a list, whatever else it holds."""
    if not isinstance(valor, list):
        return []
    return [item for item in valor if isinstance(item, dict)]
