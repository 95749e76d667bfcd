"""What people type."""

from crm.forms.contatos import ContatoForm, GrupoForm
from crm.forms.mensagens import NotaForm, RespostaForm, RespostaRapidaForm
from crm.forms.pessoas import AceiteForm, ConvitesForm, PerfilForm, PessoaForm

__all__ = [
    "AceiteForm",
    "ContatoForm",
    "ConvitesForm",
    "GrupoForm",
    "NotaForm",
    "PerfilForm",
    "PessoaForm",
    "RespostaForm",
    "RespostaRapidaForm",
]
