"""What every room shares: the port to the relay, and the one picture of this agent's work that pushes keep fresh."""
