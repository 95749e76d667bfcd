"""The domain's verbs."""
