"""Puts our site where Django's own would stand."""

from django.contrib.admin.apps import AdminConfig


class PainelConfig(AdminConfig):
    default_site = "conexoes.painel.site.Painel"
