"""What the points say: intervals, specs held or not, rankings, and what the study found."""
