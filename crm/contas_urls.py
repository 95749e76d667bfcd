"""The account pages: log-in, log-out, password, second step, profile. No sign-up."""

from allauth.account import views
from django.urls import path, re_path

from crm.views import convites, duas_etapas, perfil

urlpatterns = [
    path("entrar/", views.login, name="account_login"),
    path("convite/<str:token>/", convites.aceitar, name="aceitar_convite"),
    path("sair/", views.logout, name="account_logout"),
    path("inativa/", views.account_inactive, name="account_inactive"),
    path("reautenticar/", views.reauthenticate, name="account_reauthenticate"),
    path("senha/alterar/", views.password_change, name="account_change_password"),
    path("senha/esqueci/", views.password_reset, name="account_reset_password"),
    path(
        "senha/esqueci/enviado/",
        views.password_reset_done,
        name="account_reset_password_done",
    ),
    re_path(
        r"^senha/nova/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "senha/nova/pronto/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("perfil/", perfil.perfil, name="perfil"),
    path("perfil/aparelhos/sair/", perfil.sair_dos_outros, name="sair_dos_outros"),
    path("duas-etapas/", duas_etapas.inicio, name="mfa_index"),
    path("duas-etapas/codigo/", duas_etapas.entrar, name="mfa_authenticate"),
    path("duas-etapas/confirmar/", duas_etapas.confirmar, name="mfa_reauthenticate"),
    path("duas-etapas/ativar/", duas_etapas.ativar, name="mfa_activate_totp"),
    path("duas-etapas/desativar/", duas_etapas.desativar, name="mfa_deactivate_totp"),
    path("duas-etapas/reserva/", duas_etapas.reserva, name="mfa_view_recovery_codes"),
    path(
        "duas-etapas/reserva/novos/",
        duas_etapas.nova_reserva,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "duas-etapas/reserva/baixar/",
        duas_etapas.baixar_reserva,
        name="mfa_download_recovery_codes",
    ),
]
