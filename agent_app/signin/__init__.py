"""Signing in: server, name, password, and whether the keyring may keep the way back in."""
