"""Every account's pages looked after: listed anew, each chosen one mended."""

from __future__ import annotations

from operator import attrgetter

from django.utils import timezone

from conexoes import repeticao
from conexoes.models import EventoPendente
from conexoes.tenancy import na, sistema
from meta.models import ConexaoMeta, PaginaMeta
from meta.services.conta import conexao as contas
from meta.services.paginas import lista
from meta.services.paginas.pedidos import (
    pedir_pagina,
    pedir_paginas,
)

Status = ConexaoMeta.Status


def cuidar_da_conta(evento: EventoPendente) -> None:
    """Read an account's pages anew, then look after each that was chosen.

    What waited for the account goes on after that, with the tokens of now.
    """
    organizacao_id = evento.organizacao_id
    with na(organizacao_id):
        conexao = contas.conexao_de(organizacao_id)
    if conexao is None or conexao.status != Status.ACTIVE:
        return
    achados = lista.procurar(conexao, urgente=False)
    with na(organizacao_id):
        lista.guardar(conexao, achados)
        for pagina in PaginaMeta.da(organizacao_id).filter(ativo=True, sumiu_em=None):
            pedir_pagina(pagina, vez=str(evento.pk))
        repeticao.retomar(organizacao_id, conexao_id=conexao.pk)


def vigiar() -> None:
    """Every hour: have each account with chosen pages looked after, once.

    One that expired lists no pages: those are looked after with their own tokens.
    """
    vez = f"{timezone.now():%Y%m%d%H}"
    with sistema("fila"):
        com_paginas = ConexaoMeta.objects.filter(deletado_em=None, paginas__ativo=True)
        contas_vivas = list(com_paginas.filter(status=Status.ACTIVE).distinct())
        sozinhas = list(
            PaginaMeta.objects.filter(
                ativo=True, sumiu_em=None, conexao__status=Status.EXPIRED
            ).select_related("conexao")
        )
        com_pergunta = set(
            ConexaoMeta.objects.exclude(conta_pendente={}).values_list(
                "organizacao_id", flat=True
            )
        )
    for conexao in contas_vivas:
        with na(conexao.organizacao_id):
            pedir_paginas(conexao, vez=vez)
    for pagina in filter(attrgetter("acessivel"), sozinhas):
        with na(pagina.organizacao_id):
            pedir_pagina(pagina, vez=vez)
    for organizacao_id in com_pergunta:
        with na(organizacao_id):
            contas.esquecer_pendentes(organizacao_id)
