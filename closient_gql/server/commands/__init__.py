"""Groups of commands of `closient`, one module each."""
