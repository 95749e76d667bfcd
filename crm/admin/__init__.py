"""Organisations and people: how the first ones of an installation are made."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group

from crm.admin.organizacoes import OrganizacaoAdmin
from crm.admin.pessoas import UsuarioAdmin

# Nobody here has groups, log-in keeps its own list of addresses, and a second factor is
# its person's affair.
admin.site.unregister([Group, EmailAddress, Authenticator])

__all__ = ["OrganizacaoAdmin", "UsuarioAdmin"]
