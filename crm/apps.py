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
        from crm.services import assuntos, convites, senhas
        from crm.services.retencao import REGRAS

        retencao.registrar(*REGRAS)
        for destino, verbo, nome, descrever in (
            (
                convites.DESTINO,
                convites.enviar_convite,
                _("Convite"),
                assuntos.do_convite,
            ),
            (senhas.DESTINO, senhas.enviar_link, _("Senha nova"), assuntos.da_senha),
        ):
            registrar_destino(
                destino,
                Destino(
                    verbo,
                    OPERACOES["enviar_email"],
                    chama_fora=True,
                    nome=nome,
                    descrever=descrever,
                ),
            )
