"""Talking with the engineers of a conversation."""
