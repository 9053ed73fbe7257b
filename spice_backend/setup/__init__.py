"""ngspice found or installed, and what it can do."""
