"""People who sign in: agents' passwords and tokens, customers' device keys, and who may do what."""
