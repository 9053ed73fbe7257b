"""What became of the points: records in a folder that is absent or complete, and opened again."""
