"""WAHA as it behaves on the wire, engine NOWEB."""
