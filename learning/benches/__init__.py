"""Benches: a cell alone, measured by its slot's contract."""
