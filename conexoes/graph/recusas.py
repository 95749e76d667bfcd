"""What Graph's refusals mean: by ``error.code``, never by ``type`` or HTTP status.

A throttled call comes as HTTP 400, a dead token too, and ``type`` is nearly always
"OAuthException".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conexoes.erros import (
    CredencialInvalida,
    Demorou,
    DisjuntorAberto,
    ErroDoProvedor,
    ErroPermanente,
    ErroTransitorio,
    PermissaoInsuficiente,
    ResultadoIncerto,
)

_TRANSITORIOS: Final = {1, 2}
_LIMITES: Final = {4, 17, 32, 341, 613, 130429, 131056, *range(80000, 80015)}
_BLOQUEIO: Final = 368
_TOKEN: Final = {102, 190}
# 101: unknown app; 104: the proof is missing; 2635: this version is gone.
_APLICATIVO: Final = {101, 104, 2635}
_PERMISSAO: Final = {3, 10, *range(200, 300)}
# Codes of one log-in: used twice, or sent with another address of return.
_RECOMECAR: Final = {(100, 36007), (100, 36009), (191, 0)}

_LIMITE_S: Final = 60.0
# 613 without a subcode is protection against abuse, 368 a block for policy.
_ABUSO_S: Final = 3_600.0
_BLOQUEIO_S: Final = 6 * 3_600.0
_MENSAGEM_MAXIMA: Final = 300

_DO_TOKEN: Final = {
    458: gettext_lazy(
        "Quem conectou a conta removeu o aplicativo no Facebook. Conecte de novo"
        " para continuar."
    ),
    459: gettext_lazy(
        "O Facebook pede uma verificação de segurança: entre em facebook.com com a"
        " conta conectada, siga o que ele pede e reconecte aqui."
    ),
    460: gettext_lazy("A senha do Facebook foi trocada. Reconecte a conta."),
    463: gettext_lazy("O acesso ao Facebook venceu. Reconecte a conta."),
    464: gettext_lazy(
        "O Facebook não confirmou a conta conectada: entre em facebook.com, confirme"
        " a conta e reconecte aqui."
    ),
    467: gettext_lazy("O acesso ao Facebook foi encerrado. Reconecte a conta."),
    492: gettext_lazy(
        "A pessoa conectada não tem mais função na página do Facebook. Devolva a"
        " função e reconecte a conta."
    ),
}
_DO_CODIGO: Final = {
    1: gettext_lazy("O Facebook teve um erro passageiro."),
    2: gettext_lazy("O Facebook está indisponível por um momento."),
    506: gettext_lazy("O Facebook diz que isto já tinha sido enviado."),
    803: gettext_lazy(
        "O Facebook não conhece o que foi pedido: o ID está errado ou não existe mais."
    ),
    # The handshake of a webhook, which only who runs the installation can mend.
    2200: gettext_lazy(
        "A Meta chamou o nosso endereço e não recebeu a resposta que esperava. Confira"
        " se ele abre de fora, com https, e se o token de verificação é o desta"
        " instalação."
    ),
    2500: gettext_lazy(
        "O Facebook não conhece este endereço da API. A versão da Graph API"
        " configurada pode estar errada."
    ),
}
_SEM_OBJETO: Final = gettext_lazy(
    "O Facebook não encontra o que foi pedido, ou a conta conectada não tem acesso."
)
_MUITOS: Final = gettext_lazy(
    "Pedidos demais ao Facebook de uma vez: é preciso esperar um pouco."
)
_BLOQUEADO: Final = gettext_lazy(
    "O Facebook bloqueou esta ação por um tempo, pelas políticas dele. Tentaremos de"
    " novo em algumas horas; confira a qualidade da conta em facebook.com."
)
# Ours says what to do, which Meta's own words do not.
_SEMPRE_NOSSAS: Final = {2200}
# What each class says of Facebook where it gave no code.
PALAVRAS: Final = {
    ErroTransitorio: gettext_lazy("O Facebook não respondeu agora."),
    Demorou: gettext_lazy("O Facebook demorou demais para responder."),
    DisjuntorAberto: gettext_lazy("O Facebook está fora do ar."),
    ResultadoIncerto: gettext_lazy("O Facebook não confirmou se o pedido foi feito."),
    CredencialInvalida: gettext_lazy(
        "O Facebook não aceita mais o acesso desta conta. Reconecte a conta."
    ),
    PermissaoInsuficiente: gettext_lazy(
        "O Facebook não deu permissão para isto. Autorize o que falta e tente de novo."
    ),
    ErroPermanente: gettext_lazy("O Facebook recusou o pedido."),
}


@dataclass(frozen=True)
class Recusa:
    """Graph's ``error`` object; texts as Meta wrote them, numbers 0 when absent."""

    codigo: int
    subcodigo: int
    mensagem: str
    para_pessoas: str
    transitoria: bool
    fbtrace_id: str

    @property
    def falta_permissao(self) -> bool:
        """Also a 100 may say that a permission is missing; a 100/33 says "or"."""
        if self.codigo in _PERMISSAO:
            return True
        sem_escopo = "permission" in self.mensagem.lower() and self.subcodigo != 33
        return self.codigo == 100 and sem_escopo

    @property
    def culpa_do_app(self) -> bool:
        """Whether the installation's own app, secret or version is refused."""
        texto = self.mensagem.lower()
        if self.codigo in _APLICATIVO:
            return True
        if self.codigo == 100 and "appsecret_proof" in texto:
            return True
        return self.codigo in (1, 190) and "client secret" in texto


def ler_recusa(corpo: Any) -> Recusa | None:
    """The ``error`` inside an answer, None when there is none."""
    erro = corpo.get("error") if isinstance(corpo, dict) else None
    if not isinstance(erro, dict):
        return None
    return Recusa(
        _numero(erro.get("code")),
        _numero(erro.get("error_subcode")),
        str(erro.get("message") or ""),
        " ".join(str(erro.get("error_user_msg") or "").split()),
        erro.get("is_transient") is True,
        str(erro.get("fbtrace_id") or ""),
    )


def codigo(erro: ErroDoProvedor) -> tuple[int, int]:
    """Graph's (code, subcode) of an error, zeros where it gave none."""
    recusa = ler_recusa(erro.corpo)
    return (recusa.codigo, recusa.subcodigo) if recusa else (0, 0)


def sem_recusa(erro: ErroDoProvedor) -> ErroDoProvedor:
    """The transport's own verdict, without the body: no code came with it."""
    # An unread body may be anything; it stays out of the log.
    erro.detalhe = erro.detalhe.split(" HTTP ")[0] + (
        f" HTTP {erro.status}" if erro.status else ""
    )
    return erro


def erro_de(
    recusa: Recusa,
    *,
    nome: str,
    status: int,
    repetivel: bool,
    espera: float = 0.0,
    do_app: type[CredencialInvalida] = CredencialInvalida,
    como_app: bool = False,
) -> ErroDoProvedor:
    """The error of the tree for a refusal.

    ``espera`` (s) is what the usage headers asked for. ``do_app`` is raised when the
    installation's own app is refused, also by its token in a call made ``como_app``. A
    call that may have happened before it failed and is not ``repetivel`` becomes
    ``ResultadoIncerto``.
    """
    fatos: dict[str, Any] = {
        "detalhe": f"{nome}: HTTP {status} code {recusa.codigo}/{recusa.subcodigo}"
        f" {recusa.fbtrace_id}",
        "status": status,
        "corpo": {
            "error": {
                "code": recusa.codigo,
                "error_subcode": recusa.subcodigo,
                "message": recusa.mensagem,
                "fbtrace_id": recusa.fbtrace_id,
            }
        },
    }
    pausa = _pausa(recusa)
    if pausa:
        texto = str(_BLOQUEADO if recusa.codigo == _BLOQUEIO else _MUITOS)
        segundos = max(espera, pausa)
        return ErroTransitorio(texto, tentar_em=segundos, limitado=True, **fatos)
    if recusa.culpa_do_app or (como_app and recusa.codigo in _TOKEN):
        return do_app(_texto_do_app(recusa), **fatos)
    classe = _classe(recusa, repetivel)
    return classe(_texto(recusa, classe), **fatos)


def _pausa(recusa: Recusa) -> float:
    """How long to wait at least (s) when it was too much, else 0."""
    if recusa.codigo == _BLOQUEIO:
        return _BLOQUEIO_S
    if recusa.codigo == 613 and not recusa.subcodigo:
        return _ABUSO_S
    return _LIMITE_S if recusa.codigo in _LIMITES else 0.0


def _classe(recusa: Recusa, repetivel: bool) -> type[ErroDoProvedor]:
    if recusa.codigo in _TOKEN:
        return CredencialInvalida
    if recusa.transitoria or recusa.codigo in _TRANSITORIOS:
        return ErroTransitorio if repetivel else ResultadoIncerto
    if recusa.falta_permissao:
        return PermissaoInsuficiente
    return ErroPermanente


def _texto(recusa: Recusa, classe: type[ErroDoProvedor]) -> str:
    if recusa.codigo in _TOKEN and recusa.subcodigo in _DO_TOKEN:
        return str(_DO_TOKEN[recusa.subcodigo])
    if (recusa.codigo, recusa.subcodigo) in _RECOMECAR:
        return _("A autorização do Facebook já foi usada ou venceu. Comece de novo.")
    if recusa.para_pessoas and recusa.codigo not in _SEMPRE_NOSSAS:
        texto = recusa.para_pessoas[:_MENSAGEM_MAXIMA]
        return _("O Facebook recusou: %(texto)s") % {"texto": texto}
    if recusa.codigo in _DO_CODIGO:
        return str(_DO_CODIGO[recusa.codigo])
    if (recusa.codigo, recusa.subcodigo) == (100, 33):
        return str(_SEM_OBJETO)
    if classe is ErroPermanente and recusa.codigo:
        return _("O Facebook recusou o pedido (código %(codigo)d).") % {
            "codigo": recusa.codigo
        }
    return str(PALAVRAS[classe])


def _texto_do_app(recusa: Recusa) -> str:
    if recusa.codigo == 2635:
        return _("A versão da Graph API configurada não existe mais.")
    return _("O Facebook recusou o App ID ou o App Secret configurado.")


def _numero(valor: Any) -> int:
    try:
        return int(valor)
    except (TypeError, ValueError, OverflowError):
        return 0
