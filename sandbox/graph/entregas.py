"""Webhooks on their way out: sent again until 200, for a day and a half."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import requests

from sandbox.diario import DIARIO_DA_META, Entrega
from sandbox.graph import avisos
from sandbox.graph.estado import ESTADO, Lead
from sandbox.relogio import RELOGIO
from sandbox.waha.entregas import url_local

# Provider seconds before each next attempt; 36 hours in all.
PAUSAS = (0, 15, 60, 300, 900, 1800, 3600, *[7200] * 17)
PRAZO, FIOS = 20, 4
SO_DAQUI = "o simulador só chama endereços desta máquina"


@dataclass(frozen=True)
class Carta:
    """One body for the callback; its bytes and signature never change. Sent again until
    200 if `insistente`."""

    pagina: str
    evento: str
    resumo: str
    url: str
    corpo: bytes
    cabecalhos: dict[str, str]
    geracao: int
    tentativa: int = 1
    insistente: bool = True


class Carteiro:
    def __init__(self) -> None:
        self._trava = threading.Lock()
        self._fios = ThreadPoolExecutor(FIOS, thread_name_prefix="meta")
        self._local = threading.local()
        self._em_maos = 0

    @property
    def pendentes(self) -> int:
        return self._em_maos

    def zerar(self) -> None:
        with self._trava:
            self._em_maos = 0

    def avisar(self, leads: Sequence[Lead], nota: str = "") -> Carta | None:
        """A delivery about these leads, if the four switches let it out."""
        nome = leads[0].formulario.pagina.nome
        ids = ", ".join(lead.id for lead in leads[:3])
        resumo = f"{len(leads)} leads" if len(leads) > 3 else f"lead {ids}"
        if motivo := _calado(leads):
            self.descartar(nome, resumo, motivo)
            return None
        return self.carta(nome, resumo, avisos.de_leads(leads, nota))

    def carta(self, pagina: str, resumo: str, corpo: dict[str, Any]) -> Carta:
        escrito = avisos.escrever(corpo)
        return Carta(
            pagina=pagina,
            evento="leadgen",
            resumo=resumo,
            url=ESTADO.app.assinaturas["page"].callback,
            corpo=escrito,
            cabecalhos=avisos.cabecalhos(escrito),
            geracao=ESTADO.geracao,
        )

    def postar(self, carta: Carta, segundos: float = 0) -> None:
        """Now, or after so many provider seconds."""
        with self._trava:
            self._em_maos += 1
        if segundos:
            RELOGIO.depois(segundos, lambda: self._enfileirar(carta))
        else:
            self._enfileirar(carta)

    def descartar(self, pagina: str, resumo: str, motivo: str) -> None:
        """A webhook that never was, and why."""
        carta = Carta(pagina, "leadgen", resumo, "", b"", {}, ESTADO.geracao)
        _anotar(carta, None, "descartada", motivo)

    def _enfileirar(self, carta: Carta) -> None:
        self._fios.submit(self._entregar, carta)

    def _entregar(self, carta: Carta) -> None:
        if carta.geracao != ESTADO.geracao:
            return
        if not url_local(carta.url):
            self._encerrar(carta, None, "recusada", SO_DAQUI)
            return
        status, detalhe = self._chamar(carta)
        if status == 200:
            self._encerrar(carta, status, "entregue", "")
        elif not carta.insistente or carta.tentativa > len(PAUSAS):
            self._encerrar(carta, status, "desistiu", detalhe)
        else:
            _anotar(carta, status, "falhou", detalhe)
            pausa = PAUSAS[carta.tentativa - 1]
            seguinte = replace(carta, tentativa=carta.tentativa + 1)
            RELOGIO.depois(pausa, lambda: self._enfileirar(seguinte))

    def _chamar(self, carta: Carta) -> tuple[int | None, str]:
        try:
            resposta = self._http().post(
                carta.url,
                data=carta.corpo,
                headers=carta.cabecalhos,
                timeout=PRAZO,
                allow_redirects=False,
            )
        except requests.RequestException as erro:
            demorou = isinstance(erro, requests.Timeout)
            return None, "tempo esgotado" if demorou else "sem conexão"
        return resposta.status_code, ""

    def _http(self) -> requests.Session:
        """One connection a thread, kept open between deliveries."""
        if not hasattr(self._local, "http"):
            self._local.http = requests.Session()
            self._local.http.trust_env = False
        http: requests.Session = self._local.http
        return http

    def _encerrar(
        self, carta: Carta, status: int | None, situacao: str, detalhe: str
    ) -> None:
        _anotar(carta, status, situacao, detalhe)
        with self._trava:
            if carta.geracao == ESTADO.geracao:
                self._em_maos -= 1


def _calado(leads: Sequence[Lead]) -> str:
    """Why Meta tells nobody; empty when it does."""
    assinatura = ESTADO.app.assinaturas.get("page")
    if assinatura is None or "leadgen" not in assinatura.campos:
        return "o app não assina leadgen"
    if any("leadgen" not in lead.formulario.pagina.inscritos for lead in leads):
        return "a página não está inscrita em leadgen"
    if not ESTADO.app.ao_vivo and not all(lead.teste for lead in leads):
        return "o app está em modo de desenvolvimento"
    return ""


def _anotar(carta: Carta, status: int | None, situacao: str, detalhe: str) -> None:
    if carta.geracao != ESTADO.geracao:
        return
    DIARIO_DA_META.anotar_entrega(
        Entrega(
            sessao=carta.pagina,
            evento=carta.evento,
            evento_id=carta.resumo,
            url=carta.url,
            tentativa=carta.tentativa,
            status=status,
            situacao=situacao,
            detalhe=detalhe,
        )
    )


CARTEIRO = Carteiro()
