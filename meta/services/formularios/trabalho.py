"""The work that lead forms give to the queue."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from conexoes.provedores import Destino
from conexoes.retentativas import Operacao
from meta.services.formularios import amostras, sincronizacao

# Somebody looks at the page meanwhile, and may ask again.
_LEITURA: Final = Operacao(4, 2, "exponencial", 20, cauda_longa=False)

DESTINOS: Final = {
    sincronizacao.DESTINO: Destino(
        sincronizacao.ler_lista,
        _LEITURA,
        nome=_("Lista de formulários"),
        descrever=sincronizacao.da_lista,
        chama_fora=True,
        ao_mudar=sincronizacao.lista_mudou,
    ),
    amostras.DESTINO: Destino(
        amostras.ler_amostra,
        _LEITURA,
        nome=_("Lead de exemplo"),
        descrever=amostras.da_amostra,
        chama_fora=True,
        ao_mudar=amostras.amostra_mudou,
    ),
}
