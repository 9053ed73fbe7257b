"""A run beside processors: the same task at the same error, and what that costs them."""
