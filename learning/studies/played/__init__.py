"""Points played: by whom, beside this process, until the end or a stop rule."""
