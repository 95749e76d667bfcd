"""The web: pages, API, webhooks and streams, served by uvicorn."""

import os
import warnings

from django.core.asgi import get_asgi_application

from conexoes import partida

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("PROCESSO", "web")

# WhiteNoise streams files from ordinary iterators; Django reads them in a thread.
warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous")

paginas = get_asgi_application()

from conexoes.portaria import Portaria  # noqa: E402 (needs the apps that are ready now)

application = Portaria(paginas)
partida.conferir()
