"""Writing up what was done, before a conversation is closed."""
