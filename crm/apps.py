"""The domain's app."""

from django.apps import AppConfig


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = "CRM"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from conexoes import retencao
        from conexoes.provedores import Destino, registrar_destino
        from conexoes.retentativas import OPERACOES
        from crm.services.assuntos import do_convite
        from crm.services.convites import DESTINO, enviar_convite
        from crm.services.retencao import REGRAS

        retencao.registrar(*REGRAS)

        registrar_destino(
            DESTINO,
            Destino(
                enviar_convite,
                OPERACOES["enviar_email"],
                chama_fora=True,
                nome=_("Convite"),
                descrever=do_convite,
            ),
        )
