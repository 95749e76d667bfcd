"""What every answer of the sandbox carries, and who may press its buttons."""

from collections.abc import Awaitable, Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.decorators import async_only_middleware

POLITICA = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "media-src 'self'; frame-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
Resposta = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


@async_only_middleware
def protecao(seguinte: Resposta) -> Resposta:
    async def atender(request: HttpRequest) -> HttpResponseBase:
        # The control page has no log-in, so another site open in the same browser
        # must not be able to post to it. A link to the page is nobody's harm.
        de_fora = request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}
        if de_fora and request.method not in {"GET", "HEAD"}:
            return HttpResponse("Pedido vindo de outro site.", status=403)
        resposta = await seguinte(request)
        resposta.headers.setdefault("Content-Security-Policy", POLITICA)
        resposta["X-Content-Type-Options"] = "nosniff"
        resposta["Referrer-Policy"] = "no-referrer"
        return resposta

    return atender
