"""Understanding and embracing imperfection in physical learning networks, in transistors."""
