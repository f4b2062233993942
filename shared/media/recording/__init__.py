"""Recordings of a shared screen, made from what the viewer received and played from it."""
