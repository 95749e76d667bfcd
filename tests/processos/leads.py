"""A page at Meta whose form people send while machines die, and what became of it."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Any

import requests
from celery import Celery

from tests.paralelo import em_curso
from tests.processos.conftest import Casa
from tests.processos.pessoa import Pessoa
from tests.produto import ACEITA_JSON, esperar

ADMIN = "admin@brisa.example"
MARCOS, PAGINA, FORMULARIO = "122000000000002", "103000000000003", "7001003001"
META = "/configuracoes/conexoes/meta"
PRAZO_S = 120
# How long the simulator's second lasts: what fails is soon repeated.
PRESSA, MUITA_PRESSA = 0.01, 0.001
# Every other one is told once only: what happens to it is not mended by Meta.
MODOS = ("", "uma_vez")
CAPTADOS = """
    SELECT leadgen_id, status, avisado_em IS NOT NULL, recuperado, contato_id,
           oportunidade_id
    FROM leads_capturados WHERE leadgen_id = ANY(%s) ORDER BY leadgen_id
"""
DE_CADA = """
    SELECT (SELECT count(*) FROM leads_capturados WHERE leadgen_id = ANY(%s)),
           (SELECT count(*) FROM contatos WHERE id = ANY(%s::uuid[])),
           (SELECT count(*) FROM contatos WHERE nome = ANY(%s)),
           (SELECT count(*) FROM oportunidades WHERE origem_chave = ANY(%s))
"""
VENCER = """
    UPDATE formularios_meta f SET proxima_conferencia_em = NULL
    WHERE form_id = %s AND NOT EXISTS (
        SELECT 1 FROM leituras_de_leads l
        WHERE l.formulario_id = f.id AND l.status = 'andando'
    ) RETURNING f.id
"""
NOMES = """
    SELECT respostas -> 0 -> 'values' ->> 0 FROM leads_capturados
    WHERE leadgen_id = ANY(%s)
"""


class Campanha:
    """Brisa's page, connected and mapped as its admin does it."""

    def __init__(self, casa: Casa) -> None:
        self.casa = casa
        # Not the current app: that one is what this process rings its own bells with.
        self.relogio = Celery(broker=casa.redis_url, set_as_current=False)
        self._pedida_em = 0.0
        self._pessoa = Pessoa(casa.url, ADMIN)
        token = casa.comandar(f"graph/pessoas/{MARCOS}/token")["access_token"]
        self._pessoa.postar(f"{META}/facebook/token/", token=token, page_id=PAGINA)
        esperar(lambda: self.graph()["app"]["callback"], PRAZO_S)
        esperar(lambda: self._formularios(), PRAZO_S)
        self._mapear()

    def graph(self) -> dict[str, Any]:
        url = f"{self.casa.sandbox}/controle/graph.json"
        estado: dict[str, Any] = requests.get(url, timeout=10).json()
        return estado

    def enviar(self, modo: str = "", quantos: int = 1) -> list[str]:
        """So many people send the form, each told of in a delivery of its own."""
        dito = {"form_id": FORMULARIO, "modo": modo, "quantos": quantos}
        ids: list[str] = self.casa.comandar("graph/leads", **dito)["ids"]
        return ids

    def conferir(self) -> None:
        """As if the quarter of an hour between two read-backs were over.

        One that is under way, or about to be, is left to its end.
        """
        agora = time.monotonic()
        if agora - self._pedida_em > 2 and self.casa.sql(VENCER, FORMULARIO):
            self._pedida_em = agora
            # The clock's own order, at most a minute early.
            self.relogio.send_task("meta.conferir", queue="saida")

    def insistir(self) -> None:
        """Once the product answers, let what Meta repeats come at once."""
        esperar(self._responde, PRAZO_S)
        self.casa.comandar("velocidade", fator=MUITA_PRESSA)

    def captados(self, ids: list[str]) -> dict[str, tuple[Any, ...]]:
        """By ``leadgen_id``: status, told of, recovered, its contact and its deal."""
        return {linha[0]: linha[1:] for linha in self.casa.sql(CAPTADOS, ids)}

    def de_cada(self, ids: list[str]) -> tuple[int, ...]:
        """How many leads, contacts of theirs, contacts so called, and deals."""
        contatos = [str(linha[3]) for linha in self.captados(ids).values()]
        nomes = self.casa.sql(NOMES, ids)
        chaves = [f"lead:{um}" for um in ids]
        [contados] = self.casa.sql(
            DE_CADA, ids, contatos, [nome for (nome,) in nomes], chaves
        )
        return contados

    def _responde(self) -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"{self.casa.url}/healthz", timeout=2).ok
        return False

    def _formularios(self) -> list[Any]:
        return self.casa.sql(
            "SELECT id FROM formularios_meta WHERE form_id = %s", FORMULARIO
        )

    def _mapear(self) -> None:
        resposta = requests.post(
            f"{self.casa.url}/api/v1/conexoes/meta/formularios",
            json={
                "page_id": PAGINA,
                "form_id": FORMULARIO,
                "mapeamento_campos": {
                    "full_name": "nome",
                    "phone_number": "telefone",
                    "city": "cidade",
                },
            },
            headers={**self.casa.token(ADMIN), **ACEITA_JSON},
            timeout=15,
        )
        assert resposta.status_code == 201, resposta.text


class Enxurrada:
    """Ten people a second who send the form, and what Meta heard of each."""

    def __init__(self, campanha: Campanha) -> None:
        self.campanha = campanha
        campanha.casa.comandar("velocidade", fator=PRESSA)
        self.modos: dict[str, str] = {}
        self.situacoes: dict[str, set[str]] = defaultdict(set)
        self._fim = Event()

    @contextmanager
    def correndo(self) -> Iterator[None]:
        """Leads meanwhile, and for a second before and after."""
        fios = [Thread(target=self._enviar), Thread(target=self._escutar)]
        with em_curso(fios, self._fim):
            yield

    @property
    def ids(self) -> list[str]:
        return sorted(self.modos)

    @property
    def entregues(self) -> set[str]:
        """Those whose delivery was answered with 200."""
        return {um for um in self.ids if "entregue" in self.situacoes[um]}

    @property
    def perdidos(self) -> set[str]:
        """Those Meta tells nobody of any more."""
        return {um for um in self.ids if "desistiu" in self.situacoes[um]}

    def assentada(self) -> bool:
        """Whether Meta is done with each of them."""
        self.ouvir()
        return self.entregues | self.perdidos == set(self.ids)

    def ouvir(self) -> None:
        """The simulator remembers the last hundred attempts."""
        for entrega in self.campanha.graph()["entregas"]:
            achado = re.fullmatch(r"lead (\d+)", entrega["evento_id"])
            if achado:
                self.situacoes[achado[1]].add(entrega["situacao"])

    def lancar(self, modo: str) -> None:
        [um] = self.campanha.enviar(modo)
        self.modos[um] = modo

    def _enviar(self) -> None:
        n = 0
        while not self._fim.wait(0.1):
            self.lancar(MODOS[n % len(MODOS)])
            n += 1

    def _escutar(self) -> None:
        while not self._fim.wait(0.5):
            self.ouvir()
