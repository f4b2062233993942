"""Laws are tried the same way on every machine: no luck in what is found, no clock in how long it takes."""

from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("ci")
