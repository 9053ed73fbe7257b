"""One network that is free and clamped in turn, on tables."""
