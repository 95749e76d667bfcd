"""Two contacts that are one person: united, and taken apart again."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import aovivo, auditoria
from conexoes.erros import ErroDeDominio
from crm.models import (
    Contato,
    Conversa,
    IdentidadeContato,
    UniaoDeContatos,
    Usuario,
)
from crm.services import movimentos, pertences
from crm.services.conversas_unidas import apagar, separar_conversa, unir_conversas
from crm.telefones import chave

# What a contact takes over when it lacks it itself.
_HERDADOS: Final = (
    *("telefone", "email", "empresa", "cargo", "documento", "cidade", "estado", "cep"),
    *("nascimento", "responsavel_id", "mql_em"),
)
# What a contact that vanished can be written anew from.
_DO_CONTATO: Final = ("nome", "origem", *_HERDADOS, "campos")


def unir(
    mantido: Contato, absorvido: Contato, *, autor: Usuario | None = None
) -> UniaoDeContatos:
    """Make two contacts one: whatever hangs on the other becomes ``mantido``'s.

    Conversations through the same connection become one. Raises ``ErroDeDominio`` for
    a contact with itself or with a group.
    """
    mantido, absorvido = _travar_os_dois(mantido, absorvido)
    if mantido.e_grupo or absorvido.e_grupo:
        raise ErroDeDominio(_("Um grupo não pode ser unido a outro contato."))
    uniao = UniaoDeContatos(
        organizacao_id=mantido.organizacao_id,
        mantido=mantido,
        absorvido=_retrato(absorvido),
        autor=autor,
    )
    uniao.movidos = {
        "identidades": _mover(IdentidadeContato, absorvido, mantido),
        "unioes": _mover_unioes(absorvido, mantido),
        **pertences.entregar(absorvido, mantido),
        **unir_conversas(absorvido, mantido),
    }
    apagar(absorvido)
    uniao.movidos["ganhou"] = _herdar(mantido, absorvido)
    uniao.save(force_insert=True)
    _auditar("contato.unido", uniao, autor)
    _avisar(uniao)
    return uniao


def conversa_unida(organizacao: Any, conversa_id: UUID) -> UUID | None:
    """The conversation that took this one in, None when none did."""
    pedaco = [{"id": str(conversa_id)}]
    uniao = (
        UniaoDeContatos.da(organizacao)
        .filter(movidos__conversas_unidas__contains=pedaco, desfeita_em=None)
        .first()
    )
    unidas = uniao.movidos["conversas_unidas"] if uniao else []
    return next((UUID(u["para"]) for u in unidas if u["id"] == pedaco[0]["id"]), None)


def unir_se_oculto(mantido: Contato, outro: Contato) -> bool:
    """Unite a contact without a phone with who they turned out to be; whether it did.

    Two different numbers stay two contacts, and so do two that a person took apart.
    """
    if outro.pk == mantido.pk or outro.telefone or outro.e_grupo or mantido.e_grupo:
        return False
    separados = UniaoDeContatos.da(mantido.organizacao_id).filter(
        mantido=mantido, absorvido__id=str(outro.pk), desfeita_em__isnull=False
    )
    if separados.exists():
        return False
    unir(mantido, outro)
    return True


def desfazer(uniao: UniaoDeContatos, *, autor: Usuario) -> Contato:
    """Take apart what ``uniao`` joined; the contact that is back.

    What was said since then stays with the contact that was kept. Raises
    ``ErroDeDominio`` when it is undone already, or not the last one.
    """
    mantido = _travar(uniao.organizacao_id, [uniao.mantido_id])[0]
    uniao.refresh_from_db()
    ultima = unioes_de(mantido).first()
    if uniao.desfeita_em or ultima is None or ultima.pk != uniao.pk:
        raise ErroDeDominio(_("Só a última união deste contato pode ser desfeita."))
    _devolver_o_que_ganhou(mantido, uniao)
    de_volta = _recriar(uniao)
    movidos = uniao.movidos
    _trazer(IdentidadeContato, movidos["identidades"], mantido, de_volta)
    _trazer(Conversa, movidos["conversas"], mantido, de_volta)
    UniaoDeContatos.da(uniao.organizacao_id).filter(pk__in=movidos["unioes"]).update(
        mantido=de_volta
    )
    pertences.devolver(movidos, mantido, de_volta)
    for conversa in movidos["conversas_unidas"]:
        separar_conversa(conversa, mantido, de_volta)
    uniao.desfeita_em = timezone.now()
    uniao.save(update_fields=["desfeita_em", "atualizado_em"])
    _auditar("contato.separado", uniao, autor)
    _avisar(uniao)
    return de_volta


def unioes_de(contato: Contato) -> QuerySet[UniaoDeContatos]:
    """What was united with ``contato`` and still is, the latest first."""
    return (
        UniaoDeContatos.da(contato.organizacao_id)
        .filter(mantido=contato, desfeita_em=None)
        .select_related("autor")
        .order_by("-criado_em", "-id")
    )


def _travar_os_dois(mantido: Contato, absorvido: Contato) -> tuple[Contato, Contato]:
    travados = {
        c.pk: c for c in _travar(mantido.organizacao_id, [mantido.pk, absorvido.pk])
    }
    if len(travados) != 2:
        raise ErroDeDominio(_("Escolha dois contatos diferentes."))
    return travados[mantido.pk], travados[absorvido.pk]


def _travar(organizacao_id: UUID, ids: list[UUID]) -> list[Contato]:
    # In one order, and before their conversations: so does whoever receives a message.
    linhas = Contato.da(organizacao_id).select_for_update(no_key=True)
    return list(linhas.filter(pk__in=ids).order_by("pk"))


def _retrato(contato: Contato) -> dict[str, Any]:
    campos = {nome: _escrito(getattr(contato, nome)) for nome in _DO_CONTATO}
    criado_em = contato.criado_em.isoformat()
    return {"id": str(contato.pk), "criado_em": criado_em} | campos


def _escrito(valor: Any) -> Any:
    """A value as JSON keeps it."""
    if isinstance(valor, date):
        return valor.isoformat()
    return str(valor) if isinstance(valor, UUID) else valor


def _mover(modelo: Any, de: Contato, para: Contato) -> list[str]:
    linhas = modelo.da(de.organizacao_id).filter(contato=de)
    ids = [str(pk) for pk in linhas.values_list("pk", flat=True)]
    linhas.update(contato=para)
    return ids


def _mover_unioes(de: Contato, para: Contato) -> list[str]:
    unioes = UniaoDeContatos.da(de.organizacao_id).filter(mantido=de)
    ids = [str(pk) for pk in unioes.values_list("pk", flat=True)]
    unioes.update(mantido=para)
    return ids


def _trazer(modelo: Any, ids: list[str], de: Contato, para: Contato) -> None:
    linhas = modelo.da(de.organizacao_id).filter(pk__in=ids, contato=de)
    linhas.update(contato=para)


def _herdar(mantido: Contato, absorvido: Contato) -> dict[str, Any]:
    """Fill what ``mantido`` lacks; what it gained."""
    ganhou = {
        campo: getattr(absorvido, campo)
        for campo in _HERDADOS
        if getattr(absorvido, campo) and not getattr(mantido, campo)
    }
    for campo, valor in ganhou.items():
        setattr(mantido, campo, valor)
    campos = {c: v for c, v in absorvido.campos.items() if c not in mantido.campos}
    mantido.campos |= campos
    if ganhou or campos:
        mantido.save()
    escritos = {campo: _escrito(valor) for campo, valor in ganhou.items()}
    return escritos | ({"campos": campos} if campos else {})


def _devolver_o_que_ganhou(mantido: Contato, uniao: UniaoDeContatos) -> None:
    ganhou = dict(uniao.movidos.get("ganhou", {}))
    campos = ganhou.pop("campos", {})
    devolvidos = {
        c for c, valor in ganhou.items() if _escrito(getattr(mantido, c)) == valor
    }
    for campo in devolvidos:
        vazio = Contato._meta.get_field(campo.removesuffix("_id"))
        setattr(mantido, campo, None if vazio.null else "")
    iguais = {c for c, valor in campos.items() if mantido.campos.get(c) == valor}
    mantido.campos = {c: v for c, v in mantido.campos.items() if c not in iguais}
    if devolvidos or iguais:
        mantido.save()


def _recriar(uniao: UniaoDeContatos) -> Contato:
    retrato = uniao.absorvido
    ocupado = Contato.da(uniao.organizacao_id).filter(
        telefone_chave=chave(retrato["telefone"])
    )
    if retrato["telefone"] and ocupado.exists():
        raise ErroDeDominio(
            _("Outro contato já usa o telefone %(telefone)s.")
            % {"telefone": retrato["telefone"]}
        )
    # United before more was kept, it has none of it.
    campos = {nome: retrato[nome] for nome in _DO_CONTATO if nome in retrato}
    pessoa = Usuario.objects.filter(pk=campos.pop("responsavel_id", None)).first()
    de_volta = Contato.objects.create(
        id=UUID(retrato["id"]),
        organizacao_id=uniao.organizacao_id,
        responsavel=pessoa,
        **campos,
    )
    Contato.da(uniao.organizacao_id).filter(pk=de_volta.pk).update(
        criado_em=retrato["criado_em"]
    )
    de_volta.refresh_from_db()
    return de_volta


def _avisar(uniao: UniaoDeContatos) -> None:
    aovivo.avisar_juntos(
        uniao.organizacao_id, [("conversas", {}), (movimentos.ASSUNTO_DE_TODOS, {})]
    )


def _auditar(acao: str, uniao: UniaoDeContatos, autor: Usuario | None) -> None:
    auditoria.registrar(
        acao,
        organizacao=uniao.organizacao_id,
        autor=autor,
        objeto=f"contato:{uniao.mantido_id}",
        absorvido=uniao.absorvido["id"],
    )
