"""Every setting in one file, read from the environment; a bad value fails loudly."""

from datetime import timedelta
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from conexoes import cabecalhos, registro
from conexoes.api import configuracao
from conexoes.painel import aparencia

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

# --- Project ---------------------------------------------------------------
AMBIENTE = env.str("AMBIENTE", "desenvolvimento")
if AMBIENTE not in ("desenvolvimento", "producao"):
    raise ImproperlyConfigured("AMBIENTE é desenvolvimento ou producao.")
PRODUCAO = AMBIENTE == "producao"
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
# Where providers reach us: the base of every webhook URL that we hand out.
URL_PUBLICA = env.str("URL_PUBLICA", "http://127.0.0.1:8000").rstrip("/")
# Which process this is ("web" or ""); the web alone pools its connections.
PROCESSO = env.str("PROCESSO", "")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "conexoes.painel.apps.PainelConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "rest_framework_simplejwt",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_cotton",
    "lucide",
    "conexoes",
    "crm",
    "whatsapp",
    "meta",
]

MIDDLEWARE = [
    "conexoes.webhooks.AtalhoDeWebhook",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "conexoes.cabecalhos.CabecalhosDeSeguranca",
    "conexoes.api.middleware.ErrosDaApi",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "conexoes.middleware.TenancyMiddleware",
    "conexoes.idioma.IdiomaMiddleware",
    "conexoes.segundo_fator.SegundoFatorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "config.urls"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "crm.contexto.casca",
            ],
            "builtins": ["conexoes.templatetags.icones"],
        },
    }
]
COTTON_DIR = "componentes"

# --- Database --------------------------------------------------------------
# DATABASE_URL logs in as conexoes_app, which row-level security binds;
# DATABASE_OWNER_URL as conexoes_dono, which owns the tables and only migrates.
_como_dono = env.bool("BANCO_COMO_DONO", False)
_limite_ms = 5_000 if PROCESSO == "web" else 60_000
DATABASES = {
    "default": env.db_url("DATABASE_OWNER_URL" if _como_dono else "DATABASE_URL")
}
# A pooled connection may be older than the last restart of PostgreSQL.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["OPTIONS"] = {
    "options": ""
    if _como_dono
    else f"-c statement_timeout={_limite_ms} -c lock_timeout=2000"
    " -c idle_in_transaction_session_timeout=60000",
}
if PROCESSO == "web":
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 2,
        "max_size": env.int("POOL_MAXIMO", 20),
        "timeout": 5,
    }
DATABASE_OWNER_URL = env.str("DATABASE_OWNER_URL", "")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis, Celery ---------------------------------------------------------
REDIS_URL = env.str("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "conexoes.cache.CacheTolerante",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
    }
}

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than any task (a drainer stops after 20 s), or Redis delivers it twice.
    "visibility_timeout": 900,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
}
CELERY_TASK_DEFAULT_QUEUE = "entrada"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TIMEZONE = "America/Sao_Paulo"

# --- Secrets at rest -------------------------------------------------------
INTEGRATIONS_KEY = env.str("INTEGRATIONS_KEY", "")

# --- People ----------------------------------------------------------------
AUTH_USER_MODEL = "crm.Usuario"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{nome}"}
    for nome in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "inicio"
# Where a super admin who chose no organisation yet is sent.
URL_SEM_ORGANIZACAO = "crm:organizacoes"
ACCOUNT_ADAPTER = "crm.contas.Adaptador"
ACCOUNT_FORMS = {
    "login": "crm.contas.EntrarForm",
    "reset_password": "crm.contas.EsqueciForm",
    "change_password": "crm.contas.MudarSenhaForm",
    "reset_password_from_key": "crm.contas.NovaSenhaForm",
}
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Conexões] "
ACCOUNT_RATE_LIMITS = {"login_failed": "5/5m/key,20/5m/ip"}
MFA_ADAPTER = "crm.contas.AdaptadorDeDuasEtapas"
MFA_TOTP_ISSUER = "Conexões"
MFA_TOTP_TOLERANCE = 1  # half minutes that a phone's clock may be off
# Reverse proxies before us: the rate limits read the address behind them.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("PROXIES_CONFIAVEIS", 0)

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = URL_PUBLICA.startswith("https://")
CSRF_TRUSTED_ORIGINS = [URL_PUBLICA]
CSRF_FAILURE_VIEW = "conexoes.views.formulario_vencido"

EMAIL_URL = env.str("EMAIL_URL", "")
EMAIL_CONFIG = env.email_url_config(EMAIL_URL or "consolemail://")
if EMAIL_CONFIG["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend":
    # The same, with a deadline for the whole send.
    EMAIL_CONFIG["EMAIL_BACKEND"] = "conexoes.correio.ServidorComPrazo"
vars().update(EMAIL_CONFIG)
# Connecting, in seconds; what follows has limits of its own.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("EMAIL_REMETENTE", "Conexões <nao-responda@localhost>")

# --- API -------------------------------------------------------------------
REST_FRAMEWORK = configuracao.rest_framework(ALLAUTH_TRUSTED_PROXY_COUNT)
SPECTACULAR_SETTINGS = configuracao.openapi(
    StatusDaSessao="whatsapp.models.SessaoWhatsapp.Status",
    StatusDaMensagem="crm.models.Mensagem.Status",
    StatusDaMidia="crm.models.Midia.Status",
    StatusDaOportunidade="crm.models.Oportunidade.Status",
    StatusDoLead="meta.models.LeadCapturado.Status",
    StatusDaImportacao="meta.models.LeituraDeLeads.Status",
)
# Calls a second of one organisation; one person or key has half of them.
API_POR_SEGUNDO = env.int("API_POR_SEGUNDO", 20)
SIMPLE_JWT = configuracao.SIMPLE_JWT

# --- Language, time, numbers -----------------------------------------------
# The texts in the code are Portuguese; a person may choose another of these.
LANGUAGE_CODE = "pt-br"
LANGUAGES = [("pt-br", "Português (Brasil)"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "config.formatos"
TIME_ZONE = "America/Sao_Paulo"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

# --- Static files, browser -------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Served from where they are: nothing has to be collected.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
CONTENT_SECURITY_POLICY = cabecalhos.POLITICA
UNFOLD = aparencia.UNFOLD
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("ATRAS_DE_PROXY", False) else None
)
SECURE_HSTS_SECONDS = 31_536_000 if SESSION_COOKIE_SECURE else 0
X_FRAME_OPTIONS = "DENY"

# --- Files -----------------------------------------------------------------
# What people send each other: private, never under a public address. Every process
# of the installation sees the same folder.
ARQUIVOS_DIR = env.str("ARQUIVOS_DIR", "") or str(BASE_DIR / "var" / "arquivos")
# The largest file taken from a provider, and the most that one answer may carry: WAHA
# takes it as base64 in a JSON of up to 50 MB.
ARQUIVOS_RECEBIDO_MB = env.int("ARQUIVOS_RECEBIDO_MB", 64)
ARQUIVOS_ENVIADO_MB = env.int("ARQUIVOS_ENVIADO_MB", 32)

# --- Log -------------------------------------------------------------------
LOGGING = registro.CONFIGURACAO

# --- WhatsApp --------------------------------------------------------------
# Seconds between two sends of one number: to the same chat, and (at random between
# these two) to different ones. 0 switches either off.
WHATSAPP_RAJADA_S = env.float("WHATSAPP_RAJADA_S", 1.2)
WHATSAPP_ENTRE_CONVERSAS_S = env.list(
    "WHATSAPP_ENTRE_CONVERSAS_S", cast=float, default=[3.0, 6.0]
)
if len(WHATSAPP_ENTRE_CONVERSAS_S) != 2:
    raise ImproperlyConfigured("WHATSAPP_ENTRE_CONVERSAS_S são dois números: 3,6.")
# The longest that "digitando…" is shown before a text, up to 2 s; 0 never shows it.
WHATSAPP_DIGITANDO_S = min(env.float("WHATSAPP_DIGITANDO_S", 1.0), 2.0)
# Whether customers see that they were read here; an organisation may choose otherwise.
CONFIRMA_LEITURA = env.bool("CONFIRMA_LEITURA", True)
# New conversations that one number may begin a day; a young connection starts with
# fewer and reaches the whole number after so many days.
WHATSAPP_NOVAS_POR_DIA = env.int("WHATSAPP_NOVAS_POR_DIA", 30)
WHATSAPP_NOVAS_NO_COMECO = env.int("WHATSAPP_NOVAS_NO_COMECO", 10)
WHATSAPP_DIAS_DE_AQUECIMENTO = env.int("WHATSAPP_DIAS_DE_AQUECIMENTO", 7)
# Seconds without any event before a connected session is asked whether it is deaf.
WHATSAPP_SILENCIO_S = env.int("WHATSAPP_SILENCIO_S", 600)

# --- Sandbox ---------------------------------------------------------------
# Address and key of the provider simulator; an empty address hides it everywhere.
SANDBOX_URL = "" if PRODUCAO else env.str("SANDBOX_URL", "").rstrip("/")
SANDBOX_CHAVE = env.str("SANDBOX_CHAVE", "")
# Shows the demo log-ins on the log-in page.
DEMONSTRACAO = not PRODUCAO and env.bool("DEMONSTRACAO", bool(SANDBOX_URL))

# --- Meta ------------------------------------------------------------------
# Graph's version while the super admin chose none; where Graph and the log-in are.
META_GRAPH_VERSION = env.str("META_GRAPH_VERSION", "v25.0")
_graph, _dialogo = (
    (f"{SANDBOX_URL}/graph", f"{SANDBOX_URL}/facebook")
    if SANDBOX_URL
    else ("https://graph.facebook.com", "https://www.facebook.com")
)
META_GRAPH_URL = (env.str("META_GRAPH_URL", "") or _graph).rstrip("/")
META_DIALOGO_URL = (env.str("META_DIALOGO_URL", "") or _dialogo).rstrip("/")
