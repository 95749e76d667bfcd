"""One token's calls to Graph: signed, versioned, paged by cursor, paused when told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from conexoes import pausas
from conexoes.erros import CredencialInvalida, ErroDoProvedor, ErroTransitorio
from conexoes.graph import recusas
from conexoes.graph.assinaturas import prova
from conexoes.graph.uso import Escuta
from conexoes.retentativas import OPERACOES
from conexoes.transport import Cliente

T = TypeVar("T")

PRAZO_S: Final = OPERACOES["processar_lead"].prazo
_POR_FOLHA: Final = 100
# What Graph says to people is often kept for others to read: always Portuguese.
_IDIOMA: Final = {"locale": "pt_BR"}


@dataclass(frozen=True)
class Folha(Generic[T]):
    """One page of a list; ``depois`` is the cursor of the next, "" at the end."""

    dados: list[T]
    depois: str


class Graph:
    """Calls with one token, "" for those that need none; safe between threads.

    ``segredo`` is the app's secret: every call is signed with the proof of its token.
    ``recusa_do_app`` is raised when the installation's app itself is refused, and
    ``como_app`` says that the token is the app's own: its refusal is that too. What is
    not ``urgente`` pauses before a limit is reached. Every method raises the errors of
    ``conexoes.transport``, classed by Graph's own code, and ``ErroTransitorio`` without
    calling while ``objeto`` (the id whose limit the call spends) is paused.
    """

    def __init__(
        self,
        token: str,
        segredo: str,
        versao: str = "",
        base_url: str = "",
        *,
        grupo: str = "meta_leads",
        urgente: bool = True,
        recusa_do_app: type[CredencialInvalida] = CredencialInvalida,
        como_app: bool = False,
    ) -> None:
        base = (base_url or settings.META_GRAPH_URL).rstrip("/")
        cabecalhos = {"Accept": "application/json"}
        self._assinatura: dict[str, str] = {}
        if token:
            # In a header, since addresses end up in logs.
            cabecalhos["Authorization"] = f"Bearer {token}"
        if token and segredo:
            self._assinatura["appsecret_proof"] = prova(token, segredo)
        self._cliente = Cliente(
            f"{base}/{versao or settings.META_GRAPH_VERSION}",
            grupo=grupo,
            cabecalhos=cabecalhos,
            prazo=PRAZO_S,
            palavras=recusas.PALAVRAS,
        )
        self._urgente = urgente
        self._recusa_do_app = recusa_do_app
        self._como_app = como_app

    def ler(
        self,
        caminho: str,
        *,
        nome: str,
        objeto: str = "",
        params: Mapping[str, str] | None = None,
    ) -> Any:
        """GET a path ("/me") and return its JSON."""
        return self._pedir("GET", caminho, nome, objeto, params=params)

    def escrever(
        self,
        caminho: str,
        *,
        nome: str,
        objeto: str = "",
        campos: Mapping[str, str] | None = None,
        repetivel: bool = False,
    ) -> Any:
        """POST a form. Unless ``repetivel``, an answer that is lost is uncertain."""
        return self._pedir(
            "POST", caminho, nome, objeto, campos=campos, repetivel=repetivel
        )

    def apagar(
        self,
        caminho: str,
        *,
        nome: str,
        objeto: str = "",
        params: Mapping[str, str] | None = None,
    ) -> Any:
        """DELETE a path; done twice it does no harm."""
        return self._pedir("DELETE", caminho, nome, objeto, params=params)

    def pagina(
        self,
        caminho: str,
        *,
        nome: str,
        objeto: str = "",
        params: Mapping[str, str] | None = None,
        depois: str = "",
    ) -> Folha[Any]:
        """One page of a list, up to 100 a page; an empty one may have a next."""
        pedidos = {"limit": str(_POR_FOLHA), **(params or {})}
        if depois:
            pedidos["after"] = depois
        corpo = self.ler(caminho, nome=nome, objeto=objeto, params=pedidos)
        dados = corpo.get("data") if isinstance(corpo, dict) else None
        if not isinstance(dados, list):
            # Taken for an empty list, garbage would say that there is nothing.
            raise _ilegivel(nome)
        cursor = _cursor(corpo.get("paging"))
        if cursor is None or (cursor and cursor == depois):
            raise _ilegivel(nome)
        return Folha(dados, cursor)

    def todas(
        self,
        caminho: str,
        *,
        nome: str,
        objeto: str = "",
        params: Mapping[str, str] | None = None,
    ) -> Iterator[Any]:
        """Every item of a list, one call a page."""
        depois = ""
        while True:
            folha = self.pagina(
                caminho, nome=nome, objeto=objeto, params=params, depois=depois
            )
            yield from folha.dados
            depois = folha.depois
            if not depois:
                return

    def _pedir(
        self,
        metodo: str,
        caminho: str,
        nome: str,
        objeto: str,
        *,
        params: Mapping[str, str] | None = None,
        campos: Mapping[str, str] | None = None,
        repetivel: bool = True,
    ) -> Any:
        pausas.conferir(objeto, urgente=self._urgente)
        escuta = Escuta(objeto)
        if metodo == "POST":
            campos = {**_IDIOMA, **(campos or {}), **self._assinatura}
        else:
            params = {**_IDIOMA, **(params or {}), **self._assinatura}
        corpo, status = self._responder(
            metodo,
            caminho,
            nome=nome,
            params=params,
            formulario=campos,
            repetivel=repetivel,
            ouvir=escuta.ouvir,
        )
        recusa = recusas.ler_recusa(corpo)
        if recusa is None:
            return corpo
        erro = recusas.erro_de(
            recusa,
            nome=nome,
            status=status,
            repetivel=repetivel,
            espera=escuta.espera,
            do_app=self._recusa_do_app,
            como_app=self._como_app,
        )
        _pausar_se_pede(erro, objeto)
        raise erro

    def _responder(self, metodo: str, caminho: str, **pedido: Any) -> tuple[Any, int]:
        """The JSON that came and its status, a refusal of Graph's own or not.

        Some edges and batches put their error inside a 200.
        """
        try:
            resposta = self._cliente.pedir(metodo, caminho, **pedido)
        except ErroDoProvedor as erro:
            if not recusas.codigo(erro)[0]:
                raise recusas.sem_recusa(erro) from None
            return erro.corpo, erro.status or 0
        return resposta.json(), resposta.status


def _pausar_se_pede(erro: ErroDoProvedor, objeto: str) -> None:
    """Let nobody call about ``objeto`` for as long as a refusal asks."""
    if isinstance(erro, ErroTransitorio) and erro.limitado:
        pausas.pausar(objeto, erro.tentar_em or 0)


def legivel(valor: T | None, nome: str) -> T:
    """``valor``, unless the answer of the call ``nome`` had another shape (None)."""
    if valor is None:
        raise _ilegivel(nome)
    return valor


def _cursor(paginacao: Any) -> str | None:
    """The cursor of the next page, "" at the end, None if there is one without it.

    ``next`` is a whole address with the token in it: only its cursor is read.
    """
    if not isinstance(paginacao, dict) or not paginacao.get("next"):
        return ""
    cursores = paginacao.get("cursors")
    depois = cursores.get("after") if isinstance(cursores, dict) else None
    if not depois:
        partes = parse_qs(urlsplit(str(paginacao["next"])).query)
        depois = "".join(partes.get("after", []))
    return str(depois) if depois else None


def _ilegivel(nome: str) -> ErroTransitorio:
    return ErroTransitorio(
        _("O Facebook respondeu algo ilegível."), detalhe=f"{nome}: other shape"
    )
