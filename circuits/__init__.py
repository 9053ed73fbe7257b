"""What hardware people edit, shipped as data: cells, processes, data sets and designs."""
