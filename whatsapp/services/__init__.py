"""The integration's verbs."""
