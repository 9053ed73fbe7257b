"""What crosses the border of a simulator's process."""
