"""The integration's app."""

from django.apps import AppConfig


class MetaConfig(AppConfig):
    name = "meta"
    verbose_name = "Meta"
