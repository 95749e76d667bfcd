"""Endpoints of Meta, under /api/v1/conexoes/meta/."""
