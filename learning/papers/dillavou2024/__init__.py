"""Dillavou et al., PNAS 2024: the transistor board, held against what is published of it."""
