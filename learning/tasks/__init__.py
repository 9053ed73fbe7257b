"""What a network is taught: the kinds of task, each a file here and a row in `lesson`."""
