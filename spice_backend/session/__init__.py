"""A simulator in a process of its own, and how a run with it ended."""
