"""What a deck may not do, and the walls around what it runs in."""
