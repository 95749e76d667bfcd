"""How django-unfold looks here, and the looser policy that its pages need.

Imported by the settings: it may import nothing that needs them.
"""

from __future__ import annotations

from typing import Any, Final

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

# Alpine compiles the attributes of unfold's pages, which also carry inline styles. The
# rest of the product keeps the strict policy, and nothing comes from outside.
POLITICA: Final = {
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
}

# static/css/tokens.css, as the scale that unfold asks for.
_CINZAS: Final = {
    "50": "#f6f7fb",
    "100": "#eff1f7",
    "200": "#e4e7f0",
    "300": "#b6bcd2",
    "400": "#949bb6",
    "500": "#636b89",
    "600": "#4a5270",
    "700": "#3a4259",
    "800": "#262c3d",
    "900": "#151824",
    "950": "#0d0f17",
}
_INDIGOS: Final = {
    "50": "#eef0ff",
    "100": "#e3e5ff",
    "200": "#d5d8ff",
    "300": "#b0adff",
    "400": "#8f8aff",
    "500": "#7a73f5",
    "600": "#4f46e5",
    "700": "#4338ca",
    "800": "#383b78",
    "900": "#2a2c5c",
    "950": "#22244a",
}
_TEMAS: Final = {"claro": "light", "escuro": "dark"}


def tema(request: HttpRequest) -> str | None:
    """The theme that the person chose in the product; None leaves it to the device."""
    return _TEMAS.get(getattr(request.user, "tema", ""))


UNFOLD: Final[dict[str, Any]] = {
    "SITE_TITLE": _("Conexões · Administração"),
    "SITE_HEADER": _("Conexões"),
    "SITE_SUBHEADER": _("Administração"),
    "SITE_URL": "/",
    "SITE_ICON": lambda request: static("img/favicon.svg"),
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("img/favicon.svg"),
        },
    ],
    # The audit trail tells more, and nobody can change it.
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "THEME": tema,
    "BORDER_RADIUS": "10px",
    "STYLES": [
        lambda request: static("css/tokens.css"),
        lambda request: static("css/administracao.css"),
        lambda request: static("css/administracao_partes.css"),
    ],
    "COLORS": {"base": _CINZAS, "primary": _INDIGOS},
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "navigation": "conexoes.painel.navegacao.grupos",
    },
    "ACCOUNT": {"navigation": "conexoes.painel.navegacao.conta"},
}
