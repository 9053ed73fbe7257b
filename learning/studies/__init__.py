"""One run and many: planned, kept, judged, played and told, each in a room of its own."""
