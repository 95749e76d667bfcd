"""Tables of Meta: the account, its pages, their forms, and the leads that came."""

from meta.models.conexoes import ConexaoMeta, ExclusaoDeDados, PaginaMeta
from meta.models.formularios import FormularioLeadAds, FormularioMeta
from meta.models.leads import LeadCapturado, LeituraDeLeads

__all__ = [
    "ConexaoMeta",
    "ExclusaoDeDados",
    "FormularioLeadAds",
    "FormularioMeta",
    "LeadCapturado",
    "LeituraDeLeads",
    "PaginaMeta",
]
