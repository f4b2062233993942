"""The messages, one file a subject. A command is imperative, an event past, a push describes the present."""
