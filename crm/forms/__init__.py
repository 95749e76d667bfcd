"""What people type."""

from crm.forms.contatos import ContatoForm, GrupoForm
from crm.forms.funil import (
    CampoForm,
    GanhoForm,
    NovaOportunidadeForm,
    OportunidadeForm,
    PerdaForm,
)
from crm.forms.mensagens import NotaForm, RespostaForm, RespostaRapidaForm
from crm.forms.pessoas import AceiteForm, ConvitesForm, PerfilForm, PessoaForm

__all__ = [
    "AceiteForm",
    "CampoForm",
    "ContatoForm",
    "ConvitesForm",
    "GanhoForm",
    "GrupoForm",
    "NotaForm",
    "NovaOportunidadeForm",
    "OportunidadeForm",
    "PerdaForm",
    "PerfilForm",
    "PessoaForm",
    "RespostaForm",
    "RespostaRapidaForm",
]
