"""Work that outlives a conversation: numbers, states, the step log."""
