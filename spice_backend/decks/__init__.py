"""Decks made ready for a simulator."""
