"""Blobs: hashed, bounded, outside every web root."""
