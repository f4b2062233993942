"""Recordings as they are kept: encrypted to a key that only its keeper can open."""
