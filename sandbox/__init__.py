"""Simulated providers in a process of their own, reached over the wire only."""
