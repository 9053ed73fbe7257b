"""The same told to people: a page, its tables and pictures, and lines in a terminal."""
