"""The Celery app: doorbells and the clock. PostgreSQL holds the work itself."""

import os
import sys
import traceback
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import celeryd_init

from conexoes import partida

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

aplicacao = Celery("conexoes")
aplicacao.config_from_object("django.conf:settings", namespace="CELERY")
aplicacao.autodiscover_tasks()
aplicacao.conf.task_routes = {
    "conexoes.alertar": {"queue": "saida"},
    "conexoes.drenar_saida": {"queue": "saida"},
    "meta.conferir": {"queue": "saida"},
    "meta.ler_formularios": {"queue": "saida"},
    "meta.vigiar": {"queue": "saida"},
    "meta.esquecer_pedidos": {"queue": "saida"},
    "whatsapp.vigiar": {"queue": "saida"},
}
aplicacao.conf.beat_schedule = {
    # Finds rows whose bell was lost; the answer to a flushed or dead broker.
    f"varrer_{fila}": {
        "task": "conexoes.varrer",
        "schedule": 2.0,
        "args": [fila],
        "options": {"queue": fila, "expires": 4},
    }
    for fila in ("entrada", "saida")
} | {
    # What webhooks did not tell, the monitor finds out; a late look is no use.
    "vigiar_whatsapp": {
        "task": "whatsapp.vigiar",
        "schedule": 60.0,
        "options": {"queue": "saida", "expires": 55},
    },
    # A page that stopped telling of its leads is made to tell again.
    "vigiar_meta": {
        "task": "meta.vigiar",
        "schedule": crontab(minute="17"),
        "options": {"queue": "saida", "expires": 3000},
    },
    # Questions are added to forms at Meta, which tells nobody.
    "ler_formularios": {
        "task": "meta.ler_formularios",
        "schedule": crontab(minute="41", hour="*/6"),
        "options": {"queue": "saida", "expires": 3000},
    },
    # Begins read-backs of lead forms; each form has its own turn.
    "conferir_leads": {
        "task": "meta.conferir",
        "schedule": 60.0,
        "options": {"queue": "saida", "expires": 55},
    },
    # A mail that could not go out is tried again; its row remembers it.
    "alertar": {
        "task": "conexoes.alertar",
        "schedule": 60.0,
        "options": {"queue": "saida", "expires": 55},
    },
    # Who asked Meta to be forgotten here.
    "esquecer_pedidos": {
        "task": "meta.esquecer_pedidos",
        "schedule": 60.0,
        "options": {"queue": "saida", "expires": 55},
    },
    # What Meta says of each token, before people are reminded of its end.
    "conferir_validade": {
        "task": "meta.conferir_validade",
        "schedule": crontab(hour="6", minute="10"),
    },
    "lembrar": {"task": "meta.lembrar", "schedule": crontab(hour="9", minute="5")},
    # At night, and again in the next one if nobody was there to do it.
    "reter": {"task": "conexoes.reter", "schedule": crontab(hour="3", minute="20")},
}


@celeryd_init.connect
def conferir_partida(**_: Any) -> None:
    """A worker with the wrong key or database role must not begin to work.

    Celery swallows what a receiver raises, except a SystemExit.
    """
    try:
        partida.conferir()
    except Exception as erro:
        sys.stderr.writelines(traceback.format_exception_only(erro))
        raise SystemExit(1) from erro
