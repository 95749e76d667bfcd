"""The JSON of the domain; shapes only."""
