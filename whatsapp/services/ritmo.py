"""The pace of one number: distance between its sends, and new conversations a day.

WhatsApp restricts numbers that look like mass senders. Answers to people who wrote
are never counted, only kept apart.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models import Min, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conexoes import arrendamento
from conexoes.erros import AindaNao
from conexoes.models import EventoPendente
from crm.models import Conversa, Mensagem
from whatsapp.models import PeriodoDaSessao, SessaoWhatsapp

# What a row that waits a moment says; too short a wait to be worth telling a person.
BREVE: Final = gettext_lazy("Sai em instantes.")
_AGUARDANDO: Final = gettext_lazy("Aguardando a vez para não parecer disparo em massa.")
_ESPERA_BREVE: Final = timedelta(seconds=10)
# A place in the line that was missed by more than this is lost: after an outage all
# would be due at once.
_TOLERANCIA: Final = timedelta(seconds=30)
_MEMORIA_S: Final = 60
# Nobody gets the first message of a company in the middle of the night.
_HORA_DE_SAIR: Final = 8

# The earliest moment is moved and read in one statement: two workers never get the
# same place. What is kept is the end of the distance to the same chat.
_RESERVAR: Final = """
UPDATE sessoes_whatsapp
SET proximo_envio_em = make_interval(secs => %(rajada)s) + GREATEST(
    %(agora)s, proximo_envio_em + make_interval(secs => %(outra)s)
)
WHERE organizacao_id = %(organizacao)s AND id = %(sessao)s
RETURNING proximo_envio_em - make_interval(secs => %(rajada)s)
"""


@dataclass(frozen=True)
class Cota:
    """New conversations of one number today: begun, allowed, and when it reopens."""

    usadas: int
    limite: int
    reabre_em: datetime
    aquecendo: bool

    @property
    def esgotada(self) -> bool:
        return self.usadas >= self.limite


def cota_de_hoje(sessao: SessaoWhatsapp) -> Cota:
    """How many conversations the number began today, and how many it may begin."""
    hoje = _inicio_do_dia()
    limite = _limite(sessao)
    return Cota(
        usadas=_iniciadas(sessao, desde=hoje).count(),
        limite=limite,
        reabre_em=hoje + timedelta(days=1),
        aquecendo=limite < settings.WHATSAPP_NOVAS_POR_DIA,
    )


def impedimento_de_novas(sessao: SessaoWhatsapp) -> str:
    """Why the number may begin no conversation now, in words; "" when it may."""
    cota = cota_de_hoje(sessao)
    if not cota.esgotada:
        return ""
    return _(
        "Este número já começou %(usadas)d de %(limite)d conversas novas hoje. O "
        "limite protege o número de um bloqueio e reabre amanhã, à meia-noite. "
        "Responder a quem já escreveu continua liberado."
    ) % {"usadas": cota.usadas, "limite": cota.limite}


def impedimento(conversa: Conversa) -> str:
    """Why nothing may be said first in ``conversa`` now; "" once anybody spoke."""
    comecada = conversa.ultima_direcao or conversa.iniciada_por_nos_em
    if comecada or conversa.conexao_id is None:
        return ""
    sessao = (
        SessaoWhatsapp.da(conversa.organizacao_id)
        .filter(pk=conversa.conexao_id)
        .first()
    )
    return impedimento_de_novas(sessao) if sessao else ""


def adiamento(
    evento: EventoPendente, sessao: SessaoWhatsapp, conversa: Conversa
) -> AindaNao | None:
    """Why this send has to wait, or None: it may go now, and its place is taken.

    Returned, not raised, because the place is kept by the open transaction.
    """
    return _pela_cota(sessao, conversa) or _pela_distancia(evento, sessao, conversa)


def _pela_cota(sessao: SessaoWhatsapp, conversa: Conversa) -> AindaNao | None:
    """Hold the first message of a conversation that is one too many today."""
    if conversa.iniciada_por_nos_em is None or _ja_comecou(conversa):
        return None
    # The connection is locked before the conversation, as everywhere.
    list(_linha(sessao).select_for_update().values_list("pk"))
    hoje = _inicio_do_dia()
    if conversa.iniciada_por_nos_em < hoje:
        # It waited since another day: it counts on the day on which it goes out.
        conversa.iniciada_por_nos_em = timezone.now()
        Conversa.da(conversa.organizacao_id).filter(pk=conversa.pk).update(
            iniciada_por_nos_em=conversa.iniciada_por_nos_em
        )
    em = conversa.iniciada_por_nos_em
    antes = Q(iniciada_por_nos_em__lt=em) | Q(
        iniciada_por_nos_em=em, pk__lt=conversa.pk
    )
    limite = _limite(sessao)
    if _iniciadas(sessao, desde=hoje).filter(antes).count() < limite:
        return None
    return AindaNao(
        hoje + timedelta(days=1, hours=_HORA_DE_SAIR),
        _(
            "Este número chegou ao limite diário de conversas novas (%(limite)d). A "
            "mensagem sai amanhã, a partir das %(hora)dh."
        )
        % {"limite": limite, "hora": _HORA_DE_SAIR},
    )


def _pela_distancia(
    evento: EventoPendente, sessao: SessaoWhatsapp, conversa: Conversa
) -> AindaNao | None:
    agora = timezone.now()
    marcada = _marcada(evento, agora)
    vez = marcada or _reservar(sessao, conversa, agora)
    if vez <= agora:
        return None
    if vez != marcada:
        # Waiting spends no attempt: one that was made needs another place.
        evento.payload |= {"vez": vez.isoformat(), "tentativa": evento.tentativas}
        arrendamento.gravar(evento, payload=evento.payload)
    longa = vez - agora > _ESPERA_BREVE
    return AindaNao(vez, str(_AGUARDANDO if longa else BREVE))


def _marcada(evento: EventoPendente, agora: datetime) -> datetime | None:
    """The place in the line that the row was given before, if it still holds."""
    if evento.payload.get("tentativa") != evento.tentativas:
        return None
    vez = datetime.fromisoformat(evento.payload["vez"])
    return vez if vez >= agora - _TOLERANCIA else None


def _reservar(sessao: SessaoWhatsapp, conversa: Conversa, agora: datetime) -> datetime:
    """The number's next free moment; it is this send's from now on."""
    rajada = settings.WHATSAPP_RAJADA_S
    entre = settings.WHATSAPP_ENTRE_CONVERSAS_S
    if not rajada and not any(entre):
        return agora
    # A hint is enough: forgotten, the same chat waits as long as another would.
    lembranca = f"whatsapp:ultima_conversa:{sessao.pk}"
    mesma = cache.get(lembranca) == str(conversa.pk)
    outra = 0.0 if mesma else max(random.uniform(*entre) - rajada, 0.0)
    with connection.cursor() as cursor:
        cursor.execute(
            _RESERVAR,
            {
                "agora": agora,
                "rajada": rajada,
                "outra": outra,
                "organizacao": sessao.organizacao_id,
                "sessao": sessao.pk,
            },
        )
        [[vez]] = cursor.fetchall()
    cache.set(lembranca, str(conversa.pk), _MEMORIA_S)
    reservada: datetime = vez
    return reservada


def _limite(sessao: SessaoWhatsapp) -> int:
    """The day's budget; it grows from a young connection's to the whole one."""
    pleno: int = settings.WHATSAPP_NOVAS_POR_DIA
    dias: int = settings.WHATSAPP_DIAS_DE_AQUECIMENTO
    comeco = min(settings.WHATSAPP_NOVAS_NO_COMECO, pleno)
    ligada = timezone.localtime(_ligada_desde(sessao))
    idade = (timezone.localdate() - ligada.date()).days
    if idade >= dias:
        return pleno
    return int(comeco + (pleno - comeco) * max(idade, 0) // dias)


def _ligada_desde(sessao: SessaoWhatsapp) -> datetime:
    """When the number was connected for the first time, as far as we remember."""
    if sessao.numero_desde:
        return sessao.numero_desde
    periodos = PeriodoDaSessao.da(sessao.organizacao_id).filter(
        sessao=sessao, status=SessaoWhatsapp.Status.CONNECTED
    )
    primeiro: datetime | None = periodos.aggregate(em=Min("inicio_em"))["em"]
    return min(filter(None, (primeiro, sessao.conectado_em)), default=timezone.now())


def _iniciadas(sessao: SessaoWhatsapp, *, desde: datetime) -> QuerySet[Conversa]:
    return Conversa.da(sessao.organizacao_id).filter(
        conexao_id=sessao.pk, iniciada_por_nos_em__gte=desde
    )


def _ja_comecou(conversa: Conversa) -> bool:
    """Whether the customer wrote, or something of ours is out already."""
    fora = Q(direcao=Mensagem.Direcao.ENTRADA) | ~Q(id_externo="")
    mensagens = Mensagem.da(conversa.organizacao_id).filter(conversa=conversa)
    return mensagens.filter(fora).exists()


def _linha(sessao: SessaoWhatsapp) -> QuerySet[SessaoWhatsapp]:
    return SessaoWhatsapp.da(sessao.organizacao_id).filter(pk=sessao.pk)


def _inicio_do_dia() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
