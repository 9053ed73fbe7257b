"""Who plays a schedule: plants behind one protocol."""
