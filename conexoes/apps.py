"""The foundation's app: rights are granted after every migrate."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ConexoesConfig(AppConfig):
    name = "conexoes"
    verbose_name = "Conexões"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from conexoes import (
            credenciais,
            em_massa,
            panorama,
            retencao,
            verificacoes,  # noqa: F401 - registers the checks
        )
        from conexoes.concessoes import conceder
        from conexoes.correio import DESTINO, descrever, enviar_notificacao
        from conexoes.provedores import Destino, registrar_destino
        from conexoes.retentativas import OPERACOES, Operacao

        post_migrate.connect(conceder, sender=self, dispatch_uid="conexoes.conceder")
        retencao.registrar(
            retencao.Regra("segredos_anteriores", credenciais.esquecer_anteriores)
        )
        registrar_destino(
            DESTINO,
            Destino(
                enviar_notificacao,
                OPERACOES["enviar_email"],
                chama_fora=True,
                nome=_("E-mail"),
                descrever=descrever,
            ),
        )
        registrar_destino(
            panorama.EM_MASSA,
            Destino(em_massa.executar, Operacao(5, 2, "exponencial", 30), True),
        )
