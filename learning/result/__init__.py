"""What a run leaves, typed."""
