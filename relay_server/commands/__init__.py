"""What the command line does beside serving. `__main__` parses and chooses, these carry out."""
