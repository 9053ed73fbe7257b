"""What a person asks for: the design file, read strictly."""
