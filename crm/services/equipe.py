"""The people of an organisation: what each may do, and who leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import F, QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import gettext as _

from conexoes import aovivo, auditoria, idioma
from conexoes.erros import ErroDeDominio
from conexoes.models import ChaveDeApi
from conexoes.notificacoes import ASSUNTO, notificar
from crm.models import Contato, Conversa, Oportunidade, Usuario
from crm.services import movimentos
from crm.services.atendimento import de_quem
from crm.services.busca import sem_acentos_no_banco
from crm.services.conversas import avisar_lista
from crm.telefones import sem_acentos

# What an admin may allow a member, by the PRD.
PERMISSOES: Final = ("meta_lead_ads", "instagram_direct")


@dataclass(frozen=True)
class Alcance:
    """What somebody leaves behind."""

    conversas: int
    numeros: int
    chaves: int
    oportunidades: int


def alcance(pessoa: Usuario) -> Alcance:
    """How much hangs on a person: shown before they are deactivated."""
    proprias = Conversa.da(pessoa.organizacao_id).filter(responsavel=pessoa)
    return Alcance(
        conversas=_abertas(pessoa).count(),
        numeros=proprias.exclude(conexao_id=None)
        .values("conexao_id")
        .distinct()
        .count(),
        chaves=_chaves(pessoa).count(),
        oportunidades=_oportunidades(pessoa).count(),
    )


def procurar(pessoas: QuerySet[Usuario], procurado: str) -> QuerySet[Usuario]:
    """Those whose name or e-mail has every word of ``procurado``, however accented."""
    nome_e_email = Concat("nome", Value(" "), "email", output_field=TextField())
    achadas = pessoas.alias(_procuravel=sem_acentos_no_banco(nome_e_email))
    for termo in sem_acentos(procurado).split():
        achadas = achadas.filter(_procuravel__contains=termo)
    return achadas


def alterar(
    pessoa: Usuario,
    *,
    nome: str,
    papel: str,
    permissoes: Mapping[str, bool],
    autor: Usuario,
) -> None:
    """Rename somebody, change their role and what they were allowed; they are told.

    Raises ``ErroDeDominio`` for one's own role and for the last admin's.
    """
    _travar(pessoa)
    if papel != pessoa.papel:
        if pessoa.pk == autor.pk:
            raise ErroDeDominio(_("Ninguém muda o próprio papel."))
        _poupar_o_ultimo_admin(pessoa)
    novos = {
        "nome": nome,
        "papel": papel,
        "permissoes_conexoes": {p: bool(permissoes.get(p)) for p in PERMISSOES},
    }
    # A permission that was never spoken of is one that was not given.
    antigas = pessoa.permissoes_conexoes
    atuais = {
        "nome": pessoa.nome,
        "papel": pessoa.papel,
        "permissoes_conexoes": {p: bool(antigas.get(p)) for p in PERMISSOES},
    }
    mudados = [campo for campo, valor in novos.items() if atuais[campo] != valor]
    if not mudados:
        return
    for campo in mudados:
        setattr(pessoa, campo, novos[campo])
    pessoa.save(update_fields=[*mudados, "atualizado_em"])
    _registrar("usuario.alterado", pessoa, autor, campos=mudados)
    if pessoa.pk != autor.pk and set(mudados) - {"nome"}:
        _contar_a_mudanca(pessoa, autor)


def desativar(
    pessoa: Usuario, *, conversas_para: Usuario | None, autor: Usuario
) -> int:
    """Shut somebody out at once; what they took care of (conversations, open deals,
    contacts) goes to a colleague or to nobody.

    Web sessions, open pages, tokens and API keys end with it. Returns how many
    conversations changed hands. Raises ``ErroDeDominio`` for oneself, the last admin,
    and an heir who is not of the team.
    """
    _travar(pessoa)
    if pessoa.pk == autor.pk:
        raise ErroDeDominio(_("Ninguém desativa a si mesmo."))
    _poupar_o_ultimo_admin(pessoa)
    if conversas_para and not _pode_herdar(conversas_para, pessoa):
        raise ErroDeDominio(_("Escolha alguém ativo da equipe para as conversas."))
    if not pessoa.is_active:
        return 0
    pessoa.is_active = False
    pessoa.geracao_de_sessoes += 1
    pessoa.save(update_fields=["is_active", "geracao_de_sessoes", "atualizado_em"])
    _chaves(pessoa).update(revogada_em=timezone.now())
    passadas = _abertas(pessoa).update(
        atendente=conversas_para, atualizado_em=timezone.now()
    )
    negocios = _passar_negocios(pessoa, conversas_para)
    _registrar(
        "usuario.desativado",
        pessoa,
        autor,
        conversas=passadas,
        oportunidades=negocios,
    )
    if conversas_para and passadas and conversas_para.pk != autor.pk:
        _contar_a_heranca(conversas_para, pessoa, passadas)
    avisar_lista(pessoa.organizacao_id)
    _chamar_paginas(pessoa)
    return passadas


def reativar(pessoa: Usuario, *, autor: Usuario) -> None:
    """Let somebody in again; what went to others stays with them."""
    _travar(pessoa)
    if pessoa.is_active:
        return
    pessoa.is_active = True
    pessoa.save(update_fields=["is_active", "atualizado_em"])
    _registrar("usuario.reativado", pessoa, autor)


def encerrar_sessoes(pessoa: Usuario, *, autor: Usuario) -> None:
    """Log somebody out everywhere: browsers, open pages, tokens."""
    avancar_geracao(pessoa)
    _registrar("usuario.sessoes_encerradas", pessoa, autor)


def avancar_geracao(pessoa: Usuario) -> None:
    """Make every session and token of before worth nothing; open pages learn of it."""
    Usuario.objects.filter(pk=pessoa.pk).update(
        geracao_de_sessoes=F("geracao_de_sessoes") + 1
    )
    pessoa.refresh_from_db(fields=["geracao_de_sessoes"])
    _chamar_paginas(pessoa)


def _chamar_paginas(pessoa: Usuario) -> None:
    # Every open page asks for its bell again, and one whose session ended is then sent
    # to the log-in.
    if pessoa.organizacao_id is not None:
        aovivo.avisar(pessoa.organizacao_id, ASSUNTO)


def _abertas(pessoa: Usuario) -> QuerySet[Conversa]:
    todas = Conversa.da(pessoa.organizacao_id)
    return todas.filter(de_quem(pessoa), concluida_em=None)


def _oportunidades(pessoa: Usuario) -> QuerySet[Oportunidade]:
    todas = Oportunidade.da(pessoa.organizacao_id)
    return todas.filter(responsavel=pessoa, status=Oportunidade.Status.ABERTA)


def _passar_negocios(pessoa: Usuario, para: Usuario | None) -> int:
    """Hand over contacts and open deals; how many deals went."""
    deles = list(_oportunidades(pessoa).select_for_update(of=("self",)))
    _oportunidades(pessoa).update(responsavel=para)
    contatos = Contato.da(pessoa.organizacao_id).filter(responsavel=pessoa)
    contatos.update(responsavel=para)
    movimentos.avisar(deles)
    return len(deles)


def _chaves(pessoa: Usuario) -> QuerySet[ChaveDeApi]:
    todas = ChaveDeApi.da(pessoa.organizacao_id)
    return todas.filter(usuario=pessoa, revogada_em=None)


def _pode_herdar(herdeiro: Usuario, pessoa: Usuario) -> bool:
    da_equipe = herdeiro.organizacao_id == pessoa.organizacao_id
    return herdeiro.is_active and herdeiro.pk != pessoa.pk and da_equipe


def _travar(pessoa: Usuario) -> None:
    """Read the person anew, with every admin locked: two who demote each other at the
    same time must not both succeed."""
    list(_admins(pessoa.organizacao_id).order_by("pk").select_for_update().values("pk"))
    pessoa.refresh_from_db(from_queryset=Usuario.objects.select_for_update())


def _poupar_o_ultimo_admin(pessoa: Usuario) -> None:
    outros = _admins(pessoa.organizacao_id).exclude(pk=pessoa.pk)
    if pessoa.papel == Usuario.Papel.ADMIN and pessoa.is_active and not outros.exists():
        raise ErroDeDominio(
            _("A organização precisa de ao menos uma pessoa na administração.")
        )


def _admins(organizacao_id: UUID | None) -> QuerySet[Usuario]:
    return Usuario.objects.filter(
        organizacao=organizacao_id, papel=Usuario.Papel.ADMIN, is_active=True
    )


def _contar_a_mudanca(pessoa: Usuario, autor: Usuario) -> None:
    with idioma.guardando():
        titulo = _("Seu acesso mudou")
        texto = _("%(autor)s mudou o seu acesso. Seu papel agora: %(papel)s.") % {
            "autor": autor.nome,
            "papel": pessoa.papel_legivel,
        }
    notificar(
        pessoa,
        titulo=titulo,
        texto=texto,
        icone="shield-check",
        tipo="equipe",
        chave=f"usuario.alterado:{timezone.now().timestamp()}",
    )


def _contar_a_heranca(herdeiro: Usuario, pessoa: Usuario, quantas: int) -> None:
    with idioma.guardando():
        titulo = _("As conversas de %(nome)s passaram para você") % {
            "nome": pessoa.nome
        }
        texto = _("Conversas abertas: %(n)d.") % {"n": quantas}
    notificar(
        herdeiro,
        titulo=titulo,
        texto=texto,
        url="/conversas/?filtro=minhas",
        icone="user-round-check",
        tipo="atendimento",
        chave=f"usuario.desativado:{pessoa.pk}:{timezone.now().timestamp()}",
    )


def _registrar(acao: str, pessoa: Usuario, autor: Usuario, **detalhes: Any) -> None:
    auditoria.registrar(
        acao,
        organizacao=pessoa.organizacao_id,
        autor=autor,
        objeto=f"usuario:{pessoa.pk}",
        **detalhes,
    )
