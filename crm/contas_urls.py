"""The account pages that are open: log-in, log-out and password. No sign-up."""

from allauth.account import views
from django.urls import path, re_path

from crm.views import convites

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
]
