"""What samples say: energy, balance, conductance, the cost of a query."""
