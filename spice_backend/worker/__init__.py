"""The simulator's own process."""
