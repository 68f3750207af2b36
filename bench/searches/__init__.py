"""Parts of `scripts/bench search`."""
