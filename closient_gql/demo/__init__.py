"""Real products to start with; see README.md for their source and licence."""
