"""Articles and the search that finds them."""
