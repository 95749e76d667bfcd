"""`uvicorn sandbox.asgi:application --port 8100`."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "sandbox.settings"

from django.core.asgi import get_asgi_application

from sandbox.correio.servidor import SERVIDOR
from sandbox.graph.semente import semear

application = get_asgi_application()
SERVIDOR.ligar()
semear()
