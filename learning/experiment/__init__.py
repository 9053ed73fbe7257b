"""A design made concrete: network, schedule, control lines, deck."""
