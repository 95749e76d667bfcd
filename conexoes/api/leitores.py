"""Reading the bodies of calls: never more than they may weigh, never a 500."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any, Final

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import DataAndFiles, JSONParser, MultiPartParser

from conexoes.api.erros import CorpoGrande
from conexoes.arquivos import MEGABYTE

JSON_MAXIMO: Final = MEGABYTE
# What the form around the files may weigh.
_FORMULARIO: Final = MEGABYTE


class CorpoEmJson(JSONParser):
    """JSON of at most ``JSON_MAXIMO`` bytes, however deep it is nested."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        lido = stream.read(JSON_MAXIMO + 1)
        if len(lido) > JSON_MAXIMO:
            raise CorpoGrande
        try:
            dados: dict[str, Any] = super().parse(
                BytesIO(lido), media_type, parser_context
            )
        except (ParseError, RecursionError):
            raise ParseError(_("O corpo não é um JSON válido.")) from None
        return dados


class Formulario(MultiPartParser):
    """A form with files, as heavy as the files of one answer may be."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> DataAndFiles[Any, Any]:
        maximo = settings.ARQUIVOS_ENVIADO_MB * MEGABYTE + _FORMULARIO
        request = (parser_context or {})["request"]
        if int(request.META.get("CONTENT_LENGTH") or 0) > maximo:
            raise CorpoGrande
        try:
            return super().parse(stream, media_type, parser_context)
        except ParseError:
            raise ParseError(_("O formulário não pôde ser lido.")) from None
