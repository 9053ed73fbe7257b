"""Passes over a circuit: each reads one and gives another, or facts about it."""
