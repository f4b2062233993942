"""The customer's requests: a list with step bars, and one request with its steps."""
