"""script/manage: Django's command line with the services it needs."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Final

from script import configuracao, estado, morada, processos, segredos, servicos
from script.caminhos import criar_var
from script.console import dizer
from script.estado import Estado
from script.portas import LOCAL
from script.servicos import Servicos
from script.supervisor import Parado, Supervisor
from script.travas import Ocupada, travar

ENDERECOS: Final = {
    "URL_PUBLICA": f"http://{LOCAL}:8000",
    "SANDBOX_URL": f"http://{LOCAL}:8100",
}


def main(argumentos: Sequence[str]) -> int:
    criar_var()
    ambiente = configuracao.ler()
    argv = [sys.executable, "manage.py", *argumentos]
    if configuracao.em_producao(ambiente):
        # Nothing is demanded here: "cofre gerar" and "papeis" come before the rest.
        return processos.em_primeiro_plano(argv, ambiente)
    configuracao.conferir(ambiente)
    guardados = segredos.obter()
    atual = estado.ler()
    enderecos = atual.enderecos if atual and atual.vive else {}
    ambiente = {
        **ENDERECOS,
        **enderecos,
        **configuracao.com_segredos(ambiente, guardados),
    }
    if not servicos.faltam(ambiente):
        return processos.em_primeiro_plano(argv, ambiente)
    try:
        return _com_servidores(argv, ambiente, guardados)
    except Parado:
        return 130


def _com_servidores(
    argv: Sequence[str], ambiente: Mapping[str, str], guardados: Mapping[str, str]
) -> int:
    avisado = False
    while True:
        atual = estado.ler()
        if atual and atual.servidores_respondem():
            with travar(estado.USO, "", partilhada=True):
                urls = servicos.enderecos(atual.portas, guardados)
                return processos.em_primeiro_plano(argv, {**urls, **ambiente})
        try:
            with travar(estado.TRAVA):
                return _com_os_proprios(argv, ambiente, guardados)
        except Ocupada:
            if not avisado:
                dizer("Outro comando está ligando ou parando os servidores; espero.")
            avisado = True
            time.sleep(0.3)


def _com_os_proprios(
    argv: Sequence[str], ambiente: Mapping[str, str], guardados: Mapping[str, str]
) -> int:
    estado.encerrar_sobras()
    casa = morada.permanente(guardados["INSTALACAO"])
    servidores = Servicos(casa, guardados)
    quem = processos.identificar(os.getpid())

    def gravar() -> None:
        if quem is not None:
            filhos = supervisor.identidades()
            estado.gravar(Estado(quem, servidores.portas, {}, filhos))

    try:
        with Supervisor(gravar) as supervisor:
            urls = servidores.ligar(supervisor, ambiente)
            codigo = processos.em_primeiro_plano(argv, {**urls, **ambiente})
            # Another script/manage may have joined these servers meanwhile.
            with travar(estado.USO, "Outro comando usa o banco de dados; espero."):
                return codigo
    finally:
        estado.apagar()
