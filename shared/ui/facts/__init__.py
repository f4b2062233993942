"""System information on screen, the same lines on both sides."""
