"""A run beside processors: the same task as well done, and what that costs them."""
