"""What Meta is to the rest of the house: two cards, their work, their demo."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Final
from uuid import UUID

from django.utils.translation import gettext_lazy, gettext_noop

from conexoes.provedores import (
    Conexoes,
    Destino,
    Provedor,
    Recurso,
    Verbos,
)
from conexoes.retentativas import OPERACOES, Operacao
from meta.cartao import cartao, cartao_das_paginas
from meta.models import ConexaoMeta, PaginaMeta
from meta.services.aplicativo.credencial import FICHA, testar_credencial
from meta.services.aplicativo.credencial import PROVEDOR as CREDENCIAL
from meta.services.aplicativo.demonstracao import demonstrar
from meta.services.assuntos import da_conta, da_pagina, ligacoes
from meta.services.conta import desligamento, validade, verbos
from meta.services.conta.situacao import TONS, situacao
from meta.services.formularios import trabalho as formularios
from meta.services.leads.procedencia import origens
from meta.services.paginas import inscricoes, vigia
from meta.services.trabalhos import DESTINOS

RECURSO: Final = Recurso(
    "meta_lead_ads",
    gettext_lazy("Meta Lead Ads"),
    gettext_lazy("As páginas do Facebook e os leads dos anúncios."),
)
# Nobody waits, and Meta may be slow for hours.
_CUIDADO: Final = Operacao(4, 5, "exponencial", 10)
# What Meta has to undo is undone soon or not at all.
_DESFAZER: Final = Operacao(5, 10, "exponencial", 10, cauda_longa=False)


def conexoes() -> Iterator[Conexoes]:
    """Everybody's accounts by state, for the super admin."""
    ativas: dict[UUID, list[PaginaMeta]] = defaultdict(list)
    for pagina in PaginaMeta.objects.filter(ativo=True):
        ativas[pagina.organizacao_id].append(pagina)
    contadas = Counter(
        (conexao.organizacao_id, situacao(conexao, ativas[conexao.organizacao_id]))
        for conexao in ConexaoMeta.objects.filter(deletado_em=None)
    )
    for (organizacao_id, agora), quantas in contadas.items():
        yield Conexoes(organizacao_id, str(agora.label), TONS[agora], quantas)


_VERBOS: Final = Verbos(
    estado=verbos.estado,
    conectar=verbos.conectar,
    desconectar=verbos.desconectar,
    testar=verbos.testar,
    conferir=verbos.conferir,
)

PROVEDOR = Provedor(
    slug="meta",
    apelidos=("meta_lead_ads",),
    verbos=_VERBOS,
    nome="Meta Ads",
    descricao=gettext_noop(
        "Receba os leads dos anúncios do Facebook e do Instagram na hora."
    ),
    icone="megaphone",
    tom="azul",
    url="meta:pagina",
    acao_permitida="meta_lead_ads.gerenciar",
    cartao=cartao,
    destinos={
        **DESTINOS,
        "meta.paginas": Destino(
            vigia.cuidar_da_conta,
            _CUIDADO,
            nome=gettext_lazy("Conferência das páginas"),
            descrever=da_conta(gettext_lazy("Conferir as páginas de %(conta)s")),
            chama_fora=True,
        ),
        "meta.pagina": Destino(
            inscricoes.cuidar_da_pagina,
            _CUIDADO,
            nome=gettext_lazy("Cuidado com a página"),
            descrever=da_pagina(gettext_lazy("Conferir a página %(pagina)s")),
            chama_fora=True,
        ),
        validade.DESTINO: Destino(
            validade.conferir,
            _CUIDADO,
            nome=gettext_lazy("Conferência do acesso"),
            descrever=da_conta(gettext_lazy("Conferir o acesso de %(conta)s")),
            chama_fora=True,
        ),
        "meta.desinscricao": Destino(
            inscricoes.desinscrever,
            _DESFAZER,
            nome=gettext_lazy("Retirada de página"),
            descrever=da_pagina(gettext_lazy("Parar os avisos da página %(pagina)s")),
            chama_fora=True,
        ),
        "meta.desligamento": Destino(
            desligamento.desligar,
            _DESFAZER,
            nome=gettext_lazy("Desligamento da conta"),
            descrever=da_conta(gettext_lazy("Desligar a conta de %(conta)s")),
            chama_fora=True,
        ),
        **formularios.DESTINOS,
    },
    demonstrar=demonstrar,
    credencial=CREDENCIAL,
    ficha=FICHA,
    faixas=validade.faixas,
    testar_credencial=testar_credencial,
    recurso=RECURSO,
    ligacoes=ligacoes,
    conexoes=conexoes,
    origens=origens,
)

PAGINAS = Provedor(
    slug="facebook_pages",
    verbos=_VERBOS,
    nome=gettext_noop("Páginas do Facebook"),
    descricao=gettext_noop("Conecte as páginas da sua empresa no Facebook."),
    icone="flag",
    tom="azul",
    url="meta:facebook",
    acao_permitida="meta_lead_ads.gerenciar",
    cartao=cartao_das_paginas,
    destinos={
        "facebook_pages.desinscricao": Destino(
            inscricoes.desinscrever,
            OPERACOES["processar_lead"],
            nome=gettext_lazy("Retirada pelas Páginas do Facebook"),
            descrever=da_pagina(gettext_lazy("Parar os avisos da página %(pagina)s")),
            chama_fora=True,
        ),
    },
    # The same account and routes: who has not the one has not the other.
    recurso=RECURSO,
)
