"""The outside interface over HTTP: one table of routes, from which its description is made too."""
