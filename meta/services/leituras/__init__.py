"""Walks over a form's leads at Meta: the read-back, and what a person asks for."""
