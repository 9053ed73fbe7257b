"""What a machine is made of: cells, slots, processes."""
