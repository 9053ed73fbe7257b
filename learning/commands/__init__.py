"""The commands of the command line: a table of them, and a module each that does the work."""
