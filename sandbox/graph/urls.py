"""Every path under /graph/ has one door."""

from django.urls import re_path

from sandbox.graph.porta import atender

urlpatterns = [re_path("^(?P<caminho>.*)$", atender)]
