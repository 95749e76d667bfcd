"""Writing the answers of calls: never a 500 for what a caller said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import JSONRenderer


class RespostaEmJson(JSONRenderer):
    """JSON in UTF-8, and in ASCII where an error names what UTF-8 cannot write."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return super().render(data, accepted_media_type, renderer_context)
        except UnicodeEncodeError:
            # Half a character as the name of a field: JSON may say so, UTF-8 not.
            return _EmAscii().render(data, accepted_media_type, renderer_context)


class _EmAscii(JSONRenderer):
    ensure_ascii = True
