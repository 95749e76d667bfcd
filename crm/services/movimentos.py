"""How deals moved: one row, one event and one live notice for each step.

A step is told to whoever listens under the id of its row: made once, told once. Going
back and forth makes new steps; that they are the same to an ad network is for whoever
listens to decide, by ``oportunidade_id``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from conexoes import aovivo, eventos
from crm.models import EtapaFunil, MovimentoDaOportunidade, Oportunidade, Usuario

# Notices: one pipeline looks otherwise ("funil", with its id), or any of them may.
ASSUNTO: Final = "funil"
ASSUNTO_DE_TODOS: Final = "funis"

_EVENTOS: Final = {
    Oportunidade.Status.GANHA: "oportunidade.ganha",
    Oportunidade.Status.PERDIDA: "oportunidade.perdida",
    Oportunidade.Status.ABERTA: "oportunidade.movida",
}


def registrar(
    oportunidades: Sequence[Oportunidade],
    *,
    de_etapa: EtapaFunil | None,
    de_status: str,
    autor: Usuario | None,
) -> list[MovimentoDaOportunidade]:
    """Write that these deals came from there to where they are, and tell everybody.

    A number of queries that does not grow with them, besides one row for each listener.
    """
    movimentos = MovimentoDaOportunidade.objects.bulk_create(
        [
            MovimentoDaOportunidade(
                organizacao_id=o.organizacao_id,
                oportunidade=o,
                de_etapa=de_etapa,
                para_etapa_id=o.etapa_id,
                de_status=de_status,
                para_status=o.status,
                autor=autor,
            )
            for o in oportunidades
        ]
    )
    for oportunidade, movimento in zip(oportunidades, movimentos, strict=True):
        _publicar(oportunidade, movimento)
    avisar(oportunidades)
    return movimentos


def avisar(oportunidades: Sequence[Oportunidade]) -> None:
    """Tell open pages that these deals look otherwise now."""
    if not oportunidades:
        return
    # One notice a pipeline: who looks at it asks for it anew, however many moved.
    funis = {o.funil_id for o in oportunidades}
    avisos = [(ASSUNTO, {"id": pk}) for pk in funis]
    if len(oportunidades) == 1:
        avisos.append(("oportunidade", {"id": oportunidades[0].pk}))
    aovivo.avisar_juntos(oportunidades[0].organizacao_id, avisos)


def _publicar(oportunidade: Oportunidade, movimento: MovimentoDaOportunidade) -> None:
    criada = movimento.de_etapa_id is None and not movimento.de_status
    status = Oportunidade.Status(oportunidade.status)
    nome = "oportunidade.criada" if criada else _EVENTOS[status]
    payload: dict[str, Any] = {
        "oportunidade_id": str(oportunidade.pk),
        "contato_id": str(oportunidade.contato_id),
        "etapa_id": str(oportunidade.etapa_id),
        "momento": movimento.momento.isoformat(),
    }
    if status == Oportunidade.Status.GANHA and oportunidade.valor is not None:
        payload |= {"valor": str(oportunidade.valor), "moeda": oportunidade.moeda}
    eventos.publicar(
        oportunidade.organizacao_id, nome, objeto_id=movimento.pk, **payload
    )
