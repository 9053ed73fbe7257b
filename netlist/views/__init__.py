"""Circuits in other shapes: pictures, PySpice."""
