"""The pages of Meta."""
