"""The accelerated plant: the same machine, solved on tables measured from its own cells."""
