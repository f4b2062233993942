"""One timeline between customers and agents: its states, streams and rows."""
