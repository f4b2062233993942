"""What waits in this agent's groups, and taking from it by hand."""
