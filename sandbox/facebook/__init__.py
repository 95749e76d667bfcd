"""Facebook's log-in dialog."""
