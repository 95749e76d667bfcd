"""Going to Facebook's log-in, and what is made of who comes back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from conexoes.erros import ErroDeDominio
from conexoes.paciencia import alguem_espera
from meta.client import MetaClient
from meta.payloads import Inspecao, Pessoa, Token
from meta.services.aplicativo.clientes import aplicativo, cliente
from meta.services.aplicativo.credencial import redirect_uri

# What Lead Ads needs, and what each is for, to the person who is asked for it.
ESCOPOS: Final[dict[str, str | Promise]] = {
    "pages_show_list": gettext_lazy("ver a lista das suas páginas"),
    "pages_read_engagement": gettext_lazy("ler os formulários das páginas"),
    "pages_manage_metadata": gettext_lazy("inscrever as páginas para avisar de leads"),
    "leads_retrieval": gettext_lazy("ler os leads dos formulários"),
    "pages_manage_ads": gettext_lazy("ler todas as respostas de cada lead"),
    "ads_management": gettext_lazy("saber de que anúncio e campanha veio cada lead"),
    "business_management": gettext_lazy("ver as páginas do seu portfólio empresarial"),
}
_LOCALES: Final = {"pt-br": "pt_BR", "en": "en_US"}
_FOLGA: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Autorizada:
    """An account that said yes: its long-lived token and what it may do.

    ``expira_em`` None: the token has no end. ``em``: when it was asked for.
    """

    pessoa: Pessoa
    token: str = field(repr=False)
    expira_em: datetime | None
    dados_ate: datetime | None
    escopos: tuple[str, ...]
    em: datetime = field(default_factory=timezone.now)

    @property
    def faltando(self) -> tuple[str, ...]:
        return faltando(self.escopos)


def url_do_dialogo(state: str, *, de_novo: bool = False) -> str:
    """Facebook's log-in; ``de_novo`` asks again for what was declined.

    Raises ``ConexaoIndisponivel`` while the installation has no app.
    """
    app = aplicativo()
    versao = app.versao or settings.META_GRAPH_VERSION
    params = {
        "client_id": app.identificador,
        "redirect_uri": redirect_uri(),
        "state": state,
        "response_type": "code",
        "scope": ",".join(ESCOPOS),
        "locale": _LOCALES.get(get_language() or "", "pt_BR"),
    }
    if de_novo:
        params["auth_type"] = "rerequest"
    dialogo = settings.META_DIALOGO_URL.rstrip("/")
    return f"{dialogo}/{versao}/dialog/oauth?{urlencode(params)}"


@alguem_espera()
def concluir(code: str) -> Autorizada:
    """Trade the code of a log-in for the account behind it; once a code.

    All its calls share one deadline, since a browser waits for them. Raises
    ``ErroDeDominio`` for a token that is not ours, and the client's errors.
    """
    pedido_em = timezone.now()
    curto = cliente().trocar_codigo(code, redirect_uri())
    return _apurar(cliente().alongar(curto.valor), pedido_em)


def por_token(token: str) -> Autorizada:
    """The account of a token that a person pasted; errors as ``concluir``."""
    # Looked at before it is traded: nothing of ours is done with another app's token.
    _conferir(cliente().inspecionar(token))
    pedido_em = timezone.now()
    return _apurar(cliente().alongar(token), pedido_em)


def faltando(escopos: Iterable[str]) -> tuple[str, ...]:
    """What Lead Ads needs and was not granted."""
    concedidos = set(escopos)
    return tuple(escopo for escopo in ESCOPOS if escopo not in concedidos)


def em_palavras(escopos: Iterable[str]) -> list[str]:
    """What missing scopes are for; one that we do not know by its name."""
    return [str(ESCOPOS.get(escopo, escopo)) for escopo in escopos]


def _apurar(longo: Token, pedido_em: datetime) -> Autorizada:
    da_conta: MetaClient = cliente(longo.valor)
    inspecao = da_conta.inspecionar(longo.valor)
    _conferir(inspecao)
    pessoa = da_conta.eu()
    permissoes = da_conta.permissoes()
    # A system user has no permissions to list: its token says what it may.
    escopos = [e for e, como in permissoes.items() if como == "granted"]
    return Autorizada(
        pessoa=pessoa,
        token=longo.valor,
        expira_em=inspecao.expira_em or _fim(longo, pedido_em),
        dados_ate=inspecao.dados_ate,
        escopos=tuple(escopos if permissoes else inspecao.scopes),
        em=pedido_em,
    )


def _conferir(inspecao: Inspecao) -> None:
    if not inspecao.valido:
        raise ErroDeDominio(_("O Facebook diz que este acesso não vale mais."))
    # Valid and of somebody else's app: taken, it would let them in here.
    if inspecao.app_id != aplicativo().identificador:
        raise ErroDeDominio(
            _("Este acesso foi dado a outro aplicativo, e não a este sistema.")
        )
    if inspecao.tipo not in ("USER", "SYSTEM_USER"):
        raise ErroDeDominio(
            _("Este não é um token de usuário. Gere um token de usuário no Facebook.")
        )


def _fim(token: Token, pedido_em: datetime) -> datetime | None:
    if token.expira_em_s is None:
        return None
    return pedido_em + timedelta(seconds=token.expira_em_s) - _FOLGA
