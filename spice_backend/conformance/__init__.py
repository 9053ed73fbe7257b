"""Engines and texts held against each other."""
