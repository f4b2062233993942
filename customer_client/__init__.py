"""The customer's program: search, ask, wait, talk, share the screen on one's own terms, and see what was done."""
