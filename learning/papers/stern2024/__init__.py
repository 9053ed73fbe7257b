"""The source paper, once as its authors did it and once in transistors with everything counted."""
