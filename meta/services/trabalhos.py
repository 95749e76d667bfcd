"""The kinds of work that bring leads in, as engine and queue page know them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conexoes.models import EventoPendente
from conexoes.provedores import Assunto, Destino
from conexoes.retentativas import OPERACOES, Operacao
from meta.client.leads import DE_UMA_VEZ
from meta.models import LeadCapturado
from meta.services.leads import leitura, processamento, recebimento, reprocesso
from meta.services.leads.avisos import LEITURA, PROCESSAMENTO
from meta.services.leituras import caminhada, conferencia, passos

# Our own side is slow to give up on what Meta tells once.
_RECEBER: Final = Operacao(8, 1, "exponencial", 10)
_PEDIDO: Final = Operacao(5, 2, "exponencial", 30)


def descrever(eventos: Sequence[EventoPendente]) -> dict[UUID, Assunto]:
    """Which form's lead each row is about; what it answered is not told."""
    ids = {str(evento.payload.get("lead_id", "")) for evento in eventos} - {""}
    leads = LeadCapturado.da(eventos[0].organizacao_id).filter(pk__in=ids)
    nomes = {
        str(pk): nome or leadgen_id
        for pk, leadgen_id, nome in leads.values_list(
            "pk", "leadgen_id", "formulario__nome"
        )
    }
    return {
        evento.pk: Assunto(
            _("Lead de %(formulario)s") % {"formulario": nomes[lead_id]},
            url=reverse("meta:lead", args=[lead_id]),
            objeto=f"lead:{lead_id}",
        )
        for evento in eventos
        if (lead_id := str(evento.payload.get("lead_id", ""))) in nomes
    }


DESTINOS: Final[Mapping[str, Destino]] = {
    recebimento.DESTINO: Destino(
        recebimento.receber, _RECEBER, em_lote=recebimento.receber_juntos
    ),
    LEITURA: Destino(
        leitura.ler,
        OPERACOES["processar_lead"],
        chama_fora=True,
        em_lote_fora=leitura.ler_juntos,
        lote=DE_UMA_VEZ,
        ao_mudar=leitura.contar,
        nome=gettext_lazy("Ler um lead"),
        descrever=descrever,
    ),
    PROCESSAMENTO: Destino(
        processamento.processar,
        OPERACOES["processar_lead"],
        chama_fora=True,
        em_lote_fora=processamento.processar_juntos,
        ao_mudar=processamento.contar,
        lote=DE_UMA_VEZ,
        nome=gettext_lazy("Processar um lead"),
        descrever=descrever,
    ),
    reprocesso.DESTINO: Destino(
        reprocesso.enfileirar,
        _PEDIDO,
        chama_fora=True,
        nome=gettext_lazy("Reprocessamento de leads"),
    ),
    passos.CONFERENCIA: Destino(
        caminhada.avancar,
        conferencia.OPERACAO,
        chama_fora=True,
        ao_mudar=caminhada.contar,
        nome=gettext_lazy("Conferência de leads"),
        descrever=caminhada.descrever(
            gettext_lazy("Conferir os leads de %(formulario)s")
        ),
    ),
    passos.IMPORTACAO: Destino(
        caminhada.avancar,
        OPERACOES["processar_lead"],
        chama_fora=True,
        ao_mudar=caminhada.contar,
        nome=gettext_lazy("Importação de leads antigos"),
        descrever=caminhada.descrever(
            gettext_lazy("Importar os leads antigos de %(formulario)s")
        ),
    ),
}
