"""Mouse and keyboard across machines: typed messages, the customer's gate, injection, and the watch for Stop."""
