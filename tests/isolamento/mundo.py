"""One organisation with a row in every table, each text marked as its own.

``completo`` is what the walk relies on: a table that this file forgets fails there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar
from uuid import uuid4

from django.apps import apps
from django.db.models import Model
from django.utils import timezone

from conexoes import arquivos
from conexoes.models import (
    ChamadaIdempotente,
    ChaveDeApi,
    ConfiguracaoTenant,
    CredencialGlobal,
    EstadoOAuth,
    EventoPendente,
    Notificacao,
    RecursoDaOrganizacao,
    RegistroAuditoria,
    SegredoWebhook,
    WebhookRecebido,
)
from conexoes.tenancy import na, sistema
from crm.models import (
    CampoPersonalizado,
    Contato,
    Conversa,
    Convite,
    EtapaFunil,
    Funil,
    IdentidadeContato,
    Mensagem,
    Midia,
    MovimentoDaOportunidade,
    Oportunidade,
    Rascunho,
    Reacao,
    RespostaRapida,
    Tag,
    TagDoContato,
    UniaoDeContatos,
    VezNoFunil,
)
from crm.services import unioes
from crm.telefones import legivel
from meta.models import (
    ConexaoMeta,
    FormularioLeadAds,
    FormularioMeta,
    LeadCapturado,
    LeituraDeLeads,
    PaginaMeta,
)
from whatsapp.models import AckAdiantado, PeriodoDaSessao, SessaoWhatsapp

Linha = TypeVar("Linha", bound=Model)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@dataclass
class Mundo:
    """What there is of one organisation; ``marca`` stands in every text of it."""

    organizacao: Any
    admin: Any
    membro: Any
    marca: str
    telefone: str
    linhas: dict[type[Model], list[Any]] = field(default_factory=dict)

    def criar(self, modelo: type[Linha], **campos: Any) -> Linha:
        linha = modelo._default_manager.create(organizacao=self.organizacao, **campos)
        self.linhas.setdefault(modelo, []).append(linha)
        return linha

    def um(self, modelo: type[Linha], **campos: Any) -> Linha:
        """The first row made of ``modelo`` whose fields are so."""
        for linha in self.linhas[modelo]:
            if all(getattr(linha, nome) == valor for nome, valor in campos.items()):
                return linha  # type: ignore[no-any-return]
        raise LookupError(f"no {modelo.__name__} with {campos}")

    def especie(self, nome: str) -> type[Model] | None:
        """The model that a field is named after, if it is named after one."""
        for modelo, linhas in self.linhas.items():
            if modelo._meta.model_name == nome and len(str(linhas[0].pk)) == 36:
                return modelo
        return None

    def marcas(self) -> list[str]:
        """What nobody of another organisation may ever see."""
        ids = [str(linha.pk) for linhas in self.linhas.values() for linha in linhas]
        # The trail numbers its rows 1, 2, 3: those are everywhere.
        longas = [pk for pk in ids if len(pk) == 36]
        pessoas = [p for q in (self.admin, self.membro) for p in (q.nome, q.email)]
        numeros = [self.telefone, self.telefone[1:], legivel(self.telefone)]
        return [self.marca, self.organizacao.nome, *pessoas, *numeros, *longas]


def do_inquilino() -> Iterator[type[Model]]:
    """Every model whose rows belong to one organisation, besides its people."""
    for modelo in apps.get_models():
        campos = {campo.name for campo in modelo._meta.fields}
        pessoas = modelo is apps.get_model("crm", "Usuario")
        if "organizacao" in campos and not pessoas:
            yield modelo


def povoar(
    organizacao: Any, admin: Any, membro: Any, marca: str, telefone: str
) -> Mundo:
    """Write it all, as the service itself."""
    mundo = Mundo(organizacao, admin, membro, marca, telefone)
    with na(organizacao):
        for parte in (_conversas, _equipe, _trabalho, _whatsapp, _funil, _meta):
            parte(mundo)
    mundo.linhas[type(admin)] = [membro, admin]
    mundo.linhas[type(organizacao)] = [organizacao]
    return mundo


def geral() -> None:
    """What belongs to the whole installation."""
    with sistema("comando"):
        CredencialGlobal.objects.create(provedor="waha", url="http://127.0.0.1:1/waha")
        CredencialGlobal.objects.create(
            provedor="meta", identificador="1900000000001", segredo="do-aplicativo"
        )


def _conversas(m: Mundo) -> None:
    contato = m.criar(
        Contato,
        nome=f"{m.marca} contato",
        telefone=m.telefone,
        email=f"{m.marca}@cliente.test",
    )
    m.criar(Contato, nome=f"{m.marca} outro", email=f"{m.marca}2@cliente.test")
    m.criar(IdentidadeContato, contato=contato, canal="whatsapp", identificador="c1")
    conversa = m.criar(
        Conversa,
        contato=contato,
        canal="whatsapp",
        conexao_id=uuid4(),
        conexao_nome=f"{m.marca} numero",
        endereco=f"{m.telefone[1:]}@c.us",
        responsavel=m.membro,
        atendente=m.membro,
        nao_lidas=1,
        ultima_direcao="entrada",
        ultima_mensagem_texto=f"{m.marca} ultima",
    )
    entrada = _mensagem(m, conversa, direcao="entrada", status="recebida")
    _mensagem(m, conversa, direcao="saida", status="falhou", autor=m.membro)
    _mensagem(m, conversa, direcao="saida", status="incerta", autor=m.membro)
    _mensagem(m, conversa, direcao="interna", status="nota", autor=m.membro)
    m.criar(Reacao, mensagem=entrada, de="eu", emoji="👍")
    _midias(m, conversa)
    absorvido = Contato.objects.create(
        organizacao=m.organizacao, nome=f"{m.marca} absorvido"
    )
    m.linhas[UniaoDeContatos] = [unioes.unir(contato, absorvido)]
    for pessoa in (m.admin, m.membro):
        m.criar(
            Rascunho, usuario=pessoa, conversa=conversa, texto=f"{m.marca} rascunho"
        )


def _mensagem(m: Mundo, conversa: Conversa, **campos: Any) -> Mensagem:
    padrao = {
        "conexao_id": conversa.conexao_id,
        "texto": f"{m.marca} texto",
        "momento": timezone.now() + timedelta(seconds=len(m.linhas)),
        "id_externo": f"3EB0{uuid4().hex[:12]}",
    }
    return m.criar(Mensagem, conversa=conversa, **padrao | campos)


def _midias(m: Mundo, conversa: Conversa) -> None:
    for status in ("pronta", "falhou"):
        mensagem = _mensagem(
            m, conversa, direcao="entrada", status="recebida", tipo="imagem"
        )
        chave = arquivos.chave(m.organizacao.pk, uuid4())
        arquivos.guardar(chave, lambda arquivo: arquivo.write(PNG))
        m.criar(
            Midia,
            mensagem=mensagem,
            status=status,
            nome=f"{m.marca}.png",
            mimetype="image/png",
            tamanho=len(PNG),
            arquivo=chave,
            origem=f"http://127.0.0.1:1/{m.marca}",
        )


def _equipe(m: Mundo) -> None:
    m.criar(
        Convite,
        email=f"{m.marca}@convite.test",
        token_hash=uuid4().hex * 2,
        expira_em=timezone.now() + timedelta(days=7),
        autor=m.admin,
    )
    m.criar(
        RespostaRapida,
        atalho=m.marca[:30],
        texto=f"{m.marca} pronta",
        autor=m.membro,
    )
    m.criar(ConfiguracaoTenant, configuracoes_extra={"nota": m.marca})
    m.criar(RecursoDaOrganizacao, recurso=f"{m.marca}-recurso", ativo=True)
    for pessoa in (m.admin, m.membro):
        m.criar(
            Notificacao,
            usuario=pessoa,
            titulo=f"{m.marca} aviso",
            texto=f"{m.marca} recado",
            url="/contatos/",
            chave=str(uuid4()),
        )
        m.criar(
            ChaveDeApi,
            usuario=pessoa,
            nome=f"{m.marca} chave",
            prefixo=uuid4().hex[:12],
            resumo=uuid4().hex * 2,
            escopos=[],
        )
        m.criar(
            ChamadaIdempotente,
            usuario=pessoa,
            chave=str(uuid4()),
            resumo=uuid4().hex * 2,
            status=200,
            resposta={"texto": m.marca},
        )


def _trabalho(m: Mundo) -> None:
    for destino, status, motivo in (
        ("whatsapp.envio", "failed", "permanente"),
        ("whatsapp.envio", "pending", "pausada"),
    ):
        m.criar(
            EventoPendente,
            tipo="enviar_whatsapp",
            destino=destino,
            chave=f"mensagem:{m.linhas[Mensagem][1].pk}:{status}",
            payload={"mensagem_id": str(m.linhas[Mensagem][1].pk)},
            status=status,
            motivo=motivo,
            ultimo_erro=f"{m.marca} erro",
            proxima_tentativa=timezone.now() + timedelta(days=1),
        )
    m.criar(
        WebhookRecebido,
        tipo="webhook",
        destino="waha.webhook",
        chave=uuid4().hex,
        endpoint=f"waha:{m.organizacao.pk}",
        corpo=f'{{"texto": "{m.marca}"}}'.encode(),
        status="failed",
        motivo="envenenada",
        ultimo_erro=f"{m.marca} erro",
    )
    m.criar(SegredoWebhook, provedor="waha", segredo=f"{m.marca} segredo")
    m.criar(RegistroAuditoria, acao="coisa.feita", objeto=m.marca, autor_nome=m.marca)


def _whatsapp(m: Mundo) -> None:
    for pessoa in (m.admin, m.membro):
        sessao = m.criar(
            SessaoWhatsapp,
            usuario=pessoa,
            session_name=f"{m.marca}-{pessoa.pk}",
            status="connected",
            ligada=True,
            phone_number=m.telefone,
            phone_name=f"{m.marca} celular",
        )
        m.criar(
            PeriodoDaSessao, sessao=sessao, status="connected", inicio_em=timezone.now()
        )
        m.criar(AckAdiantado, sessao=sessao, id_externo=uuid4().hex, ack=2)


def _funil(m: Mundo) -> None:
    funil = m.criar(Funil, nome=f"{m.marca} funil", padrao=True)
    etapas = [
        m.criar(EtapaFunil, funil=funil, nome=f"{m.marca} etapa {n}", ordem=n)
        for n in range(2)
    ]
    m.criar(VezNoFunil, funil=funil, usuario=m.membro)
    contato = m.linhas[Contato][0]
    oportunidade = m.criar(
        Oportunidade,
        contato=contato,
        funil=funil,
        etapa=etapas[0],
        titulo=f"{m.marca} oportunidade",
        responsavel=m.membro,
    )
    m.criar(
        MovimentoDaOportunidade,
        oportunidade=oportunidade,
        para_etapa=etapas[0],
        autor=m.membro,
    )
    tag = m.criar(Tag, nome=f"{m.marca} tag", chave=f"{m.marca} tag")
    m.criar(TagDoContato, contato=contato, tag=tag)
    m.criar(CampoPersonalizado, nome=f"{m.marca} campo")


def _meta(m: Mundo) -> None:
    for pessoa in (m.admin, m.membro):
        m.criar(
            EstadoOAuth,
            usuario=pessoa,
            provedor="meta",
            resumo=uuid4().hex * 2,
            sessao=uuid4().hex * 2,
            expira_em=timezone.now() + timedelta(minutes=10),
        )
    conexao = m.criar(
        ConexaoMeta,
        access_token=f"{m.marca} token",
        meta_user_id=f"{m.marca}-id",
        meta_user_name=f"{m.marca} conta",
        conectada_por=m.admin,
    )
    pagina = m.criar(
        PaginaMeta,
        conexao=conexao,
        page_id=f"{m.marca}-pagina",
        page_name=f"{m.marca} pagina",
        page_access_token=f"{m.marca} token da pagina",
        ativo=True,
    )
    formulario = m.criar(
        FormularioMeta,
        pagina=pagina,
        form_id=f"{m.marca}-formulario",
        nome=f"{m.marca} formulario",
        status="ACTIVE",
        perguntas=[{"key": "email", "label": f"{m.marca} email", "type": "EMAIL"}],
    )
    m.criar(
        FormularioLeadAds,
        pagina=pagina,
        form_id=formulario.form_id,
        form_name=formulario.nome,
        funil=m.linhas[Funil][0],
        etapa_destino=m.linhas[EtapaFunil][0],
        mapeamento_campos={"email": "email"},
    )
    m.criar(
        LeadCapturado,
        leadgen_id=f"{m.marca}-lead",
        pagina=pagina,
        page_id=pagina.page_id,
        form_id=formulario.form_id,
        formulario=formulario,
        status="processado",
        respostas=[{"name": "email", "values": [f"{m.marca}@lead.test"]}],
        ad_name=f"{m.marca} anuncio",
        contato=m.linhas[Contato][0],
        oportunidade=m.linhas[Oportunidade][0],
    )
    m.criar(LeituraDeLeads, formulario=formulario, especie="importacao")
