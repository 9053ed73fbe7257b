"""A machine put together: topology, roles, names, assembler."""
