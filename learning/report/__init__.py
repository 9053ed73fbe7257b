"""The report of a run: one page that needs nothing but a browser, and the same in a terminal."""
