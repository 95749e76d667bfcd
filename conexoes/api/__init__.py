"""What every endpoint shares, and the endpoints of the foundation itself."""
