"""How fast files go beside input, over real connections between two processes."""
