"""Where codes lead."""
