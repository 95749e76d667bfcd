"""Logging: one ``key=value`` line per event on stderr, with secrets taken out.

Log calls name an event and give facts as ``extra``; they never pass a token, phone,
text or body. The redaction here is the second net, for what a library or a mistake
lets through.
"""

from __future__ import annotations

import logging
import re
from typing import Any, Final

import structlog
from structlog.typing import EventDict, WrappedLogger

REMOVIDO: Final = "***"

_NOMES: Final = (
    r"authorization|cookie|apikey|[\w-]{0,40}[_-]key|[\w-]{0,40}token|"
    r"[\w-]{0,40}secret|segredo|password|passwd|senha|x-webhook-hmac|"
    r"x-hub-signature(?:-256)?"
)
_CHAVE_SECRETA: Final = re.compile(rf"(?:{_NOMES})(?:_encrypted)?", re.IGNORECASE)

# In this order: what names itself, then what is known by its look.
_PADROES: Final = tuple(
    re.compile(padrao, re.IGNORECASE)
    for padrao in (
        # key=value, key: value, "key": "value", with an optional Bearer or Basic
        rf"(?P<nome>\b(?:{_NOMES})\b[\\\"']*\s*[:=]\s*[\\\"']*)"
        r"(?:(?:bearer|basic|api-key)\s+)?[^\s\"'\\&,;}\])]+",
        r"(?P<nome>\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}",
        # what an OAuth redirect carries
        r"(?P<nome>[?&](?:code|state)=)[^\s&\"']+",
        # links that open an account
        r"(?P<nome>/conta/(?:convite|senha/nova)/)[^\s/\"']+",
        # API keys of ours, and JWTs
        r"(?P<nome>\bcnx_)[0-9a-f]{10}_[\w-]+",
        r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]+",
        # password in a URL: postgresql://role:secret@host
        r"(?P<nome>://[^\s:/@]*:)[^\s@/]+(?=@)",
        # envelopes of the vault
        r"\bv1\.[\w-]{1,32}\.[\w-]{20,}",
        # e-mail addresses and WhatsApp ids (5511...@c.us)
        r"[\w.+-]{1,64}@(?:lid\b|[\w-]{1,63}(?:\.[\w-]{1,63})+)",
        # CPF
        r"(?<![\w.])\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)",
        # phones: international, Brazilian with or without punctuation; a bare run of
        # eleven digits is a mobile number or a CPF
        r"(?<![\w])\+\d[\d\s().-]{6,18}\d",
        # (with the country code also old mobile numbers of eight digits)
        r"(?<![\w.-])(?:55[\s-]?\(?[1-9]{2}\)?[\s-]?(?:9\d{4}|[2-9]\d{3})|"
        r"\(?[1-9]{2}\)?[\s-]?(?:9\d{4}|[2-5]\d{3}))"
        r"[\s-]?\d{4}(?![\w-])",
        r"(?<![\w.-])\d{11}(?![\w-])",
    )
)

# A line break in a value would let it forge a line of its own.
_CONTROLES: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def redigir(texto: str) -> str:
    """``texto`` without credentials, e-mail addresses, Brazilian phones and CPFs."""
    for padrao in _PADROES:
        texto = padrao.sub(_apagar, texto)
    return texto


def formatador() -> logging.Formatter:
    """The formatter of every line: facts in order, escaped and redacted."""
    return _Formatador(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _limpar,
            structlog.processors.LogfmtRenderer(
                key_order=["timestamp", "level", "logger", "event"],
                drop_missing=True,
                bool_as_flag=False,
            ),
        ],
    )


class _Formatador(structlog.stdlib.ProcessorFormatter):
    def format(self, record: logging.LogRecord) -> str:
        return _CONTROLES.sub(_escapar, redigir(super().format(record)))


class SemRastro(logging.Filter):
    """A request that was refused, and did not fail, is no bug to trace."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.ERROR:
            record.exc_info = None
        return True


def _limpar(_: WrappedLogger, __: str, fatos: EventDict) -> EventDict:
    """Drop values whose key says that they are secret, and tame odd keys."""
    return {
        re.sub(r"[\s=\"]", "_", str(chave)): REMOVIDO
        if _CHAVE_SECRETA.fullmatch(str(chave))
        else valor
        for chave, valor in fatos.items()
    }


def _escapar(achado: re.Match[str]) -> str:
    return achado[0].encode("unicode_escape").decode()


def _apagar(achado: re.Match[str]) -> str:
    return achado.groupdict().get("nome", "") + REMOVIDO


CONFIGURACAO: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"linha": {"()": formatador}},
    "filters": {"sem_rastro": {"()": SemRastro}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "linha"},
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    # Libraries that bring handlers of their own lose them here: one way out, redacted.
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.request": {"filters": ["sem_rastro"]},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        "django.db.backends": {"level": "INFO"},
        "uvicorn": {"handlers": [], "level": "INFO", "propagate": True},
        "uvicorn.error": {"handlers": [], "level": "INFO", "propagate": True},
        # Paths and query strings may carry phones and tokens.
        "uvicorn.access": {"handlers": [], "level": "WARNING", "propagate": True},
        "urllib3": {"level": "WARNING"},
        "celery": {"handlers": [], "level": "INFO", "propagate": True},
        # A sweep every two seconds would bury everything else.
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
    },
}
