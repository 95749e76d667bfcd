"""What must hold before anything serves, in a process of its own for one clear word."""

from __future__ import annotations

import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured

from conexoes import partida


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        django.setup()
        partida.conferir()
    except ImproperlyConfigured as erro:
        sys.stderr.write(f"{erro}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
