"""What GS1 identifiers are written in. Knows nothing of products, tables or HTTP."""
