"""One run, or one cell, asked for from Python and kept in a folder of its own."""
