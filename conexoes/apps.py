"""The foundation's app: rights are granted after every migrate."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ConexoesConfig(AppConfig):
    name = "conexoes"
    verbose_name = "Conexões"

    def ready(self) -> None:
        from conexoes import verificacoes  # noqa: F401 - registers the checks
        from conexoes.concessoes import conceder
        from conexoes.correio import DESTINO, enviar_notificacao
        from conexoes.provedores import Destino, registrar_destino
        from conexoes.retentativas import OPERACOES

        post_migrate.connect(conceder, sender=self, dispatch_uid="conexoes.conceder")
        registrar_destino(
            DESTINO,
            Destino(enviar_notificacao, OPERACOES["enviar_email"], chama_fora=True),
        )
