"""Reading leads: one, many by id, or a form's newest first.

https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from conexoes.erros import (
    ErroDoProvedor,
    ErroPermanente,
    PermissaoInsuficiente,
    ResultadoIncerto,
)
from conexoes.graph import Folha, codigo, legivel, recusas
from meta import payloads
from meta.client.aplicativo import Aplicativo
from meta.payloads import Lead

T = TypeVar("T")

DE_UMA_VEZ: Final = 50
_DO_LEAD: Final = (
    "id,created_time,field_data,form_id,is_organic,platform,partner_name,"
    "custom_disclaimer_responses"
)
_DO_ANUNCIO: Final = "ad_id,ad_name,adset_id,adset_name,campaign_id,campaign_name"
_TODOS: Final = f"{_DO_LEAD},{_DO_ANUNCIO}"
# One id that cannot be read fails the whole call; these codes speak of an object.
_DO_OBJETO: Final = {100, 803}
_NAO_EXISTE_OU_SEM_ACESSO: Final = (100, 33)
# "Does not exist or may not be seen"; and 803, in which a call for several ids says
# the same of an id that Meta itself told us.
NAO_SE_VE: Final = {_NAO_EXISTE_OU_SEM_ACESSO, (803, 0)}
# An id that the answer leaves out is one that cannot be seen.
_DEIXADO_DE_FORA: Final = {"error": {"code": 100, "error_subcode": 33}}


class Leads(Aplicativo):
    """The endpoints of leads; they want the page's token.

    ``page_id`` is whose limit the call spends. Without rights on the ad account the
    ad's fields fail a whole call: it is made once more without them.
    """

    def ler_lead(self, leadgen_id: str, *, page_id: str = "") -> Lead:
        """One lead; ``ErroPermanente`` with code 100/33 also while it is too new."""
        corpo = _com_e_sem_anuncio(
            lambda campos: self._graph.ler(
                f"/{leadgen_id}",
                nome="ler_lead",
                objeto=page_id,
                params={"fields": campos},
            )
        )
        return legivel(payloads.ler_lead(corpo), "ler_lead")

    def ler_leads(
        self,
        ids: Sequence[str],
        *,
        page_id: str = "",
        insistir: Callable[[int], bool] = lambda _escondidos: True,
    ) -> dict[str, Lead | ErroDoProvedor]:
        """Up to 50 leads in one call: each id's lead, or why it cannot be read.

        One id that cannot be seen fails the call for all: it is singled out, and the
        others are asked for again. ``insistir`` is asked before, with how many those
        are by now; where it says no, who was not told of is left out of the answer.
        Raises what concerns all of them (token, permission, limit, no answer).
        """
        if len(ids) > DE_UMA_VEZ:
            raise ValueError(f"at most {DE_UMA_VEZ} leads in one call")
        lidos: dict[str, Lead | ErroDoProvedor] = {}
        escondidos, partes = 0, [list(dict.fromkeys(ids))]
        while partes:
            parte = partes.pop()
            resposta = self._ler_ou_recusa(parte, page_id) if parte else {}
            if not isinstance(resposta, ErroPermanente):
                lidos |= resposta
                continue
            culpado = parte[0] if len(parte) == 1 else _culpado(resposta, parte)
            if culpado:
                lidos[culpado] = resposta
                partes.append([id_ for id_ in parte if id_ != culpado])
            else:
                meio = len(parte) // 2
                partes += [parte[meio:], parte[:meio]]
            if codigo(resposta) in NAO_SE_VE:
                escondidos += bool(culpado)
                if not insistir(escondidos):
                    break
        return lidos

    def leads_do_formulario(
        self,
        form_id: str,
        *,
        page_id: str = "",
        desde: datetime | None = None,
        depois: str = "",
    ) -> Folha[Lead]:
        """A form's leads, newest first, a hundred a page; Meta keeps 90 days.

        ``desde`` leaves out those created before it (whole seconds).
        """
        filtro: dict[str, str] = {}
        if desde is not None:
            condicao = {
                "field": "time_created",
                "operator": "GREATER_THAN_OR_EQUAL",
                "value": int(desde.timestamp()),
            }
            filtro["filtering"] = json.dumps([condicao])
        folha = _com_e_sem_anuncio(
            lambda campos: self._graph.pagina(
                f"/{form_id}/leads",
                nome="leads_do_formulario",
                objeto=page_id,
                params={"fields": campos, **filtro},
                depois=depois,
            )
        )
        lidos = (payloads.ler_lead(item) for item in folha.dados)
        return Folha([lido for lido in lidos if lido], folha.depois)

    def criar_lead_de_teste(self, form_id: str, *, page_id: str = "") -> str:
        """Have Meta make the form's one test lead, and tell our webhook; its id.

        ``ErroPermanente`` while an older one is there: ``apagar_lead`` removes it.
        """
        corpo = self._graph.escrever(
            f"/{form_id}/test_leads", nome="criar_lead_de_teste", objeto=page_id
        )
        id_ = payloads.id_de(corpo.get("id")) if isinstance(corpo, dict) else ""
        if not id_:
            raise ResultadoIncerto(detalhe="criar_lead_de_teste: no id")
        return id_

    def leads_de_teste(self, form_id: str, *, page_id: str = "") -> list[Lead]:
        """The test lead of a form, if there is one."""
        itens = self._graph.todas(
            f"/{form_id}/test_leads", nome="leads_de_teste", objeto=page_id
        )
        return [lido for item in itens if (lido := payloads.ler_lead(item))]

    def apagar_lead(self, leadgen_id: str, *, page_id: str = "") -> None:
        """Delete a test lead at Meta."""
        self._graph.apagar(f"/{leadgen_id}", nome="apagar_lead", objeto=page_id)

    def _ler_ou_recusa(
        self, ids: list[str], page_id: str
    ) -> dict[str, Lead | ErroDoProvedor] | ErroPermanente:
        """The answer, or a refusal that speaks of one of the ids."""
        try:
            return self._ler_juntos(ids, page_id)
        except ErroPermanente as erro:
            if codigo(erro)[0] not in _DO_OBJETO:
                raise
            return erro

    def _ler_juntos(
        self, ids: list[str], page_id: str
    ) -> dict[str, Lead | ErroDoProvedor]:
        corpo = _com_e_sem_anuncio(
            lambda campos: self._graph.ler(
                "/",
                nome="ler_leads",
                objeto=page_id,
                params={"ids": ",".join(ids), "fields": campos},
            )
        )
        corpo = corpo if isinstance(corpo, dict) else {}
        return {id_: _lead_ou_erro(corpo.get(id_)) for id_ in ids}


def _com_e_sem_anuncio(pedir: Callable[[str], T]) -> T:
    try:
        return pedir(_TODOS)
    except (PermissaoInsuficiente, ErroPermanente) as erro:
        numero, sub = codigo(erro)
        so_do_lead = isinstance(erro, PermissaoInsuficiente) or numero == 100
        if not so_do_lead or (numero, sub) == _NAO_EXISTE_OU_SEM_ACESSO:
            raise
    return pedir(_DO_LEAD)


def _lead_ou_erro(bruto: Any) -> Lead | ErroDoProvedor:
    recusa = recusas.ler_recusa(bruto)
    if recusa is not None:
        return recusas.erro_de(recusa, nome="ler_leads", status=200, repetivel=True)
    lead = payloads.ler_lead(bruto)
    return lead or _lead_ou_erro(_DEIXADO_DE_FORA)


def _culpado(erro: ErroPermanente, ids: list[str]) -> str:
    """The one id of ours that Meta's message names, "" if it names none or several."""
    recusa = recusas.ler_recusa(erro.corpo)
    texto = recusa.mensagem if recusa else ""
    citados = [id_ for id_ in ids if id_ in texto]
    return citados[0] if len(citados) == 1 else ""
