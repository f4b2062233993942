"""How long each program takes from its start to a window that can be used, and what it weighs then."""
