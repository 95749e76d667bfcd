"""Tables of the domain: who works here, whom they talk to, and what was said."""

from crm.models.atendimento import Rascunho, RespostaRapida
from crm.models.contatos import Contato, IdentidadeContato, UniaoDeContatos
from crm.models.conversas import Conversa, Mensagem, Midia, Reacao
from crm.models.pessoas import Convite, GerenteDeUsuarios, Organizacao, Usuario

__all__ = [
    "Contato",
    "Conversa",
    "Convite",
    "GerenteDeUsuarios",
    "IdentidadeContato",
    "Mensagem",
    "Midia",
    "Organizacao",
    "Rascunho",
    "Reacao",
    "RespostaRapida",
    "UniaoDeContatos",
    "Usuario",
]
