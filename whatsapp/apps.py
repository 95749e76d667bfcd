"""The integration's app: registers its provider."""

from django.apps import AppConfig


class WhatsappConfig(AppConfig):
    name = "whatsapp"
    verbose_name = "WhatsApp"

    def ready(self) -> None:
        from conexoes import retencao
        from conexoes.provedores import registrar
        from whatsapp.provedor import PROVEDOR
        from whatsapp.services.retencao import REGRAS

        registrar(PROVEDOR)
        retencao.registrar(*REGRAS)
