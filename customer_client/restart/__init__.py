"""Restarting this computer in a remote session, and coming back into it."""
