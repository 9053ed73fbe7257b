"""Netlists as text: read, written, and what other dialects write."""
