"""Routes of the integration."""

from django.urls import path

from meta import webhooks

urlpatterns = [
    path("webhooks/meta-leads", webhooks.receber, name="meta_webhook"),
]
