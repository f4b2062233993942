"""In line: the place, the expected wait, what happens next."""
