"""What the engine is measured against, all of them answering the same two questions about the same shop."""
