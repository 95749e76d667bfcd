"""script/run: everything, from nothing to a page that answers."""

from __future__ import annotations

import argparse
import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from script import configuracao, estado, morada, processos, segredos, servicos
from script.caminhos import RAIZ, VAR, criar_var
from script.console import JA_RODANDO, dizer
from script.enderecos import Enderecos
from script.estado import Estado
from script.programas import Programas
from script.servicos import Servicos
from script.supervisor import Parado, Supervisor
from script.travas import Ocupada, travar


def main(argumentos: Sequence[str]) -> int:
    opcoes = _opcoes(argumentos)
    criar_var()
    try:
        with travar(estado.TRAVA):
            return _correr(sem_sandbox=opcoes.sem_sandbox)
    except Ocupada:
        return _recusar()


def _opcoes(argumentos: Sequence[str]) -> argparse.Namespace:
    leitor = argparse.ArgumentParser(
        prog="script/run",
        description="Inicia o Conexões inteiro nesta máquina.",
        epilog="Variáveis: HOST, PORT e SANDBOX_PORT, e as de .env.example.",
    )
    leitor.add_argument(
        "--sem-sandbox",
        action="store_true",
        help="sem o simulador de provedores e sem dados de demonstração",
    )
    return leitor.parse_args(argumentos)


def _recusar() -> int:
    atual = estado.ler()
    onde = atual.enderecos.get("URL_PUBLICA") if atual and atual.vive else None
    if atual and onde:
        dizer(f"O Conexões já roda em {onde} (processo {atual.supervisor.pid}).")
    else:
        dizer("Outro script/run ou script/manage usa esta pasta agora; espere por ele.")
    return JA_RODANDO


def _correr(*, sem_sandbox: bool) -> int:
    estado.encerrar_sobras()
    ambiente = configuracao.ler()
    configuracao.conferir(ambiente)
    com_sandbox = not sem_sandbox and not configuracao.em_producao(ambiente)
    try:
        with Supervisor() as supervisor:
            corrida = Corrida(supervisor, ambiente, com_sandbox=com_sandbox)
            try:
                corrida.rodar()
            finally:
                dizer("\nParando…")
    except Parado:
        dizer("Tudo parado.")
    finally:
        estado.apagar()
    return 0


class Corrida:
    """One run, from the servers to the last worker."""

    def __init__(
        self, supervisor: Supervisor, ambiente: Mapping[str, str], *, com_sandbox: bool
    ) -> None:
        self._supervisor = supervisor
        self._ambiente = dict(ambiente)
        self._portas: Mapping[str, int] = {}
        self._enderecos = Enderecos.escolher(ambiente, com_sandbox=com_sandbox)
        self._quem = processos.identificar(os.getpid())
        supervisor.ao_mudar = self._gravar_estado

    def rodar(self) -> None:
        """Start all and watch. Raises ``Parado`` when asked to stop, or ``Falha``."""
        marca = self._ligar_servidores()
        programas = Programas(self._supervisor, self._ambiente, self._enderecos)
        programas.ligar_sandbox()
        programas.migrar()
        programas.conferir()
        if self._enderecos.sandbox and not self._demonstrada(marca):
            programas.demonstrar()
            marca.write_text(selo_da_demonstracao(self._enderecos.url_sandbox))
        programas.ligar()
        for linha in self._enderecos.apresentacao():
            dizer(linha)
        self._supervisor.rodar()

    def _ligar_servidores(self) -> Path:
        """Complete the environment; answer the mark that this database has a demo."""
        if configuracao.em_producao(self._ambiente):
            guardados = {}
        else:
            guardados = segredos.obter()
            self._ambiente = configuracao.com_segredos(self._ambiente, guardados)
        self._ambiente |= self._enderecos.variaveis()
        banco = self._ambiente.get("DATABASE_URL", "")
        marca = VAR / f"demonstracao-{hashlib.sha256(banco.encode()).hexdigest()[:12]}"
        if servicos.faltam(self._ambiente):
            casa = morada.permanente(guardados["INSTALACAO"])
            _explicar_conta(casa)
            embutidos = Servicos(casa, guardados)
            self._portas = embutidos.portas
            self._ambiente |= embutidos.ligar(self._supervisor, self._ambiente)
            marca = marca if banco else casa.dados / "demonstracao"
        return marca

    def _demonstrada(self, marca: Path) -> bool:
        """Whether the demo is made, by this code and for this time's sandbox."""
        selo = selo_da_demonstracao(self._enderecos.url_sandbox)
        return marca.exists() and marca.read_text() == selo

    def _gravar_estado(self) -> None:
        if self._quem is None:
            return
        filhos = self._supervisor.identidades()
        portas = {**self._portas, **self._enderecos.portas()}
        enderecos = self._enderecos.variaveis()
        estado.gravar(Estado(self._quem, portas, enderecos, filhos))


def selo_da_demonstracao(url_sandbox: str, raiz: Path = RAIZ) -> str:
    """What the demo depends on: when that changes, it is given again."""
    receitas = sorted(raiz.glob("[!.]*/**/demonstracao.py"))
    codigo = b"".join(receita.read_bytes() for receita in receitas)
    return f"{url_sandbox} {hashlib.sha256(codigo).hexdigest()}"


def _explicar_conta(casa: morada.Morada) -> None:
    if casa.conta is not None:
        dizer(
            f"Como root, o PostgreSQL e o Valkey rodam como “{casa.conta.nome}”,"
            f" com os dados em {casa.dados}."
        )
