"""The domain: organisations, people, contacts, conversations, messages."""
