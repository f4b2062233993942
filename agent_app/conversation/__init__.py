"""One open conversation: header, toolbar, timeline, composer, and the context beside it."""
