"""How many durable messages a second the relay acknowledges, how soon, and what a client costs."""
