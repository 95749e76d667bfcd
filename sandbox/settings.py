"""Settings of the sandbox process; it shares nothing with the application's."""

import os
import secrets
from pathlib import Path

if os.environ.get("AMBIENTE", "desenvolvimento") == "producao":
    raise SystemExit(
        "O simulador de provedores não inicia com AMBIENTE=producao: ele aceita uma "
        "chave conhecida e inventa mensagens. Use-o apenas em desenvolvimento e testes."
    )

PASTA = Path(__file__).resolve().parent

SANDBOX_CHAVE = os.environ.get("SANDBOX_CHAVE") or "sandbox"
SANDBOX_VELOCIDADE = float(os.environ.get("SANDBOX_VELOCIDADE") or 1)
# Where mail is taken in on 127.0.0.1, to be looked at under /correio/; 0 is nowhere.
SANDBOX_SMTP_PORTA = int(os.environ.get("SANDBOX_SMTP_PORTA") or 0)

SECRET_KEY = secrets.token_hex(32)
DEBUG = False
# Loopback names only: nobody else is meant to reach this process.
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
INSTALLED_APPS = ["lucide"]
DATABASES: dict[str, dict[str, str]] = {}
MIDDLEWARE = ["sandbox.protecao.protecao", "sandbox.waha.porta.porta"]
ROOT_URLCONF = "sandbox.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PASTA / "templates"],
        "OPTIONS": {"builtins": ["django.templatetags.static"]},
    }
]
# WAHA's own limit: media come as base64 in the body.
DATA_UPLOAD_MAX_MEMORY_SIZE = 50 * 2**20
STATIC_URL = "/static/"
APPEND_SLASH = False
LANGUAGE_CODE = "pt-br"
TIME_ZONE = "America/Sao_Paulo"
USE_TZ = True
USE_I18N = False
