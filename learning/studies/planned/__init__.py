"""What a study asks for: its file read strictly, its axes and figures, and every point named."""
