"""One lead's way in: told of, read, made a contact and a deal, traced."""
