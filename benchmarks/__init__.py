"""One command a target; every figure comes from the run that prints it."""
