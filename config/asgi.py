"""The web: pages, API, webhooks and streams, served by uvicorn."""

import os

from django.core.asgi import get_asgi_application

from conexoes import partida

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("PROCESSO", "web")

application = get_asgi_application()
partida.conferir()
