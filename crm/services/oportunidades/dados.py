"""What a deal is called, is worth, and whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import auditoria, idioma
from conexoes.erros import ErroDeDominio
from conexoes.notificacoes import notificar
from crm.models import EtapaFunil, Oportunidade, Usuario
from crm.services import movimentos
from crm.services.travas import travar_oportunidade

# What people change about a deal, in the order that the trail names it.
EDITAVEIS: Final = ("titulo", "valor", "responsavel")
VALOR_MAXIMO: Final = Decimal("999999999999.99")


def alterar(oportunidade: Oportunidade, *, autor: Usuario, **dados: Any) -> None:
    """Change what is said of ``EDITAVEIS``, and nothing else; who gets it is told.

    Raises ``ErroDeDominio`` for somebody who left, and a value that is none.
    """
    if desconhecidos := dados.keys() - set(EDITAVEIS):
        raise TypeError(f"not a deal's to change: {sorted(desconhecidos)}")
    reler(oportunidade)
    novos = _conferidos(oportunidade, dados)
    mudados = [nome for nome in novos if getattr(oportunidade, nome) != novos[nome]]
    if not mudados:
        return
    for nome in mudados:
        setattr(oportunidade, nome, novos[nome])
    oportunidade.save(update_fields=[*mudados, "atualizado_em"])
    registrar("oportunidade.alterada", oportunidade, autor, campos=mudados)
    movimentos.avisar([oportunidade])
    responsavel = oportunidade.responsavel
    if "responsavel" in mudados and responsavel and responsavel.pk != autor.pk:
        contar_a_quem_recebe(oportunidade, responsavel, autor)


def motivos(organizacao: Any, quantos: int = 8) -> list[str]:
    """Why deals were lost lately, the newest reason first."""
    perdidas = Oportunidade.da(organizacao).filter(status=Oportunidade.Status.PERDIDA)
    recentes = perdidas.exclude(motivo_da_perda="").order_by("-fechada_em", "-pk")
    unicos = dict.fromkeys(recentes.values_list("motivo_da_perda", flat=True)[:200])
    return list(unicos)[:quantos]


def reler(oportunidade: Oportunidade) -> EtapaFunil:
    """The deal as it is now, locked; the stage it is in."""
    travar_oportunidade(oportunidade)
    etapa: EtapaFunil = oportunidade.etapa
    return etapa


def titulo_limpo(escrito: str) -> str:
    titulo = " ".join(escrito.replace("\x00", "").split())[:255]
    if not titulo:
        raise ErroDeDominio(_("Dê um título à oportunidade."))
    return titulo


def conferir(
    organizacao_id: UUID, valor: Decimal | None, responsavel: Usuario | None
) -> None:
    """Raises ``ErroDeDominio`` for a value that is none, and for who left."""
    conferir_valor(valor)
    if responsavel and not (
        responsavel.is_active and responsavel.organizacao_id == organizacao_id
    ):
        raise ErroDeDominio(_("Esta pessoa não está mais na equipe."))


def conferir_valor(valor: Decimal | None) -> None:
    if valor is not None and not 0 <= valor <= VALOR_MAXIMO:
        raise ErroDeDominio(_("Confira o valor: ele não pode ser negativo."))


def _conferidos(oportunidade: Oportunidade, dados: Mapping[str, Any]) -> dict[str, Any]:
    novos = dict(dados)
    if "titulo" in novos:
        novos["titulo"] = titulo_limpo(novos["titulo"])
    conferir_valor(novos.get("valor"))
    responsavel = novos.get("responsavel")
    # Whose it was stays so, also when they left meanwhile.
    if responsavel and responsavel.pk != oportunidade.responsavel_id:
        conferir(oportunidade.organizacao_id, None, responsavel)
    return novos


def contar_a_quem_recebe(
    oportunidade: Oportunidade, para: Usuario, autor: Usuario
) -> None:
    with idioma.guardando():
        titulo = _("%(nome)s passou uma oportunidade para você") % {"nome": autor.nome}
    notificar(
        para,
        titulo=titulo,
        texto=oportunidade.titulo,
        url=f"/oportunidades/{oportunidade.pk}/",
        icone="handshake",
        tipo="atendimento",
        # Given back and again, it is news again.
        chave=f"oportunidade.atribuida:{oportunidade.pk}:{timezone.now().timestamp()}",
    )


def registrar(
    acao: str, oportunidade: Oportunidade, autor: Usuario | None, **detalhes: Any
) -> None:
    auditoria.registrar(
        acao,
        organizacao=oportunidade.organizacao_id,
        autor=autor,
        objeto=f"oportunidade:{oportunidade.pk}",
        **detalhes,
    )
