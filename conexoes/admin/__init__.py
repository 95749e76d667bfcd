"""The super admin's view: global credentials, features, work, and the audit trail."""

from conexoes.admin.auditoria import RegistroAuditoriaAdmin
from conexoes.admin.credenciais import CredencialGlobalAdmin
from conexoes.admin.leitura import ComBusca, Discreta, SoLeitura
from conexoes.admin.recursos import RecursoDaOrganizacaoAdmin
from conexoes.admin.trabalho import EventoPendenteAdmin, WebhookRecebidoAdmin

__all__ = [
    "ComBusca",
    "CredencialGlobalAdmin",
    "Discreta",
    "EventoPendenteAdmin",
    "RecursoDaOrganizacaoAdmin",
    "RegistroAuditoriaAdmin",
    "SoLeitura",
    "WebhookRecebidoAdmin",
]
