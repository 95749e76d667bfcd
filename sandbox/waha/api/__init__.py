"""The server's HTTP API, as 2026.2.1 answers it, under /waha.

Views are coroutines and never block: they wait only where the real server waits.
"""
