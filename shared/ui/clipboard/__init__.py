"""The clipboard of this desktop."""
