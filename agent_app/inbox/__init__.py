"""The list of this agent's conversations."""
