#!/usr/bin/env python
"""Django's command line. Commands on schema and people log in as the owner."""

import os
import sys

from django.core.management import execute_from_command_line

COMANDOS_DO_DONO = {
    "changepassword",
    "createsuperuser",
    "makemigrations",
    "migrate",
    "showmigrations",
    "sqlmigrate",
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if COMANDOS_DO_DONO.intersection(sys.argv[1:2]):
        os.environ["BANCO_COMO_DONO"] = "1"
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
