"""Personal API keys: made once, kept as a hash, good for what their person may do."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conexoes import auditoria, idioma
from conexoes.acesso import pode
from conexoes.erros import ErroDeDominio
from conexoes.models import ChaveDeApi
from conexoes.notificacoes import notificar
from conexoes.tenancy import sistema

# What a key may be made for: the actions that endpoints of the API ask for.
ESCOPOS: Final = {
    "conversas.ver": gettext_lazy("Ler conversas, mensagens e arquivos"),
    "conversas.responder": gettext_lazy("Enviar mensagens e começar conversas"),
    "conversas.atribuir": gettext_lazy("Passar adiante, concluir e reabrir conversas"),
    "conversas.anotar": gettext_lazy("Escrever notas internas"),
    "contatos.ver": gettext_lazy("Ler contatos"),
    "contatos.editar": gettext_lazy("Criar e mudar contatos"),
    "funis.ver": gettext_lazy("Ler funis e oportunidades"),
    "oportunidades.editar": gettext_lazy("Criar, mover e fechar oportunidades"),
    "conexoes.ver": gettext_lazy("Ver o estado das conexões e as notificações"),
    "organizacao.configurar": gettext_lazy("Ver e mudar a organização"),
    "whatsapp.conectar": gettext_lazy("Conectar e desconectar o próprio WhatsApp"),
    "meta_lead_ads.gerenciar": gettext_lazy("Cuidar das conexões com a Meta"),
}
ATIVAS_POR_PESSOA: Final = 20
_MARCA: Final = "cnx_"
_LETRAS_DO_PREFIXO: Final = 10
_USO: Final = timedelta(minutes=1)
# Compared with when no key has the prefix, so that both take as long.
_NENHUM: Final = hashlib.sha256(b"").hexdigest()


def escopos_de(usuario: Any) -> list[tuple[str, Any]]:
    """What ``usuario`` may make a key for: actions and their words."""
    return [(acao, rotulo) for acao, rotulo in ESCOPOS.items() if pode(usuario, acao)]


def criar(
    usuario: Any,
    *,
    nome: str,
    escopos: list[str],
    expira_em: datetime | None,
    pk: UUID,
) -> tuple[ChaveDeApi, str]:
    """Make a key; its secret is returned here and never again.

    ``pk`` is made with the form: the same form twice is one key. Raises
    ``ErroDeDominio`` for a super admin, for a scope the person has not, when there are
    too many, and for a form already used.
    """
    _conferir(usuario, escopos)
    prefixo = _MARCA + secrets.token_hex(_LETRAS_DO_PREFIXO // 2)
    segredo = f"{prefixo}_{secrets.token_urlsafe(32)}"
    chave = ChaveDeApi(
        pk=pk,
        organizacao_id=usuario.organizacao_id,
        usuario=usuario,
        nome=nome,
        prefixo=prefixo,
        resumo=_resumo(segredo),
        escopos=sorted(escopos),
        expira_em=expira_em,
    )
    try:
        with transaction.atomic():
            chave.save(force_insert=True)
    except IntegrityError:
        raise ErroDeDominio(
            _("Esta chave já foi criada, e só aparece uma vez. Se a perdeu, revogue-a.")
        ) from None
    _registrar("chave_api.criada", chave, usuario, escopos=chave.escopos)
    return chave, segredo


def _conferir(usuario: Any, escopos: list[str]) -> None:
    if usuario.organizacao_id is None:
        raise ErroDeDominio(_("Super admins não usam chaves de API."))
    if not escopos or not all(e in ESCOPOS and pode(usuario, e) for e in escopos):
        raise ErroDeDominio(_("Escolha para que a chave serve."))
    if ativas(usuario).count() >= ATIVAS_POR_PESSOA:
        raise ErroDeDominio(
            _("São no máximo %(n)d chaves ativas. Revogue uma que não usa mais.")
            % {"n": ATIVAS_POR_PESSOA}
        )


def revogar(chave: ChaveDeApi, *, autor: Any) -> bool:
    """End a key at once; its person is told when it was somebody else who did.

    False when it was revoked already.
    """
    revogadas = ChaveDeApi.da(chave.organizacao_id).filter(
        pk=chave.pk, revogada_em=None
    )
    if not revogadas.update(revogada_em=timezone.now()):
        return False
    _registrar("chave_api.revogada", chave, autor)
    if chave.usuario_id != autor.pk:
        with idioma.guardando():
            titulo = _("Sua chave de API “%(nome)s” foi revogada") % {
                "nome": chave.nome
            }
            texto = _("Quem revogou: %(nome)s.") % {"nome": autor.nome}
        notificar(
            chave.usuario,
            titulo=titulo,
            texto=texto,
            url=reverse("chaves:lista"),
            tom="alerta",
            icone="key-round",
            chave=f"chave_api.revogada:{chave.pk}",
        )
    return True


def revogar_todas(usuario: Any) -> int:
    """End every good key of a person who asks for it; how many those were."""
    vivas = list(ativas(usuario).select_for_update(of=("self",)))
    ativas(usuario).filter(pk__in=[chave.pk for chave in vivas]).update(
        revogada_em=timezone.now()
    )
    for chave in vivas:
        _registrar("chave_api.revogada", chave, usuario)
    return len(vivas)


def ativas(usuario: Any) -> QuerySet[ChaveDeApi]:
    """A person's keys that are good now."""
    return da_pessoa(usuario).filter(_valem())


def da_pessoa(usuario: Any) -> QuerySet[ChaveDeApi]:
    """A person's own keys, newest first."""
    minhas = ChaveDeApi.da(usuario.organizacao_id).filter(usuario=usuario)
    return minhas.order_by("-pk")


def da_equipe(usuario: Any) -> QuerySet[ChaveDeApi]:
    """The good keys of the others, as an admin sees them, newest first."""
    outras = ChaveDeApi.da(usuario.organizacao_id).exclude(usuario=usuario)
    return outras.filter(_valem()).select_related("usuario").order_by("-pk")


def conferir(segredo: str) -> ChaveDeApi | None:
    """The key with this secret, with its person and organisation; None if not good.

    Called before anybody knows whose call it is, in the open transaction of an
    anonymous request.
    """
    prefixo = segredo[: len(_MARCA) + _LETRAS_DO_PREFIXO]
    if not segredo.isascii() or "\x00" in segredo:
        return None
    with sistema("autenticacao"):
        chave = (
            ChaveDeApi.objects.select_related("usuario", "organizacao")
            .filter(prefixo=prefixo)
            .first()
        )
    guardado = chave.resumo if chave else _NENHUM
    if not hmac.compare_digest(guardado, _resumo(segredo)) or chave is None:
        return None
    usuario: Any = chave.usuario
    vencida = chave.expira_em is not None and chave.expira_em <= timezone.now()
    if chave.revogada_em or vencida or not usuario.is_active or usuario.is_superuser:
        return None
    usuario.organizacao = chave.organizacao
    return chave


def ainda_vale(chave: ChaveDeApi) -> bool:
    """Whether a key that was good is neither revoked nor expired since."""
    iguais = ChaveDeApi.da(chave.organizacao_id).filter(_valem(), pk=chave.pk)
    return iguais.exists()


def anotar_uso(chave: ChaveDeApi) -> None:
    """Note when a key was last used, at most once a minute."""
    agora = timezone.now()
    if chave.usada_em is not None and chave.usada_em > agora - _USO:
        return
    esta = ChaveDeApi.da(chave.organizacao_id).filter(pk=chave.pk)
    with transaction.atomic():
        # Many calls at once must not wait for each other to note the same.
        if esta.select_for_update(skip_locked=True).values("pk").first():
            esta.update(usada_em=agora)


def _valem() -> Q:
    vale = Q(expira_em=None) | Q(expira_em__gt=timezone.now())
    return vale & Q(revogada_em=None)


def _resumo(segredo: str) -> str:
    return hashlib.sha256(segredo.encode()).hexdigest()


def _registrar(acao: str, chave: ChaveDeApi, autor: Any, **detalhes: Any) -> None:
    auditoria.registrar(
        acao,
        organizacao=chave.organizacao_id,
        autor=autor,
        objeto=f"chave_api:{chave.pk}",
        **detalhes,
    )
