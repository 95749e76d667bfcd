"""What people decide on the pages of Meta."""
