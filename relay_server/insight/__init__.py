"""What customers say about the work."""
