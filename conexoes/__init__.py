"""The shared foundation: what every connection needs. It names no integration."""
