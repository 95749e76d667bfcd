"""Shapes of the endpoints of Meta."""
