"""System information: the customer looks through it before it is sent."""
