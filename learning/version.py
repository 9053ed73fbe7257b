"""The version of joulearn: the one place that says it; packaging reads it from here."""

__version__ = "0.2.0"
