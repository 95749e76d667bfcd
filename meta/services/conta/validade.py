"""When an account's access ends by itself: foreseen, told in time, looked at daily.

A token of Facebook cannot be renewed by us: only a person's log-in makes a new one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conexoes import fila, idioma
from conexoes.graph import recusas
from conexoes.models import EventoPendente
from conexoes.notificacoes import Tom, notificar
from conexoes.provedores import Faixa
from conexoes.tenancy import na, sistema
from meta.models import ConexaoMeta
from meta.payloads import Inspecao
from meta.services import recados
from meta.services.aplicativo.clientes import aplicativo, cliente
from meta.services.conta.autorizacao import faltando
from meta.services.conta.reautorizacao import avisar, derrubar

log = logging.getLogger(__name__)

Status = ConexaoMeta.Status

# Days before the end at which people are reminded, once each for a token.
LEMBRETES: Final = (14, 7, 2)
DESTINO: Final = "meta.validade"
_REMOVIDO: Final = 458
_TOM: Final[dict[int, Tom]] = {14: "info", 7: "alerta", 2: "erro"}


@dataclass(frozen=True)
class Fim:
    """The next moment at which an account stops: its token's end, or (``dos_dados``)
    that of Meta's 90 days of people's data since somebody last authorised."""

    quando: datetime
    dos_dados: bool

    def lembrete(self, agora: datetime) -> int | None:
        """The smallest reminder whose day has come; None when it is far, or past."""
        faltam = self.quando - agora
        if faltam <= timedelta():
            return None
        vencidos = [dias for dias in LEMBRETES if faltam <= timedelta(days=dias)]
        return min(vencidos, default=None)

    def dias(self, agora: datetime) -> int:
        """Whole days until then, by the calendar that people read."""
        return (localtime(self.quando).date() - localtime(agora).date()).days


def fim_de(conexao: ConexaoMeta) -> Fim | None:
    """When the account's access ends by itself; None when nothing ends it."""
    fins = [
        Fim(quando, dos_dados)
        for quando, dos_dados in (
            (conexao.token_expires_at, False),
            (conexao.data_access_expires_at, True),
        )
        if quando is not None
    ]
    return min(fins, key=lambda fim: fim.quando, default=None)


def faixas(organizacao: Any) -> Iterator[Faixa]:
    """What must be done about the organisation's account, above its pages."""
    conexao = ConexaoMeta.da(organizacao).filter(deletado_em=None).first()
    if conexao is None:
        return
    if conexao.status != Status.ACTIVE:
        # Who removed our app at Facebook knows it: the card says so, nobody nags.
        if not conexao.revogada_na_meta:
            yield Faixa(
                "erro",
                _("O Facebook precisa ser conectado de novo."),
                idioma.traduzir(conexao.ultimo_erro),
                _("Reconectar"),
                reverse("meta:conectar"),
                envia=True,
            )
        return
    agora = timezone.now()
    fim = fim_de(conexao)
    if fim is None:
        return
    lembrete = fim.lembrete(agora)
    # What is over is said until Meta says it, or somebody renews: the end of people's
    # data leaves the token valid.
    if lembrete or fim.quando <= agora:
        yield Faixa(
            _TOM[lembrete or min(LEMBRETES)],
            _titulo(fim, agora),
            _o_que_para(),
            _("Renovar o acesso"),
            reverse("meta:conectar"),
            envia=True,
        )


def lembrar() -> int:
    """Remind of every access that ends soon; how many reminders were new."""
    agora = timezone.now()
    ate = agora + timedelta(days=max(LEMBRETES))
    acaba = Q(token_expires_at__lte=ate) | Q(data_access_expires_at__lte=ate)
    with sistema("fila"):
        proximas = list(_ativas().filter(acaba).only("pk", "organizacao_id"))
    return sum(_lembrar(conexao, agora) for conexao in proximas)


def pedir_conferencias() -> None:
    """Have Meta asked today about every account's token."""
    agora = timezone.now()
    with sistema("fila"):
        contas = list(_ativas().values_list("pk", "organizacao_id"))
    for chave, organizacao_id in contas:
        with na(organizacao_id):
            fila.guardar(
                organizacao_id,
                tipo="meta_validade",
                destino=DESTINO,
                chave=f"{DESTINO}:{chave}:{localtime(agora).date()}",
                payload={"conexao_id": str(chave)},
                conexao_id=chave,
                expira_em=agora + timedelta(days=1),
            )


def conferir(evento: EventoPendente) -> None:
    """Take over what Meta says of the token: its ends, what it may, whether it lives.

    Raises the client's errors: then nothing is known, and nothing changes.
    """
    organizacao_id = evento.organizacao_id
    with na(organizacao_id):
        vivas = _ativas(ConexaoMeta.da(organizacao_id))
        conexao = vivas.filter(pk=evento.payload["conexao_id"]).first()
    if conexao is None or not conexao.access_token:
        return
    assumir(conexao, cliente(urgente=False).inspecionar(conexao.access_token))


def assumir(conexao: ConexaoMeta, dita: Inspecao) -> bool:
    """Take over what Meta said of an account's token; whether it is good.

    Not of one that is another by now. Outside any transaction.
    """
    boa = dita.valido and dita.app_id in ("", aplicativo().identificador)
    with na(conexao.organizacao_id):
        travadas = ConexaoMeta.da(conexao.organizacao_id).select_for_update()
        agora = _ativas(travadas).filter(pk=conexao.pk).first()
        if agora is None or agora.versao_do_token != conexao.versao_do_token:
            # Somebody reconnected, or left, while Meta was answering.
            return boa
        if boa:
            _corrigir(agora, dita)
        else:
            removida = dita.subcodigo == _REMOVIDO
            derrubar(agora, _motivo(dita), removida=removida)
    return boa


def _corrigir(conexao: ConexaoMeta, dita: Inspecao) -> None:
    antes = _o_que_vale(conexao)
    conexao.token_expires_at = dita.expira_em or conexao.token_expires_at
    conexao.data_access_expires_at = dita.dados_ate or conexao.data_access_expires_at
    conexao.scopes = list(dita.scopes)
    conexao.scopes_faltando = list(faltando(dita.scopes))
    conexao.ultimo_sync = timezone.now()
    conexao.save()
    if _o_que_vale(conexao) != antes:
        log.info("meta_validade_corrigida", extra={"conexao_id": str(conexao.pk)})
        avisar(conexao.organizacao_id)


def _o_que_vale(conexao: ConexaoMeta) -> tuple[Any, ...]:
    return (
        conexao.token_expires_at,
        conexao.data_access_expires_at,
        sorted(conexao.scopes),
    )


def _motivo(dita: Inspecao) -> str:
    """Why Meta takes the token no more, in the words of any refused call."""
    recusa = recusas.Recusa(190, dita.subcodigo, "", "", False, "")
    erro = recusas.erro_de(recusa, nome="validade", status=200, repetivel=True)
    return erro.mensagem


def _lembrar(conexao: ConexaoMeta, agora: datetime) -> bool:
    with na(conexao.organizacao_id):
        travadas = ConexaoMeta.da(conexao.organizacao_id).select_for_update()
        atual = _ativas(travadas).filter(pk=conexao.pk).first()
        fim = fim_de(atual) if atual else None
        lembrete = fim.lembrete(agora) if fim else None
        if atual is None or fim is None or lembrete is None:
            return False
        if atual.ultimo_lembrete is not None and atual.ultimo_lembrete <= lembrete:
            return False
        atual.ultimo_lembrete = lembrete
        atual.save(update_fields=["ultimo_lembrete", "atualizado_em"])
        _contar(atual, fim, lembrete, agora)
        return True


def _contar(conexao: ConexaoMeta, fim: Fim, lembrete: int, agora: datetime) -> None:
    with idioma.guardando():
        titulo, texto = _titulo(fim, agora), _o_que_para()
    notificar(
        recados.responsaveis(conexao.organizacao_id),
        titulo=titulo,
        texto=texto,
        url=reverse("meta:pagina"),
        tom=_TOM[lembrete],
        # The last one waits for them: that mail is not to be switched off.
        tipo="queda" if lembrete == min(LEMBRETES) else "conexao",
        chave=f"{DESTINO}:{conexao.pk}:{conexao.versao_do_token}:{lembrete}",
        por_email=True,
    )


def _titulo(fim: Fim, agora: datetime) -> str:
    dias = fim.dias(agora)
    data = date_format(localtime(fim.quando), "SHORT_DATE_FORMAT")
    if fim.quando <= agora:
        return _("O acesso ao Facebook venceu (%(data)s).") % {"data": data}
    if dias <= 0:
        return _("O acesso ao Facebook vence hoje (%(data)s).") % {"data": data}
    return ngettext(
        "O acesso ao Facebook vence em %(dias)d dia (%(data)s).",
        "O acesso ao Facebook vence em %(dias)d dias (%(data)s).",
        dias,
    ) % {"dias": dias, "data": data}


def _o_que_para() -> str:
    return _(
        "Sem renovar, a lista de páginas não se atualiza mais e os leads só são lidos"
        " enquanto o Facebook aceitar o acesso próprio de cada página. O que ele"
        " recusar espera a conta voltar."
    )


def _ativas(de_quem: QuerySet[ConexaoMeta] | None = None) -> QuerySet[ConexaoMeta]:
    todas = ConexaoMeta.objects.all() if de_quem is None else de_quem
    return todas.filter(status=Status.ACTIVE, deletado_em=None)
