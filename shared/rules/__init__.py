"""Pure rules that both ends must agree on: no clock, no I/O, no randomness."""
