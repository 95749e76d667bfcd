"""Tables of the domain: who works here, whom they talk to, and what was said."""

from crm.models.atendimento import Rascunho, RespostaRapida
from crm.models.contatos import Contato, IdentidadeContato, UniaoDeContatos
from crm.models.conversas import Conversa, Mensagem, Midia, Reacao
from crm.models.funis import (
    EtapaFunil,
    Funil,
    MovimentoDaOportunidade,
    Oportunidade,
    VezNoFunil,
)
from crm.models.pessoas import Convite, GerenteDeUsuarios, Organizacao, Usuario
from crm.models.segmentos import CampoPersonalizado, Tag, TagDoContato

__all__ = [
    "CampoPersonalizado",
    "Contato",
    "Conversa",
    "Convite",
    "EtapaFunil",
    "Funil",
    "GerenteDeUsuarios",
    "IdentidadeContato",
    "Mensagem",
    "Midia",
    "MovimentoDaOportunidade",
    "Oportunidade",
    "Organizacao",
    "Rascunho",
    "Reacao",
    "RespostaRapida",
    "Tag",
    "TagDoContato",
    "UniaoDeContatos",
    "Usuario",
    "VezNoFunil",
]
