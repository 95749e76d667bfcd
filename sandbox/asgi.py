"""`uvicorn sandbox.asgi:application --port 8100`."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "sandbox.settings"

from django.core.asgi import get_asgi_application

application = get_asgi_application()
